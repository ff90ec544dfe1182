//! Everything that trains the authors' models.

use burn::tensor::Device;
use pathweave::rule::fused::mha::FusedMha;
use pathweave::rule::fused::{FusedEngine, FusedMlp, Rnn};
use pathweave::rule::{Engine, PlainEngine, RuleShape};
use pathweave::spec::{OptimizerKind, TrainSpec};
use pathweave_data::Streams;
use pathweave_data::dataset::rules::RuleFamily;

/// Every engine that has the model, by name.
pub fn engines(shape: &RuleShape) -> Vec<(&'static str, Box<dyn Engine>)> {
    let train = TrainSpec { optimizer: OptimizerKind::Adam, ..TrainSpec::default() };
    let streams = Streams::new(train.seed);
    let fused = match shape.family {
        RuleFamily::Mlp => boxed(FusedEngine::<FusedMlp>::new(shape, &streams)),
        RuleFamily::Mha => boxed(FusedEngine::<FusedMha>::new(shape, &streams)),
        RuleFamily::Rnn => boxed(FusedEngine::<Rnn>::new(shape, &streams)),
    };
    vec![("plain", Box::new(PlainEngine::new(shape, &train, &Device::flex()))), ("fused", fused)]
}

fn boxed(engine: Option<impl Engine + 'static>) -> Box<dyn Engine> {
    Box::new(engine.expect("a fused engine of every published model"))
}

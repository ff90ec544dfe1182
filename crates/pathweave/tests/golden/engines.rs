//! Everything that trains the authors' models.

use burn::tensor::Device;
use pathweave::rule::fused::{FusedEngine, FusedMha, FusedMlp, FusedModel, Rnn};
use pathweave::rule::{Engine, PlainEngine, RuleShape};
use pathweave::spec::{OptimizerKind, TrainSpec};
use pathweave_data::Streams;
use pathweave_data::dataset::rules::RuleFamily;

/// An engine by name.
pub type Trained = (&'static str, Box<dyn Engine>);

/// Both engines of a model: whole steps on plain memory, and ordinary tensor operations.
pub fn engines(shape: &RuleShape) -> Result<[Trained; 2], String> {
    let fused = match shape.family {
        RuleFamily::Mlp => fused::<FusedMlp>(shape),
        RuleFamily::Mha => fused::<FusedMha>(shape),
        RuleFamily::Rnn => fused::<Rnn>(shape),
    };
    let train = TrainSpec { optimizer: OptimizerKind::Adam, ..TrainSpec::default() };
    let plain = PlainEngine::new(shape, &train, &Device::flex());
    Ok([("fused", fused.ok_or("no fused passes")?), ("plain", Box::new(plain))])
}

fn fused<F: FusedModel + 'static>(shape: &RuleShape) -> Option<Box<dyn Engine>> {
    let engine = FusedEngine::<F>::new(shape, &Streams::new(0))?;
    Some(Box::new(engine))
}

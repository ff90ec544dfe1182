//! Which models have fused steps.

use burn::tensor::Device;
use pathweave_data::Streams;
use pathweave_data::dataset::RulesSpec;
use pathweave_data::dataset::rules::RuleFamily;

use super::mha::FusedMha;
use super::{FusedEngine, FusedMlp, FusedModel, Rnn};
use crate::rule::engine::Engine;
use crate::rule::shape::RuleShape;
use crate::spec::{OptimizerKind, TrainSpec};

/// The fused engine of a soft model; `None` where there is none: on devices other than the
/// processor, for optimizers other than Adam, with weight decay, and where rules are composed.
pub fn fused_engine(
    shape: &RuleShape,
    data: &RulesSpec,
    train: &TrainSpec,
    device: &Device,
) -> Option<Box<dyn Engine>> {
    let plain = train.optimizer == OptimizerKind::Adam && train.weight_decay == 0.0;
    if !plain || data.depth != 1 || !is_processor(device) {
        return None;
    }
    let streams = Streams::new(train.seed);
    match shape.family {
        RuleFamily::Mlp => engine::<FusedMlp>(shape, &streams),
        RuleFamily::Mha => engine::<FusedMha>(shape, &streams),
        RuleFamily::Rnn => engine::<Rnn>(shape, &streams),
    }
}

fn engine<F: FusedModel + 'static>(
    shape: &RuleShape,
    streams: &Streams,
) -> Option<Box<dyn Engine>> {
    FusedEngine::<F>::new(shape, streams).map(|engine| Box::new(engine) as Box<dyn Engine>)
}

#[cfg(feature = "flex")]
fn is_processor(device: &Device) -> bool {
    crate::kernel::has_kernels(device)
}

#[cfg(not(feature = "flex"))]
fn is_processor(_: &Device) -> bool {
    false
}

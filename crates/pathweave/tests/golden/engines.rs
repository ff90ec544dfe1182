//! Everything that trains the authors' models.

use burn::tensor::Device;
use pathweave::rule::{Engine, PlainEngine, RuleShape};
use pathweave::spec::{OptimizerKind, TrainSpec};

/// Every engine that has the model, by name.
pub fn engines(shape: &RuleShape) -> Vec<(&'static str, Box<dyn Engine>)> {
    let train = TrainSpec { optimizer: OptimizerKind::Adam, ..TrainSpec::default() };
    vec![("plain", Box::new(PlainEngine::new(shape, &train, &Device::flex())))]
}

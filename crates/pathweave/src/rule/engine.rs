//! What trains a model of the benchmark: the loop knows nothing else of it.

use pathweave_data::dataset::rules::RuleBatch;

use super::shape::RuleShape;
use crate::train::NamedArray;

/// What a model makes of a batch. Buffers are reused.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prediction {
    /// Regression: ŷ. Classification: the logit of y = 1. [rows, outputs]
    pub output: Vec<f32>,
    /// p(m), the modules' activation; empty for `Monolithic`. Where rules are composed, of each
    /// depth in turn. [rows · depth, M]
    pub activation: Vec<f32>,
}

/// Settings of one update.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Update {
    /// Learning rate
    pub rate: f64,
    /// Bound on the global norm of the gradient; 0 means none
    pub clip_norm: f64,
    /// Epochs behind the update, with their fraction: what schedules of a router go by
    pub epoch: f64,
}

/// Everything that the next step depends on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EngineState {
    /// Parameters, by the authors' names where the model is theirs
    pub parameters: Vec<NamedArray>,
    /// Moments of the optimizer, `NAME#SLOT`
    pub moments: Vec<NamedArray>,
    /// Updates made
    pub updates: u64,
}

/// A model and its optimizer.
pub trait Engine {
    /// Sizes of the model.
    fn shape(&self) -> &RuleShape;

    /// Trainable numbers.
    fn parameters(&self) -> u64;

    /// One forward pass, backward pass and update; the mean loss of the batch before the update.
    ///
    /// Where the loss or the gradient is not finite nothing moves, and the loss given back is not
    /// finite.
    fn step(&mut self, batch: &RuleBatch, update: &Update) -> f64;

    /// A forward pass.
    fn predict(&mut self, batch: &RuleBatch, into: &mut Prediction);

    /// The state between two steps.
    fn state(&self) -> EngineState;

    /// Goes back to a state, to the bit.
    ///
    /// # Errors
    /// The first array that is missing or has another shape.
    fn restore(&mut self, state: &EngineState) -> Result<(), crate::train::RestoreError>;
}

//! Whole training steps on plain memory: forward pass, backward pass and update of the benchmark's
//! soft models, written out on flat buffers.

mod adam;
mod choose;
mod engine;
pub mod mha;
mod mlp;
mod rnn;

pub use adam::{Moments, adam, clip_factor};
pub use choose::fused_engine;
pub use engine::FusedEngine;
pub use mha::FusedMha;
pub use mlp::FusedMlp;
pub use rnn::Rnn;

use pathweave_data::dataset::rules::RuleBatch;

use super::engine::Prediction;
use super::shape::RuleShape;

/// Forward and backward pass of one architecture, parameters in the order of
/// [`super::Layout`]. The buffers of a step belong to it and are reused.
pub trait FusedModel {
    /// For models of a shape; `None` where this architecture's passes do not cover it.
    fn new(shape: &RuleShape) -> Option<Self>
    where
        Self: Sized;

    /// The mean loss of a batch and its gradient, which is overwritten. \[P\], \[P\]
    fn gradient(&mut self, parameters: &[f32], batch: &RuleBatch, gradient: &mut [f32]) -> f64;

    /// A forward pass.
    fn predict(&mut self, parameters: &[f32], batch: &RuleBatch, into: &mut Prediction);
}

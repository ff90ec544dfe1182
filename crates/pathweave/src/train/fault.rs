//! What stops a step.

use thiserror::Error;

use super::Place;

/// What stops a step. Network, optimizer and reward memory are then as they were before it.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum StepError {
    /// A loss or a return is NaN or infinite.
    #[error(
        "step {step}: the {which} is {value}, and {place}: the run diverged; a smaller learning \
         rate or train.clip_norm may help"
    )]
    NotFinite {
        /// Number of the step, from 0
        step: u64,
        /// module loss, router loss or return
        which: &'static str,
        /// NaN or infinity
        value: f32,
        /// Where the first such number is, in the order of the forward pass
        place: Place,
    },
    /// A parameter or running average became NaN or infinite by an update whose loss was finite.
    /// Found when a checkpoint is to be written, which must not keep it.
    #[error(
        "before step {step}: the update left numbers that are not finite in {array}: the run \
         diverged; a smaller learning rate or train.clip_norm may help"
    )]
    Update {
        /// Number of the step that would follow, from 0
        step: u64,
        /// Path of the parameter in the network
        array: String,
    },
    /// There is nothing to learn from.
    #[error("step {step}: the batch is empty")]
    EmptyBatch {
        /// Number of the step, from 0
        step: u64,
    },
}

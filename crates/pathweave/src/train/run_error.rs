//! What ends a run early.

use thiserror::Error;

use super::fault::StepError;
use super::replay::ReplayError;
use super::snapshot::RestoreError;
use crate::model::BuildError;
use crate::model::text::transformer::WeightsError;

/// What ends a run early.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum RunError {
    /// Spec and data do not fit.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The checkpoint is of another network.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// A step failed.
    #[error(transparent)]
    Step(#[from] StepError),
    /// The recorded decisions do not fit.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// Pretrained blocks do not fit.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// Pretraining failed.
    #[error(
        "pretraining, step {step}: the loss is {value}: model.text.transformer.pretrain_rate may be too high"
    )]
    Pretraining {
        /// From 0
        step: u64,
        /// What it is
        value: f32,
    },
    /// Nothing to learn from.
    #[error("the data set has no training samples")]
    NoSamples,
    /// Nothing to learn from before the training proper.
    #[error(
        "train.before_epochs is above 0, but the data set has no samples for them: see data.before"
    )]
    NothingBefore,
}

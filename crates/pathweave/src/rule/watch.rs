//! What a run on rule data tells, and its state between two steps.

use pathweave_eval::joint::Joint;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::engine::EngineState;
use super::evaluate::RuleEvaluation;
use super::finals::RuleFinals;
use crate::train::{Control, NamedArray, RestoreError};

/// The best validation loss so far.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Epochs before it
    pub epoch: u64,
    /// The loss
    pub loss: f64,
}

/// What is not an array.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RuleCounters {
    /// Steps made
    pub step: u64,
    /// Training losses since the last evaluation, summed
    pub loss_sum: f64,
    /// How many those are
    pub losses: u64,
    /// The best evaluation; none before the first with a finite loss
    pub best: Option<Best>,
    /// Epochs before the last evaluation
    pub evaluated: u64,
}

impl RuleCounters {
    /// Epochs without a better validation loss.
    pub fn stale(&self) -> u64 {
        self.evaluated - self.best.map_or(0, |best| best.epoch)
    }
}

/// A run between two steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleSnapshot {
    /// Model and optimizer
    pub state: EngineState,
    /// Parameters of the best evaluation; none before the first with a finite loss
    pub best: Vec<NamedArray>,
    /// The rest
    pub counters: RuleCounters,
}

/// Scores of one moment.
#[derive(Clone, Debug)]
pub struct RuleMoment {
    /// Steps made
    pub step: u64,
    /// Epochs completed
    pub epoch: u64,
    /// Mean training loss since the evaluation before
    pub train_loss: f64,
    /// On the validation set
    pub validation: RuleEvaluation,
}

impl RuleMoment {
    /// Activation of modules by rules on the validation set.
    pub fn joint(&self) -> Option<&Joint> {
        self.validation.joint.as_ref()
    }
}

/// Watches a run. All files, clocks and terminals are behind this trait.
pub trait Watch {
    /// Before the first step: steps of the whole run, steps made before, trainable numbers.
    fn start(&mut self, _steps: u64, _done: u64, _parameters: u64) {}

    /// Steps after which [`Watch::steps`] is called the next time; an epoch's end is never passed.
    fn pace(&self) -> u64 {
        64
    }

    /// After some steps: how many were made in all.
    fn steps(&mut self, _step: u64) -> Control {
        Control::Continue
    }

    /// Before and after an evaluation, so that its time can be told from training.
    fn evaluating(&mut self, _begins: bool) {}

    /// After every evaluation.
    fn evaluated(&mut self, _moment: &RuleMoment) {}

    /// Where [`Watch::steps`] asked for one, and after the last step.
    fn snapshot(&mut self, _snapshot: &RuleSnapshot) {}

    /// Between the parts of the evaluation at the end: whether to leave the rest for another time.
    fn stops(&mut self) -> bool {
        false
    }
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watch for Unwatched {}

/// How a run ended.
#[derive(Clone, Debug)]
pub enum RuleFinished {
    /// All epochs were run, or none of the last ones was better.
    Complete(Box<RuleComplete>),
    /// The observer asked to stop.
    Stopped {
        /// Steps made
        step: u64,
    },
}

/// Result of a complete run.
#[derive(Clone, Debug)]
pub struct RuleComplete {
    /// The model after the last step, on every test set
    pub last: RuleFinals,
    /// The model of the best validation loss
    pub best: RuleFinals,
    /// Trainable numbers in the model
    pub parameters: u64,
    /// The state after the last step
    pub snapshot: RuleSnapshot,
    /// Hash of the task
    pub fingerprint: String,
}

/// What ends a run early.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum RuleRunError {
    /// The spec names a set of images.
    #[error("data.name: no rule data")]
    NoRules,
    /// The checkpoint is of another model.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// A loss or gradient was not finite.
    #[error(
        "step {step}: the loss is {loss}: the run diverged; a smaller learning rate or \
         train.clip_norm may help"
    )]
    Diverged {
        /// Number of the step, from 0
        step: u64,
        /// NaN or infinity
        loss: f64,
    },
}

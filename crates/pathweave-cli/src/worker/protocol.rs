//! What parent and worker tell each other: one JSON object a line.

use std::path::PathBuf;

use pathweave::spec::RunSpec;
use serde::{Deserialize, Serialize};

use crate::device::DeviceName;

/// What a worker is asked to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// The run
    pub spec: RunSpec,
    /// Folder of runs
    pub out: PathBuf,
    /// Folder of data files
    pub data: Option<PathBuf>,
    /// Where tensors live
    pub device: DeviceName,
    /// Seconds between checkpoints
    pub checkpoint_seconds: f64,
    /// Whether to wait where another process runs this run
    pub waits: bool,
}

/// What a worker tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// Another process runs this run; its end is waited for
    Waiting,
    /// Another process runs this run; its end is not waited for
    Elsewhere,
    /// Training begins
    Started {
        /// Steps of the whole run
        steps: u64,
        /// Steps made before
        done: u64,
    },
    /// Steps made so far
    Step {
        /// Their number
        step: u64,
    },
    /// An evaluation
    Evaluated {
        /// Epochs completed
        epoch: u64,
        /// Epochs of the whole run
        epochs: u64,
        /// Share of right answers on the test split
        accuracy: f64,
    },
    /// An evaluation of a model on rule data
    Validated {
        /// Epochs completed
        epoch: u64,
        /// Epochs of the whole run
        epochs: u64,
        /// Mean loss on the validation set; none where it is not finite
        loss: Option<f64>,
    },
    /// The encoder is being pretrained
    Pretraining {
        /// Steps made
        done: u64,
        /// Of how many
        total: u64,
    },
    /// An alarm rang
    Alarm {
        /// Its words
        text: String,
    },
    /// An alarm ended the run; a checkpoint was written
    Alarmed {
        /// Its words
        message: String,
    },
    /// The run's files are complete
    Finished,
    /// A checkpoint was written on request
    Stopped,
    /// The run failed
    Failed {
        /// What is to blame
        kind: FailureKind,
        /// Its words
        message: String,
    },
}

/// What is to blame for a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The spec
    Spec,
    /// The data
    Data,
    /// The run itself, or a file
    Run,
}

impl Event {
    /// Tells the parent.
    pub fn tell(&self) {
        super::tell(&serde_json::to_string(self).expect("events are plain"));
    }
}

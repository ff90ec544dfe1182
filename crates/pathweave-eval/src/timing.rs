//! How long a run took: apart from its record, whose bytes repeat.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::number;
use crate::record::RecordError;

/// The version of a timing that this crate writes.
pub const TIMING_VERSION: u32 = 1;

/// How long a run took, and on what.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timing {
    /// Version of the timing's form.
    pub version: u32,
    /// From start to end, in seconds.
    #[serde(with = "number")]
    pub wall_seconds: f64,
    /// Spent on training steps, in seconds.
    #[serde(with = "number")]
    pub train_seconds: f64,
    /// Spent on evaluations, in seconds.
    #[serde(with = "number")]
    pub eval_seconds: f64,
    /// Training steps a second of training.
    #[serde(with = "number")]
    pub steps_per_second: f64,
    /// Training time of one task in one epoch, in seconds (T figure 5.5).
    #[serde(with = "number")]
    pub seconds_per_task_epoch: f64,
    /// The most memory the process held, in bytes; none where the system does not tell.
    pub peak_rss_bytes: Option<u64>,
    /// Threads of the run.
    pub threads: u32,
    /// The processor's name.
    pub host_cpu: String,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: BTreeMap<String, Value>,
}

impl Timing {
    /// Names of its numbers.
    pub const NUMBERS: [&str; 6] = [
        "wall_seconds",
        "train_seconds",
        "eval_seconds",
        "steps_per_second",
        "seconds_per_task_epoch",
        "peak_rss_bytes",
    ];

    /// Reads a timing; `file` is the file's name in an error.
    ///
    /// # Errors
    ///
    /// The text is no JSON, or a field has another type.
    pub fn from_json(text: &str, file: &str) -> Result<Self, RecordError> {
        serde_json::from_str(text).map_err(|source| RecordError { file: file.to_owned(), source })
    }

    /// The timing as JSON with a line end.
    pub fn to_json(&self) -> String {
        format!("{:#}\n", serde_json::json!(self))
    }

    /// One of its numbers by its field's name; none for other names.
    pub fn value(&self, name: &str) -> Option<f64> {
        Some(match name {
            "wall_seconds" => self.wall_seconds,
            "train_seconds" => self.train_seconds,
            "eval_seconds" => self.eval_seconds,
            "steps_per_second" => self.steps_per_second,
            "seconds_per_task_epoch" => self.seconds_per_task_epoch,
            "peak_rss_bytes" => self.peak_rss_bytes? as f64,
            _ => return None,
        })
    }
}

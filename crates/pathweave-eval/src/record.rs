//! What remains of a run: its settings and what it reached.
//!
//! A record holds no time: the same run gives the same bytes on every machine. How long it took
//! is in [`crate::timing`]. Fields that this version does not know are kept, fields that an older
//! version did not write are filled with their defaults.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::number;

/// The version of a record that this crate writes.
pub const RECORD_VERSION: u32 = 1;

/// What remains of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Version of the record's form.
    pub version: u32,
    /// The run's id.
    pub id: String,
    /// The model's label.
    pub name: String,
    /// The experiment that the run belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    /// Seed of every random stream.
    #[serde(default)]
    pub seed: u64,
    /// The settings.
    #[serde(default)]
    pub spec: Value,
    /// The data.
    #[serde(default)]
    pub dataset: DatasetRecord,
    /// Version of the program.
    #[serde(default)]
    pub program: String,
    /// Name of the device.
    #[serde(default)]
    pub device: String,
    /// Training steps taken.
    #[serde(default)]
    pub steps: u64,
    /// Training epochs taken.
    #[serde(default)]
    pub epochs: u64,
    /// Number of trained parameters.
    #[serde(default)]
    pub parameters: u64,
    /// Final metrics by name; a metric with a value a depth has the names `metric/0`, `metric/1`….
    #[serde(default, with = "number::map")]
    pub metrics: BTreeMap<String, f64>,
    /// The result on each task.
    #[serde(default)]
    pub per_task: Vec<TaskResult>,
    /// The result on each group of sentence pairs, such as those of one construction; empty where
    /// there are no groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub per_group: Vec<TaskResult>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: BTreeMap<String, Value>,
}

/// The data of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DatasetRecord {
    /// Its name.
    pub name: String,
    /// A hash of its content.
    pub fingerprint: String,
    /// Samples to train on.
    pub train: u64,
    /// Samples to test on.
    pub test: u64,
    /// Number of tasks.
    pub tasks: u64,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: BTreeMap<String, Value>,
}

/// The result on one task, or one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskResult {
    /// The name of the task or the group.
    pub task: String,
    /// Share of its test samples that are right.
    #[serde(with = "number")]
    pub accuracy: f64,
    /// Mean loss over its test samples.
    #[serde(with = "number")]
    pub loss: f64,
    /// Number of its test samples.
    pub n: u64,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: BTreeMap<String, Value>,
}

/// A text that is no record, or no timing.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {source}")]
pub struct RecordError {
    /// The file.
    pub file: String,
    /// What is wrong, with line and column.
    pub source: serde_json::Error,
}

impl RunRecord {
    /// A record with nothing in it but its names.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            version: RECORD_VERSION,
            id: id.into(),
            name: name.into(),
            experiment: None,
            seed: 0,
            spec: Value::Null,
            dataset: DatasetRecord::default(),
            program: String::new(),
            device: String::new(),
            steps: 0,
            epochs: 0,
            parameters: 0,
            metrics: BTreeMap::new(),
            per_task: Vec::new(),
            per_group: Vec::new(),
            extra: BTreeMap::new(),
        }
    }

    /// Reads a record; `file` is the file's name in an error.
    ///
    /// # Errors
    ///
    /// The text is no JSON, lacks version, id or name, or a field has another type.
    pub fn from_json(text: &str, file: &str) -> Result<Self, RecordError> {
        serde_json::from_str(text).map_err(|source| RecordError { file: file.to_owned(), source })
    }

    /// The record as JSON with a line end. The same record gives the same bytes.
    pub fn to_json(&self) -> String {
        format!("{:#}\n", serde_json::json!(self))
    }
}

#[cfg(test)]
mod tests;

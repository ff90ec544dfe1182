//! What a run of a sweep failed of, kept beside its other files until it succeeds.

use std::fs;

use serde::{Deserialize, Serialize};

use crate::{LARGEST, RunFolder, StoreError, read_plain, write_text};

/// In the run's folder.
pub const FAILED: &str = "failed.json";

/// What a run failed of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The run's id
    pub id: String,
    /// Name and seed
    pub name: String,
    /// Its words
    pub error: String,
    /// How often it was tried
    pub attempts: u32,
}

impl Failure {
    /// Keeps it.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&self, folder: &RunFolder) -> Result<(), StoreError> {
        let text = serde_json::to_string(self).expect("texts and a number");
        write_text(&folder.file(FAILED), &format!("{text}\n"))
    }

    /// Reads what was kept; none where the run did not fail.
    pub fn read(folder: &RunFolder) -> Option<Self> {
        serde_json::from_slice(&read_plain(&folder.file(FAILED), LARGEST).ok()??).ok()
    }

    /// The run succeeded, or is tried anew.
    pub fn clear(folder: &RunFolder) {
        // Where it is not there, or cannot be removed, the record still says that the run is done.
        _ = fs::remove_file(folder.file(FAILED));
    }

    /// A line about it.
    pub fn line(&self) -> String {
        let Self { id, name, error, attempts } = self;
        format!("{name} ({id}), tried {attempts} times: {}", error.replace('\n', "; "))
    }
}

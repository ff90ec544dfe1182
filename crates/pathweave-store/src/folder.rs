//! The files of one run.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;

use crate::StoreError;

/// Version of the form of a run's folder; part of its id.
pub const FORMAT: u32 = 1;

/// The spec, as TOML.
pub const SPEC: &str = "spec.toml";
/// What the run reached. It is written last: where it is, the run is finished.
pub const RECORD: &str = "record.json";
/// How long it took.
pub const TIMING: &str = "timing.json";
/// Scalars over training.
pub const CURVES: &str = "curves.csv";
/// The same for TensorBoard.
pub const EVENTS: &str = "events.out.tfevents.0.pathweave";
/// Every decision of the last evaluation on the test split.
pub const ROUTING_JSONL: &str = "routing.jsonl";
/// The same as Parquet.
pub const ROUTING_PARQUET: &str = "routing.parquet";
/// Every decision of training and of the evaluations in it, where the spec asks for them.
pub const DECISIONS: &str = "decisions.jsonl";
/// Parameters and running averages after the last step.
pub const MODEL: &str = "model.safetensors";
/// Rule data: parameters of the best validation loss.
pub const BEST: &str = "best.safetensors";
/// Rule data: activation of modules by rules on the test set.
pub const ACTIVATION: &str = "activation.csv";
/// The state between two steps of a run that is not finished.
pub const CHECKPOINT: &str = "checkpoint";
/// Beginning of the names of checkpoints that alarms asked to keep.
pub const ALARM: &str = "alarm";
/// What happened when, as plain lines.
pub const LOG: &str = "run.log";
/// Scalars so far of a run that is not finished: rows of [`CURVES`], a later one in the place of an
/// earlier one.
pub const LIVE: &str = "live.csv";
/// Locked by the process that runs the run.
pub const LOCK: &str = "lock";

/// The folder of one run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    /// Where it is
    pub path: PathBuf,
    /// Id of the run
    pub id: String,
}

impl RunFolder {
    /// The folder of a run below the folder of runs.
    pub fn new(out: &Path, id: &str) -> Self {
        Self { path: out.join(id), id: id.to_owned() }
    }

    /// Path of one of its files.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Whether the run is finished: its record is there and names this id.
    pub fn is_finished(&self) -> bool {
        let Ok(text) = fs::read_to_string(self.file(RECORD)) else { return false };
        let record = serde_json::from_str::<Value>(&text).unwrap_or_default();
        record["id"] == self.id.as_str()
    }

    /// Makes the folder.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn create(&self) -> Result<(), StoreError> {
        fs::create_dir_all(&self.path).map_err(|error| StoreError::file(&self.path, error))
    }

    /// The file whose lock says who runs this run. The system drops the lock of a process that
    /// ended, however it ended.
    ///
    /// # Errors
    /// Where the file cannot be opened.
    pub fn lock_file(&self) -> Result<File, StoreError> {
        let path = self.file(LOCK);
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        open.map_err(|error| StoreError::file(&path, error))
    }

    /// Removes what killed processes left half-written. For who holds the lock.
    pub fn tidy(&self) {
        let is_left = |name: &str| name.starts_with('.') && name.ends_with(".tmp");
        for entry in fs::read_dir(&self.path).into_iter().flatten().flatten() {
            if entry.file_name().to_str().is_some_and(is_left) {
                // What stays does no harm: nobody reads it.
                _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Adds a line with the time to the log.
    ///
    /// # Errors
    /// Where the log cannot be written.
    pub fn log(&self, line: &str) -> Result<(), StoreError> {
        let path = self.file(LOG);
        let now = humantime::format_rfc3339_seconds(SystemTime::now());
        let open = OpenOptions::new().create(true).append(true).open(&path);
        open.and_then(|mut file| file.write_all(format!("{now} {line}\n").as_bytes()))
            .map_err(|error| StoreError::file(&path, error))
    }
}

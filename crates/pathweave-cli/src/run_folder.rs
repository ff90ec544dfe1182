//! The files of one run, and how they are written so that a kill at any moment harms nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;

use crate::error::CliError;

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
const LOCK: &str = "lock";

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
    pub fn create(&self) -> Result<(), CliError> {
        fs::create_dir_all(&self.path).map_err(|error| CliError::file(&self.path, error))
    }

    /// The file whose lock says who runs this run. The system drops the lock of a process that
    /// ended, however it ended.
    ///
    /// # Errors
    /// Where the file cannot be opened.
    pub fn lock_file(&self) -> Result<File, CliError> {
        let path = self.file(LOCK);
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        open.map_err(|error| CliError::file(&path, error))
    }

    /// Adds a line with the time to the log.
    ///
    /// # Errors
    /// Where the log cannot be written.
    pub fn log(&self, line: &str) -> Result<(), CliError> {
        let path = self.file(LOG);
        let now = humantime::format_rfc3339_seconds(SystemTime::now());
        let open = OpenOptions::new().create(true).append(true).open(&path);
        open.and_then(|mut file| file.write_all(format!("{now} {line}\n").as_bytes()))
            .map_err(|error| CliError::file(&path, error))
    }
}

/// Writes a file whole or not at all: beside its place, to the disk, then renamed.
///
/// # Errors
/// What `write` says, or the system.
pub fn write_atomic<E: std::fmt::Display>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), E>,
) -> Result<(), CliError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // The process's id, since two commands may write one report at once.
    let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let failed = |error: &dyn std::fmt::Display| CliError::file(path, error);
    let mut file = BufWriter::new(File::create(&beside).map_err(|error| failed(&error))?);
    write(&mut file).map_err(|error| failed(&error))?;
    let finish = || -> std::io::Result<()> {
        file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&beside, path)
    };
    finish().map_err(|error| failed(&error))?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Writes a text whole or not at all.
///
/// # Errors
/// What the system says.
pub fn write_text(path: &Path, text: &str) -> Result<(), CliError> {
    write_atomic(path, |file| file.write_all(text.as_bytes()))
}

/// Makes renames in a folder last.
///
/// # Errors
/// What the system says.
pub fn sync_folder(folder: &Path) -> Result<(), CliError> {
    // Only Unix opens folders as files.
    if cfg!(unix) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let synced = File::open(folder).and_then(|open| open.sync_all());
        synced.map_err(|error| CliError::file(folder, error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a");
        write_text(&path, "old").expect("written");
        let failed = write_atomic(&path, |file| {
            file.write_all(b"half").expect("written");
            Err("no")
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).expect("read"), "old");
    }
}

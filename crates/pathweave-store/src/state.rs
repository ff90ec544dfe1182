//! How far a run is.

use std::fs::TryLockError;

use serde::{Deserialize, Serialize};

use crate::{CHECKPOINT, FAILED, LOCK, Progress, RECORD, RunFolder, is_plain};

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nobody works on it
    Pending,
    /// A process works on it now
    Running,
    /// Its record is there
    Done,
    /// It failed when it was last run
    Failed,
}

impl State {
    /// All of them, in the order in which a run passes them.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Running, Self::Done, Self::Failed];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// The state of a run, by its files and its lock.
    pub fn of(folder: &RunFolder) -> Self {
        if is_plain(&folder.file(RECORD)) {
            Self::Done
        } else if is_running(folder) {
            Self::Running
        } else if is_plain(&folder.file(FAILED)) {
            Self::Failed
        } else {
            Self::Pending
        }
    }

    /// Whether a run that nobody works on left a checkpoint to go on from.
    pub fn is_begun(folder: &RunFolder) -> bool {
        folder.file(CHECKPOINT).is_dir()
    }
}

/// Whether a process holds the run's lock; where locks do not reach across machines, whether one on
/// another machine has told its progress lately.
fn is_running(folder: &RunFolder) -> bool {
    let path = folder.file(LOCK);
    if !is_plain(&path) {
        return false;
    }
    // Opened for reading: asking must not make the file.
    let Ok(lock) = std::fs::File::open(path) else { return false };
    match lock.try_lock_shared() {
        Err(TryLockError::WouldBlock) => true,
        _ => Progress::read(folder).is_some_and(|progress| progress.is_elsewhere_and_alive()),
    }
}

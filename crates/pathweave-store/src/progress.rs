//! Where a run that is not finished is, as its process tells it now and then.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::{LARGEST, RunFolder, StoreError, read_plain};

/// In the run's folder while a process works on it.
pub const PROGRESS: &str = "progress.json";
/// After this many seconds without a word a process on another machine counts as dead.
const SILENCE: f64 = 90.0;

/// Who works on a run, and how far it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// The machine
    pub host: String,
    /// Number of the process there
    pub process: u32,
    /// Id of the scheduler's job, such as `17_3`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// When the process began, in seconds since 1970
    pub started: f64,
    /// When this was written, in seconds since 1970
    pub updated: f64,
    /// Steps made
    pub step: u64,
    /// Steps of the whole run
    pub steps: u64,
}

impl Progress {
    /// Of this process, before its first step.
    pub fn of_this_process() -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let array = variable("SLURM_ARRAY_JOB_ID").zip(variable("SLURM_ARRAY_TASK_ID"));
        let job = array.map(|(job, task)| format!("{job}_{task}"));
        let now = now();
        Self {
            host: host(),
            process: std::process::id(),
            job: job.or_else(|| variable("SLURM_JOB_ID")),
            started: now,
            updated: now,
            step: 0,
            steps: 0,
        }
    }

    /// Tells it. Not waited for until it is on the disk: only the living read it.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&self, folder: &RunFolder) -> Result<(), StoreError> {
        let place = folder.file(PROGRESS);
        let beside = folder.file(&format!(".{PROGRESS}.{}.tmp", self.process));
        let text = serde_json::to_string(self).expect("texts and numbers");
        fs::write(&beside, text)
            .and_then(|()| fs::rename(&beside, &place))
            .map_err(|error| StoreError::file(&place, error))
    }

    /// What was told last; none where nothing was, or it is broken.
    pub fn read(folder: &RunFolder) -> Option<Self> {
        serde_json::from_slice(&read_plain(&folder.file(PROGRESS), LARGEST).ok()??).ok()
    }

    /// The process is about to end.
    pub fn clear(folder: &RunFolder) {
        // Where it stays, the lock tells that nobody works on the run.
        _ = fs::remove_file(folder.file(PROGRESS));
    }

    /// Whether it was told on another machine, not long ago.
    pub fn is_elsewhere_and_alive(&self) -> bool {
        self.host != host() && now() - self.updated < SILENCE
    }
}

fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match name.trim() {
        "" => std::env::var("HOSTNAME").unwrap_or_default(),
        name => name.to_owned(),
    }
}

/// Seconds since 1970.
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_comes_back_and_goes() {
        let store = tempfile::tempdir().expect("a temporary folder");
        let folder = RunFolder::new(store.path(), "0123456789abcdef");
        folder.create().expect("made");
        assert_eq!(Progress::read(&folder), None);
        let progress = Progress { step: 3, steps: 10, ..Progress::of_this_process() };
        progress.write(&folder).expect("written");
        assert_eq!(Progress::read(&folder), Some(progress.clone()));
        assert!(!progress.is_elsewhere_and_alive());
        let elsewhere = Progress { host: "another".into(), ..progress };
        assert!(elsewhere.is_elsewhere_and_alive());
        let silent = Progress { updated: elsewhere.updated - 2.0 * SILENCE, ..elsewhere };
        assert!(!silent.is_elsewhere_and_alive());
        Progress::clear(&folder);
        assert_eq!(Progress::read(&folder), None);
    }
}

//! Checkpoints: `checkpoint/STEP/` with everything that the next step depends on.
//!
//! A checkpoint is written to a folder beside its place and renamed, then older ones are removed:
//! whenever the process is killed, the newest numbered folder is whole.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use pathweave::train::{Counters, Snapshot};
use pathweave_eval::alarm::Alarm;
use pathweave_eval::curves::Curves;
use pathweave_eval::log::{RoutingLog, columns};
use pathweave_store::{sync_folder, write_atomic};
use serde::{Deserialize, Serialize};

use super::arrays;
use crate::error::CliError;

const NETWORK: &str = "network.safetensors";
const OPTIMIZER: &str = "optimizer.safetensors";
/// CBOR: the counters have maps whose keys are no texts, which JSON has not.
const COUNTERS: &str = "counters.json";
const PROGRESS: &str = "progress.json";
const CURVES: &str = "curves.csv";
const ROUTING: &str = "routing.parquet";
const NEW: &str = "new";

/// What the observer knows between two steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Seconds of the processes that worked on the run
    pub wall_seconds: f64,
    /// Of these, in training steps
    pub train_seconds: f64,
    /// Of these, in evaluations
    pub eval_seconds: f64,
    /// Sums over the training steps since the last evaluation
    pub sums: Sums,
    /// When each evaluation was, in seconds since 1970
    pub times: Vec<(u64, f64)>,
    /// Bytes of recorded decisions
    #[serde(default)]
    pub recorded: u64,
    /// Every alarm so far
    #[serde(default)]
    pub alarms: Vec<Alarm>,
}

/// Sums over training steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    /// Number of steps
    pub steps: u64,
    /// Module loss
    pub loss: f64,
    /// Router loss
    pub router_loss: f64,
    /// Share of right answers
    pub accuracy: f64,
    /// Share of decisions that were not greedy
    pub exploratory: f64,
}

/// A run between two steps, with what was seen of it.
pub struct Saved {
    /// The library's part
    pub snapshot: Snapshot,
    /// The observer's part
    pub progress: Progress,
    /// Curves up to here
    pub curves: Curves,
    /// Routing of the last evaluation, where there was one
    pub log: Option<RoutingLog>,
}

/// Writes a checkpoint and removes the ones before it.
///
/// # Errors
/// Where a file cannot be written; the checkpoint before is then still there.
pub fn save(
    folder: &Path,
    id: &str,
    snapshot: &Snapshot,
    progress: &Progress,
    curves: &Curves,
    log: Option<&RoutingLog>,
) -> Result<(), CliError> {
    put(folder, snapshot.counters.step, |new| {
        arrays::write(&new.join(NETWORK), &snapshot.network, id)?;
        arrays::write(&new.join(OPTIMIZER), &snapshot.optimizer, id)?;
        write_atomic(&new.join(COUNTERS), |to| serde_json::to_writer(to, &snapshot.counters))?;
        write_atomic(&new.join(PROGRESS), |to| serde_json::to_writer(to, progress))?;
        write_atomic(&new.join(CURVES), |to| curves.to_csv(to))?;
        if let Some(log) = log {
            write_atomic(&new.join(ROUTING), |to| columns::write(log, to, ROUTING))?;
        }
        Ok(())
    })
}

/// Has `write` fill the folder of a step's checkpoint and removes the ones before it.
///
/// # Errors
/// Where a file cannot be written; the checkpoint before is then still there.
pub fn put(
    folder: &Path,
    step: u64,
    write: impl FnOnce(&Path) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let failed = |error: std::io::Error| CliError::file(folder, error);
    let new = folder.join(NEW);
    if new.exists() {
        fs::remove_dir_all(&new).map_err(failed)?;
    }
    fs::create_dir_all(&new).map_err(failed)?;
    write(&new)?;
    let place = folder.join(format!("{step:012}"));
    if place.exists() {
        // The same step gives the same state: this happens at the end of a resumed run.
        fs::remove_dir_all(&new).map_err(failed)?;
        return Ok(());
    }
    fs::rename(&new, &place).map_err(failed)?;
    sync_folder(folder)?;
    for (before, older) in numbered(folder) {
        if before < step {
            fs::remove_dir_all(older).map_err(failed)?;
        }
    }
    Ok(())
}

/// The newest checkpoint; none where there is none.
///
/// # Errors
/// Where it cannot be read.
pub fn load(folder: &Path) -> Result<Option<Saved>, CliError> {
    let Some((_, place)) = newest(folder) else { return Ok(None) };
    let open = |name: &str| {
        let path = place.join(name);
        File::open(&path).map(BufReader::new).map_err(|error| CliError::file(&path, error))
    };
    let failed = |error: &dyn std::fmt::Display| CliError::file(&place, error);
    let counters: Counters =
        serde_json::from_reader(open(COUNTERS)?).map_err(|error| failed(&error))?;
    let progress = serde_json::from_reader(open(PROGRESS)?).map_err(|error| failed(&error))?;
    let curves = Curves::from_csv(open(CURVES)?).map_err(|error| failed(&error))?;
    let routing = place.join(ROUTING);
    let log = routing.is_file().then(|| RoutingLog::read(&routing)).transpose();
    let log = log.map_err(|error| failed(&error))?;
    let network = arrays::read(&place.join(NETWORK))?;
    let optimizer = arrays::read(&place.join(OPTIMIZER))?;
    Ok(Some(Saved { snapshot: Snapshot { network, optimizer, counters }, progress, curves, log }))
}

/// Where the newest checkpoint is, with its step.
pub fn newest(folder: &Path) -> Option<(u64, PathBuf)> {
    numbered(folder).into_iter().max()
}

fn numbered(folder: &Path) -> Vec<(u64, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let number = |entry: fs::DirEntry| {
        let step = entry.file_name().to_str()?.parse().ok()?;
        Some((step, entry.path()))
    };
    entries.filter_map(number).collect()
}

#[cfg(test)]
mod tests {
    use pathweave::reward::{CollaborationOver, Windows};
    use pathweave::train::{NamedArray, Paths};

    use super::*;

    fn snapshot(step: u64) -> Snapshot {
        let mut windows = Windows::new(3, CollaborationOver::SubRouter);
        for action in [0, 2, 1, 1] {
            windows.push(1, 7, action);
        }
        let array = |name: &str| NamedArray {
            name: name.into(),
            shape: vec![1, 2],
            values: vec![0.1, step as f32],
        };
        let updates = [("a".to_owned(), vec![1, 2])].into();
        Snapshot {
            network: vec![array("a")],
            optimizer: vec![array("a#0"), array("a#1")],
            counters: Counters {
                step,
                updates,
                windows,
                kept: Paths([(7, vec![2, 0])].into()),
                alarms: Default::default(),
            },
        }
    }

    #[test]
    fn the_newest_checkpoint_comes_back_whole() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let folder = folder.path().join("checkpoint");
        assert!(load(&folder).expect("nothing").is_none());
        let mut curves = Curves::new();
        curves.push("a", 1, 0.5, f64::NAN);
        let log = RoutingLog::inferred(Vec::new()).expect("sound");
        let sums = Sums { steps: 3, loss: 0.1 + 0.2, ..Sums::default() };
        let progress = Progress { sums, times: vec![(1, 1.5)], ..Progress::default() };
        for step in [4, 10] {
            save(&folder, "id", &snapshot(step), &progress, &curves, Some(&log)).expect("saved");
        }
        // What a kill leaves behind.
        fs::create_dir_all(folder.join(NEW)).expect("made");
        let saved = load(&folder).expect("read").expect("there");
        assert_eq!(saved.snapshot, snapshot(10));
        assert_eq!(saved.log, Some(log));
        assert_eq!(saved.progress, progress);
        assert_eq!(saved.curves.tags().collect::<Vec<_>>(), ["a"]);
        assert_eq!(numbered(&folder).len(), 1);
    }
}

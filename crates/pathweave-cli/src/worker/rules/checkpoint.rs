//! Checkpoints of runs on rule data: `checkpoint/STEP/`, written as those of other runs.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use pathweave::rule::{EngineState, RuleCounters, RuleSnapshot};
use pathweave_eval::curves::Curves;
use pathweave_store::write_atomic;
use serde::{Deserialize, Serialize};

use crate::error::CliError;
use crate::worker::arrays;
use crate::worker::checkpoint::{Progress, newest, put};

const NETWORK: &str = "network.safetensors";
const OPTIMIZER: &str = "optimizer.safetensors";
const BEST: &str = "best.safetensors";
const COUNTERS: &str = "counters.json";
const PROGRESS: &str = "progress.json";
const CURVES: &str = "curves.csv";

#[derive(Serialize, Deserialize)]
struct Counters {
    run: RuleCounters,
    updates: u64,
}

/// A run between two steps, with what was seen of it.
pub struct Saved {
    /// The library's part
    pub snapshot: RuleSnapshot,
    /// The observer's part
    pub progress: Progress,
    /// Curves up to here
    pub curves: Curves,
}

/// Writes a checkpoint and removes the ones before it.
///
/// # Errors
/// Where a file cannot be written; the checkpoint before is then still there.
pub fn save(
    folder: &Path,
    id: &str,
    snapshot: &RuleSnapshot,
    progress: &Progress,
    curves: &Curves,
) -> Result<(), CliError> {
    put(folder, snapshot.counters.step, |new| {
        let state = &snapshot.state;
        arrays::write(&new.join(NETWORK), &state.parameters, id)?;
        arrays::write(&new.join(OPTIMIZER), &state.moments, id)?;
        arrays::write(&new.join(BEST), &snapshot.best, id)?;
        let counters = Counters { run: snapshot.counters, updates: state.updates };
        write_atomic(&new.join(COUNTERS), |to| serde_json::to_writer(to, &counters))?;
        write_atomic(&new.join(PROGRESS), |to| serde_json::to_writer(to, progress))?;
        Ok(write_atomic(&new.join(CURVES), |to| curves.to_csv(to))?)
    })
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
    let state = EngineState {
        parameters: arrays::read(&place.join(NETWORK))?,
        moments: arrays::read(&place.join(OPTIMIZER))?,
        updates: counters.updates,
    };
    let best = arrays::read(&place.join(BEST))?;
    let snapshot = RuleSnapshot { state, best, counters: counters.run };
    Ok(Some(Saved { snapshot, progress, curves }))
}

#[cfg(test)]
mod tests {
    use pathweave::rule::Best;
    use pathweave::train::NamedArray;

    use super::*;

    #[test]
    fn a_checkpoint_comes_back_whole() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let folder = folder.path().join("checkpoint");
        assert!(load(&folder).expect("nothing").is_none());
        let array = |name: &str, value: f32| NamedArray {
            name: name.into(),
            shape: vec![1, 2],
            values: vec![0.1, value],
        };
        let snapshot = |step: u64| RuleSnapshot {
            state: EngineState {
                parameters: vec![array("a", step as f32)],
                moments: vec![array("a#0", 1e-42), array("a#1", -0.0)],
                updates: step,
            },
            best: vec![array("a", 0.5)],
            counters: RuleCounters {
                step,
                loss_sum: 0.1 + 0.2,
                losses: 3,
                best: Some(Best { epoch: 1, loss: 1.0 / 3.0 }),
                evaluated: 2,
            },
        };
        let progress = Progress { times: vec![(1, 1.5)], ..Progress::default() };
        let mut curves = Curves::new();
        curves.push("a", 1, 0.5, f64::NAN);
        for step in [4, 10] {
            save(&folder, "id", &snapshot(step), &progress, &curves).expect("saved");
        }
        let saved = load(&folder).expect("read").expect("there");
        assert_eq!(saved.snapshot, snapshot(10));
        assert_eq!(saved.progress, progress);
        assert_eq!(saved.curves.tags().collect::<Vec<_>>(), ["a"]);
        assert_eq!(std::fs::read_dir(&folder).expect("a folder").count(), 1);
    }
}

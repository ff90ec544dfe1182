//! Runs on rule data: the same folder, checkpoints and events as other runs have.

mod checkpoint;
mod finish;
mod watcher;

use std::time::{Duration, Instant};

use pathweave::rule::{self, RuleFinished, RuleRunError};
use pathweave::spec::CheckedSpec;
use pathweave_data::dataset::RulesSpec;
use pathweave_store::{CHECKPOINT, RunFolder};
use watcher::RuleWatcher;

use super::{clean, run_failed, take_up};
use crate::device::DeviceName;
use crate::error::CliError;

/// Trains a model on rule data from its checkpoint, or from the start.
///
/// # Errors
/// [`CliError::Interrupted`] with a checkpoint; [`CliError::RunFailed`] where the run diverged.
pub fn train(
    spec: &CheckedSpec,
    data: &RulesSpec,
    folder: &RunFolder,
    device: DeviceName,
    (started, checkpoint_seconds): (Instant, f64),
) -> Result<(), CliError> {
    let place = folder.file(CHECKPOINT);
    let saved = take_up(folder, checkpoint::load(&place), |saved| saved.snapshot.counters.step)?;
    let (snapshot, seen) = match saved {
        Some(saved) => (Some(saved.snapshot), (saved.progress, saved.curves)),
        None => Default::default(),
    };
    let every = Duration::from_secs_f64(checkpoint_seconds);
    let epochs = u64::from(spec.train.epochs);
    let mut watcher = RuleWatcher::new(folder, epochs, seen, (started, every));
    let ended = rule::run(spec, &device.open(), snapshot.as_ref(), &mut watcher);
    let (progress, curves) = watcher.end()?;
    let failed = |error: RuleRunError| {
        let diverged = matches!(error, RuleRunError::Diverged { .. });
        run_failed(&error, diverged.then_some(&*place))
    };
    match ended.map_err(failed)? {
        RuleFinished::Stopped { step } => {
            Err(CliError::Interrupted(format!("stopped after step {step}")))
        }
        RuleFinished::Complete(complete) => {
            finish::write((spec, data), folder, device, &complete, (&progress, &curves))?;
            clean(folder);
            Ok(())
        }
    }
}

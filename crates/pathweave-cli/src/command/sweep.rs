//! `sweep`: trains a grid of tens of thousands of runs, or a part of it, here or by a scheduler, and
//! summarises it by model.

mod end;
mod look;
mod scheduled;

use pathweave_store::State;

use crate::cli::{ExecutorArg, SweepArgs};
use crate::error::CliError;
use crate::options::RunOptions;
use crate::spec_file::Plan;
use crate::sweep::{Entry, Outcome, Sweep, drive};

/// Runs and failures that are printed before the rest is only counted.
const SHOWN: usize = 20;

/// Trains what is not finished; prints the means of each model's runs.
///
/// # Errors
/// Those of [`Plan::new`], [`Sweep::new`] and [`Sweep::read`], before anything runs.
/// [`CliError::RunFailed`] with the failed runs, after all others ended; [`CliError::Interrupted`]
/// after the workers wrote their checkpoints; [`CliError::Scheduler`] where a scheduler is not there
/// or refuses.
pub fn run(args: &SweepArgs, options: &RunOptions) -> Result<(), CliError> {
    scheduled::check(args)?;
    let mut options = options.clone();
    let mut sweep = match (&args.spec, &args.manifest) {
        (_, Some(folder)) => Sweep::read(folder, args.task.as_ref(), &mut options)?,
        (Some(spec), None) => {
            Sweep::new(&Plan::new(spec, &args.overrides, options.seed)?, &options)?
        }
        (None, None) => {
            return Err(CliError::Usage("sweep: found neither spec nor manifest".into()));
        }
    };
    let only_looks = args.dry_run || args.list_failed || args.status || args.cancel;
    if !only_looks {
        sweep.write(&options)?;
    }
    if let Some(shard) = args.shard {
        sweep.keep(shard);
    }
    let options = &options;
    let states = sweep.states(options);
    if args.list_failed {
        return look::list_failed(&sweep, &states, options);
    }
    if args.status {
        return look::status(&sweep, &states, options);
    }
    match args.executor {
        ExecutorArg::Slurm => scheduled::slurm(&sweep, &states, args, options),
        ExecutorArg::Parallel => scheduled::parallel(&sweep, args, options),
        ExecutorArg::Kubernetes => scheduled::kubernetes(&sweep, args, options),
        ExecutorArg::Local if args.dry_run => look::dry_run(&sweep, args, &states, options),
        ExecutorArg::Local => {
            let todo = todo(&sweep, &states);
            let before = sweep.entries.len() - todo.len();
            let outcome = match todo.is_empty() {
                true => Outcome::default(),
                false => drive(&todo, (before, sweep.entries.len()), args.retries, options)?,
            };
            end::end(&sweep, args, (before, outcome), options)
        }
    }
}

/// The runs that are not done.
fn todo<'a>(sweep: &'a Sweep, states: &[State]) -> Vec<&'a Entry> {
    let runs = sweep.entries.iter().zip(states);
    runs.filter(|(_, state)| **state != State::Done).map(|(entry, _)| entry).collect()
}

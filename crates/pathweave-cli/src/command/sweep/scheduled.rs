//! Sweeps that a scheduler runs.

use std::num::NonZeroUsize;

use pathweave_store::State;
use serde_json::json;

use super::{end, todo};
use crate::cli::{ExecutorArg, SweepArgs};
use crate::error::CliError;
use crate::options::RunOptions;
use crate::output;
use crate::sweep::kubernetes::{self, Cluster};
use crate::sweep::parallel::Jobs;
use crate::sweep::parts;
use crate::sweep::slurm::{self, Request, SbatchOptions};
use crate::sweep::{Outcome, Sweep};

/// Pods at once where nobody says.
const PODS: usize = 16;

/// Whether every flag is for the executor that was asked for, and sound.
///
/// # Errors
/// [`CliError::Usage`] with every fault.
pub fn check(args: &SweepArgs) -> Result<(), CliError> {
    use ExecutorArg::{Kubernetes, Local, Parallel, Slurm};
    let given = [
        ("--runs-per-task", args.runs_per_task.is_some(), &[Slurm, Parallel, Kubernetes][..]),
        ("--slurm", !args.slurm.is_empty(), &[Slurm]),
        ("--wait", args.wait, &[Slurm]),
        ("--image", args.image.is_some(), &[Kubernetes]),
        ("--claim", args.claim.is_some(), &[Kubernetes]),
        ("--data-claim", args.data_claim.is_some(), &[Kubernetes]),
    ];
    let name = |executor: &ExecutorArg| match executor {
        Local => "local",
        Slurm => "slurm",
        Parallel => "parallel",
        Kubernetes => "kubernetes",
    };
    let wrong = |(flag, is_given, fit): &(&str, bool, &[ExecutorArg])| {
        let fits = fit.iter().map(name).collect::<Vec<_>>().join(", ");
        (*is_given && !fit.contains(&args.executor))
            .then(|| format!("{flag}: allowed: with --executor {fits}"))
    };
    let mut faults: Vec<String> = given.iter().filter_map(wrong).collect();
    let parts = [Parallel, Kubernetes].contains(&args.executor);
    if args.cancel && (parts || args.shard.is_some()) {
        faults.push("--cancel: allowed: with --executor slurm, for a whole sweep".into());
    }
    if args.executor != Local && (args.shard.is_some() || args.task.is_some()) {
        faults.push("--shard, --task: allowed: with --executor local; tasks get their part".into());
    }
    if let Err(error) = SbatchOptions::parse(&args.slurm) {
        faults.push(error.to_string());
    }
    if faults.is_empty() { Ok(()) } else { Err(CliError::Usage(faults.join("\n"))) }
}

/// Submits what is not done to Slurm, waits for it or cancels it.
pub fn slurm(
    sweep: &Sweep,
    states: &[State],
    args: &SweepArgs,
    options: &RunOptions,
) -> Result<(), CliError> {
    let sbatch = SbatchOptions::parse(&args.slurm)?;
    let todo = todo(sweep, states);
    let before = sweep.entries.len() - todo.len();
    let per_task = args.runs_per_task.map(NonZeroUsize::get);
    let request = Request { sweep, todo: &todo, per_task, sbatch: &sbatch, retries: args.retries };
    if args.dry_run {
        return output::text(&slurm::dry_run(&request, options)?);
    }
    if args.cancel {
        return cancel(sweep, options);
    }
    if todo.is_empty() {
        return end::end(sweep, args, (before, Outcome::default()), options);
    }
    let attached = args.wait && !slurm::live(sweep)?.is_empty();
    if !attached {
        let submitted = slurm::submit(&request, options)?;
        let jobs = submitted.jobs.join(", ");
        if !args.wait {
            if options.json {
                return output::json(&json!({
                    "name": sweep.name,
                    "sweep": sweep.folder,
                    "folder": submitted.folder,
                    "runs": todo.len(),
                    "tasks": submitted.tasks,
                    "jobs": submitted.jobs,
                }));
            }
            return output::text(&format!(
                "{}: {} runs in {} tasks are submitted as {jobs}\nfolder: {}\nhow far they are: \
                 pathweave sweep --manifest {} --status\n",
                sweep.name,
                todo.len(),
                submitted.tasks,
                submitted.folder.display(),
                sweep.folder.display()
            ));
        }
        if !options.quiet {
            let tasks = submitted.tasks;
            eprintln!("submitted {} runs in {tasks} tasks as {jobs}", todo.len());
        }
    }
    let outcome = slurm::wait(sweep, before, options)?;
    end::end(sweep, args, (before, outcome), options)
}

fn cancel(sweep: &Sweep, options: &RunOptions) -> Result<(), CliError> {
    let jobs = slurm::live(sweep)?;
    if !jobs.is_empty() {
        slurm::cancel(sweep)?;
    }
    let ids = slurm::ids(&jobs);
    if options.json {
        return output::json(&json!({"name": sweep.name, "cancelled": jobs.len(), "jobs": ids}));
    }
    output::text(&match jobs.is_empty() {
        true => format!("{}: no job of it is queued or running\n", sweep.name),
        false => format!(
            "{}: {} tasks of {ids} are asked to stop; their runs go on from their checkpoints \
             when they are submitted again\n",
            sweep.name,
            jobs.len()
        ),
    })
}

/// In how many parts a sweep is divided. The whole counts, not what is left: parts that were begun
/// stay the same.
fn part_count(sweep: &Sweep, args: &SweepArgs) -> usize {
    let per_task = args.runs_per_task.map(NonZeroUsize::get);
    parts::deal(&sweep.entries, per_task, usize::MAX).len().max(1)
}

/// Writes a job file for GNU parallel and prints the command that runs it.
pub fn parallel(sweep: &Sweep, args: &SweepArgs, options: &RunOptions) -> Result<(), CliError> {
    let parts = part_count(sweep, args);
    let jobs = Jobs::new(sweep, parts, args.retries, options)?;
    if args.dry_run {
        return output::text(&jobs.text);
    }
    jobs.write()?;
    if options.json {
        let (file, command) = (&jobs.file, &jobs.command);
        return output::json(&json!({"name": sweep.name, "parts": parts, "file": file,
            "command": command}));
    }
    output::text(&format!("{}\n", jobs.command))
}

/// Prints an Indexed Job for Kubernetes; the written sweep is in the store.
pub fn kubernetes(sweep: &Sweep, args: &SweepArgs, options: &RunOptions) -> Result<(), CliError> {
    let parts = part_count(sweep, args);
    let cluster = Cluster {
        image: args.image.clone().unwrap_or_else(|| "pathweave".to_owned()),
        claim: args.claim.clone().unwrap_or_else(|| "pathweave-runs".to_owned()),
        data: args.data_claim.clone(),
        parallelism: options.jobs.map_or(PODS, NonZeroUsize::get),
    };
    let job = kubernetes::job(sweep, parts, args.retries, &cluster, options)?;
    output::text(&job)
}

//! What a sweep tells without running anything.

use std::collections::BTreeMap;

use pathweave_store::{Failure, State};
use serde_json::{Value, json};

use super::SHOWN;
use crate::cli::SweepArgs;
use crate::error::CliError;
use crate::options::RunOptions;
use crate::output;
use crate::sweep::slurm::{self, Job};
use crate::sweep::{Entry, Sweep};

fn count(states: &[State], state: State) -> usize {
    states.iter().filter(|one| **one == state).count()
}

/// Prints the runs that failed when they were last run.
pub fn list_failed(sweep: &Sweep, states: &[State], options: &RunOptions) -> Result<(), CliError> {
    let failed = sweep.entries.iter().zip(states).filter(|(_, state)| **state == State::Failed);
    let failed: Vec<Failure> =
        failed.filter_map(|(entry, _)| Failure::read(&entry.folder(options))).collect();
    if options.json {
        return output::json(&json!(failed));
    }
    let lines: String = failed.iter().map(|failure| failure.line() + "\n").collect();
    output::text(if lines.is_empty() { "no run failed\n" } else { &lines })
}

/// Prints how many runs are in each state, and the jobs that Slurm has of the sweep.
pub fn status(sweep: &Sweep, states: &[State], options: &RunOptions) -> Result<(), CliError> {
    let counts: Vec<(&str, usize)> =
        State::ALL.iter().map(|state| (state.name(), count(states, *state))).collect();
    // Who never submitted it needs no Slurm to be asked, and the store is known without one.
    let jobs = slurm::last(sweep).map(|_| slurm::live(sweep));
    if options.json {
        let counts: BTreeMap<&str, usize> = counts.iter().copied().collect();
        let job = |job: &Job| json!({"id": job.id, "state": job.state, "reason": job.reason});
        let (jobs, error) = match jobs {
            None => (None, None),
            Some(Ok(jobs)) => (Some(jobs.iter().map(job).collect::<Vec<Value>>()), None),
            Some(Err(error)) => (None, Some(error.to_string())),
        };
        return output::json(&json!({
            "name": sweep.name,
            "folder": sweep.folder,
            "runs": states.len(),
            "states": counts,
            "jobs": jobs,
            "scheduler_error": error,
        }));
    }
    let counts = counts.iter().map(|(name, count)| format!("{count} {name}"));
    let counts = counts.collect::<Vec<_>>().join(", ");
    let mut text = format!("{}: {} runs: {counts}\n", sweep.name, states.len());
    text += &format!("folder: {}\n", sweep.folder.display());
    text += &match jobs {
        None => String::new(),
        Some(Ok(jobs)) if jobs.is_empty() => "no job of it is queued or running\n".to_owned(),
        Some(Ok(jobs)) => format!("\n{}", job_table(&jobs)),
        Some(Err(error)) => format!("its jobs are not known: {error}\n"),
    };
    output::text(&text)
}

/// A line for the tasks of each array in each state.
fn job_table(jobs: &[Job]) -> String {
    let mut rows: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for job in jobs {
        let array = job.id.split('_').next().unwrap_or_default();
        let reason = if job.reason == "None" { "" } else { job.reason.as_str() };
        *rows.entry((array, &job.state, reason)).or_default() += 1;
    }
    let row = |((array, state, reason), count): ((&str, &str, &str), usize)| {
        vec![array.to_owned(), count.to_string(), state.to_lowercase(), reason.to_owned()]
    };
    let rows: Vec<Vec<String>> = rows.into_iter().map(row).collect();
    output::columns(&["job", "tasks", "state", "reason"], &rows)
}

/// Prints how many runs there are and the first few.
pub fn dry_run(
    sweep: &Sweep,
    args: &SweepArgs,
    states: &[State],
    options: &RunOptions,
) -> Result<(), CliError> {
    let (name, entries) = (&sweep.name, &sweep.entries);
    let [finished, failed] = [State::Done, State::Failed].map(|state| count(states, state));
    let pending = entries.iter().zip(states).filter(|(_, state)| **state == State::Pending);
    let begun = pending.filter(|(entry, _)| State::is_begun(&entry.folder(options))).count();
    let left = entries.len() - finished;
    let mut models: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in entries {
        *models.entry(entry.model.as_str()).or_default() += 1;
    }
    let first = &entries[..entries.len().min(SHOWN)];
    if options.json {
        let run = |entry: &Entry| json!({"id": entry.id, "name": entry.label()});
        return output::json(&json!({
            "name": name,
            "shard": args.shard.map(|shard| shard.to_string()),
            "runs": entries.len(),
            "finished": finished,
            "failed": failed,
            "begun": begun,
            "left": left,
            "models": models,
            "first": first.iter().map(run).collect::<Vec<_>>(),
        }));
    }
    let part = args.shard.map_or_else(String::new, |shard| format!(", part {shard}"));
    let mut text = format!(
        "{name}{part}: {} runs: {finished} finished, {left} to do, of these {failed} failed before \
         and {begun} are begun\n\n",
        entries.len()
    );
    for (model, count) in models {
        text += &format!("{model}: {count} runs\n");
    }
    text += "\n";
    for entry in first {
        text += &format!("{}  {}\n", entry.id, entry.label());
    }
    if entries.len() > first.len() {
        text += &format!("… and {} more\n", entries.len() - first.len());
    }
    output::text(&text)
}

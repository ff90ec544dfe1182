//! How a sweep ended: what failed, what is left, and the summary of what is done.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use pathweave_eval::record::RunRecord;
use pathweave_eval::table::{self, Summary};
use pathweave_store::{Failure, RECORD, State};
use serde_json::json;

use super::SHOWN;
use crate::cli::{ExecutorArg, SweepArgs};
use crate::command::report::TELLING;
use crate::error::CliError;
use crate::experiment::figures;
use crate::interrupt;
use crate::options::RunOptions;
use crate::output;
use crate::sweep::slurm::{self, Place};
use crate::sweep::{Entry, Outcome, Sweep};

/// Prints the summary of a sweep whose runs are all done.
///
/// # Errors
/// [`CliError::Interrupted`], [`CliError::RunFailed`] where runs are left or failed: with them, and
/// with their tasks where a scheduler ran them.
pub fn end(
    sweep: &Sweep,
    args: &SweepArgs,
    (before, outcome): (usize, Outcome),
    options: &RunOptions,
) -> Result<(), CliError> {
    let Outcome { finished, failed, took } = outcome;
    let entries = &sweep.entries;
    let done = before + finished;
    let left = entries.len().saturating_sub(done + failed.len());
    if left > 0 && interrupt::stopping() {
        return Err(CliError::Interrupted(format!(
            "interrupted: {done} of {} runs are finished, {} failed, {left} are left; the same \
             command goes on from there",
            entries.len(),
            failed.len()
        )));
    }
    let places = match (args.executor, slurm::last(sweep)) {
        (ExecutorArg::Slurm, Some(folder)) => slurm::places(&folder),
        _ => BTreeMap::new(),
    };
    if left > 0 {
        let mut lines = left_over(sweep, left, &places, options);
        if !failed.is_empty() {
            lines += &format!("\n{}", failures(&failed, (done, entries.len()), &places));
        }
        return Err(CliError::RunFailed(lines));
    }
    if !failed.is_empty() {
        return Err(CliError::RunFailed(failures(&failed, (done, entries.len()), &places)));
    }
    let rows = summary(entries, options)?;
    let name = &sweep.name;
    if options.json {
        let seconds = (finished > 0).then(|| took.as_secs_f64() / finished as f64);
        return output::json(&json!({
            "name": name,
            "shard": args.shard.map(|shard| shard.to_string()),
            "runs": entries.len(),
            "finished_before": before,
            "finished": finished,
            "seconds_a_run": seconds,
            "rows": table::to_json(&rows),
        }));
    }
    let shown = figures::table("", &rows);
    let headers: Vec<&str> = shown.headers.iter().map(String::as_str).collect();
    let took = humantime::format_duration(Duration::from_secs(took.as_secs()));
    let text = output::columns(&headers, &shown.rows);
    output::text(&format!(
        "{text}\n{name}: {} runs, {before} finished before, {finished} now in {took}\n",
        entries.len()
    ))
}

/// Runs whose tasks ended without them, as far as a terminal should show.
fn left_over(
    sweep: &Sweep,
    left: usize,
    places: &BTreeMap<String, Place>,
    options: &RunOptions,
) -> String {
    let mut lines = vec![format!(
        "{left} of {} runs are left: their tasks ended before them; the same command goes on from \
         their checkpoints",
        sweep.entries.len()
    )];
    let is_left = |entry: &&Entry| {
        [State::Pending, State::Running].contains(&State::of(&entry.folder(options)))
    };
    let mut tasks: Vec<&Place> = Vec::new();
    for place in sweep.entries.iter().filter(is_left).filter_map(|entry| places.get(&entry.id)) {
        if !tasks.contains(&place) {
            tasks.push(place);
        }
    }
    lines.extend(tasks.iter().take(SHOWN).map(|place| task(place)));
    if tasks.len() > SHOWN {
        lines.push(format!("… and {} more tasks", tasks.len() - SHOWN));
    }
    lines.join("\n")
}

/// What failed, as far as a terminal should show.
fn failures(
    failed: &[Failure],
    (done, all): (usize, usize),
    places: &BTreeMap<String, Place>,
) -> String {
    let mut lines = vec![format!(
        "{} of {all} runs failed, {done} are finished; the same command tries them again",
        failed.len()
    )];
    let line = |failure: &Failure| match places.get(&failure.id) {
        Some(place) => format!("{}; {}", failure.line(), task(place)),
        None => failure.line(),
    };
    lines.extend(failed.iter().take(SHOWN).map(line));
    if failed.len() > SHOWN {
        let more = failed.len() - SHOWN;
        lines.push(format!("… and {more} more: --list-failed prints all"));
    }
    lines.join("\n")
}

fn task(place: &Place) -> String {
    format!("task {}, log {}", place.job, place.log.display())
}

/// The means of each model's finished runs, over whatever else the sweep varies.
fn summary(entries: &[Entry], options: &RunOptions) -> Result<Vec<Summary>, CliError> {
    let mut models: Vec<&str> = Vec::new();
    let mut values: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    for entry in entries {
        if !models.contains(&entry.model.as_str()) {
            models.push(&entry.model);
        }
        let path = entry.folder(options).file(RECORD);
        let text = fs::read_to_string(&path).map_err(|error| CliError::file(&path, error))?;
        let record = RunRecord::from_json(&text, &path.display().to_string());
        let record = record.map_err(|error| CliError::Internal(error.to_string()))?;
        for metric in TELLING {
            if let Some(value) = record.metrics.get(metric) {
                values.entry((metric, &entry.model)).or_default().push(*value);
            }
        }
    }
    let mut rows = Vec::new();
    for metric in TELLING {
        rows.extend(models.iter().filter_map(|model| {
            Some(Summary::new(*model, metric, values.remove(&(metric, *model))?))
        }));
    }
    Ok(rows)
}

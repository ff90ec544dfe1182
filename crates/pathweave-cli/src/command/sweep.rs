//! `sweep`: trains a grid of tens of thousands of runs, or a part of it, and summarises it by model.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use pathweave_eval::record::RunRecord;
use pathweave_eval::table::{self, Summary};
use pathweave_store::{Failure, RECORD, State};
use serde_json::json;

use crate::cli::SweepArgs;
use crate::error::CliError;
use crate::experiment::figures;
use crate::interrupt;
use crate::options::RunOptions;
use crate::output;
use crate::spec_file::Plan;
use crate::sweep::{Entry, Outcome, drive, entries};

/// Runs and failures that are printed before the rest is only counted.
const SHOWN: usize = 20;
/// What the summary shows, of what the runs have.
const METRICS: [&str; 10] = [
    "accuracy",
    "performance",
    "performance_ood",
    "collapse_avg",
    "collapse_worst",
    "alignment",
    "adaptation",
    "inverse_mutual_information",
    "loss",
    "selection_entropy",
];

/// Trains what is not finished; prints the means of each model's runs.
///
/// # Errors
/// Those of [`Plan::new`] and [`entries`], before anything runs. [`CliError::RunFailed`] with the
/// failed runs, after all others ended; [`CliError::Interrupted`] after the workers wrote their
/// checkpoints.
pub fn run(args: &SweepArgs, options: &RunOptions) -> Result<(), CliError> {
    let plan = Plan::new(&args.spec.spec, &args.spec.overrides, options.seed)?;
    let entries = entries(&plan, args.shard, options)?;
    let states: Vec<State> =
        entries.iter().map(|entry| State::of(&entry.folder(options))).collect();
    if args.list_failed {
        return list_failed(&entries, &states, options);
    }
    if args.dry_run {
        return dry_run(&plan.name, args, (&entries, &states), options);
    }
    let todo: Vec<&Entry> = entries
        .iter()
        .zip(&states)
        .filter(|(_, state)| **state != State::Done)
        .map(|(entry, _)| entry)
        .collect();
    let before = entries.len() - todo.len();
    let outcome = match todo.is_empty() {
        true => Outcome::default(),
        false => drive(&todo, (before, entries.len()), args.retries, options)?,
    };
    end(&plan.name, args, &entries, (before, outcome), options)
}

fn count(states: &[State], state: State) -> usize {
    states.iter().filter(|one| **one == state).count()
}

fn list_failed(entries: &[Entry], states: &[State], options: &RunOptions) -> Result<(), CliError> {
    let failed = entries.iter().zip(states).filter(|(_, state)| **state == State::Failed);
    let failed: Vec<Failure> =
        failed.filter_map(|(entry, _)| Failure::read(&entry.folder(options))).collect();
    if options.json {
        return output::json(&json!(failed));
    }
    let lines: String = failed.iter().map(|failure| failure.line() + "\n").collect();
    output::text(if lines.is_empty() { "no run failed\n" } else { &lines })
}

fn dry_run(
    name: &str,
    args: &SweepArgs,
    (entries, states): (&[Entry], &[State]),
    options: &RunOptions,
) -> Result<(), CliError> {
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

fn end(
    name: &str,
    args: &SweepArgs,
    entries: &[Entry],
    (before, outcome): (usize, Outcome),
    options: &RunOptions,
) -> Result<(), CliError> {
    let Outcome { finished, failed, took } = outcome;
    let done = before + finished;
    let left = entries.len() - done - failed.len();
    if left > 0 && interrupt::stopping() {
        return Err(CliError::Interrupted(format!(
            "interrupted: {done} of {} runs are finished, {} failed, {left} are left; the same \
             command goes on from there",
            entries.len(),
            failed.len()
        )));
    }
    if !failed.is_empty() {
        return Err(CliError::RunFailed(failures(&failed, done, entries.len())));
    }
    let rows = summary(entries, options)?;
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

/// What failed, as far as a terminal should show.
fn failures(failed: &[Failure], done: usize, all: usize) -> String {
    let mut lines = vec![format!(
        "{} of {all} runs failed, {done} are finished; the same command tries them again",
        failed.len()
    )];
    lines.extend(failed.iter().take(SHOWN).map(Failure::line));
    if failed.len() > SHOWN {
        let more = failed.len() - SHOWN;
        lines.push(format!("… and {more} more: --list-failed prints all"));
    }
    lines.join("\n")
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
        for metric in METRICS {
            if let Some(value) = record.metrics.get(metric) {
                values.entry((metric, &entry.model)).or_default().push(*value);
            }
        }
    }
    let mut rows = Vec::new();
    for metric in METRICS {
        rows.extend(models.iter().filter_map(|model| {
            Some(Summary::new(*model, metric, values.remove(&(metric, *model))?))
        }));
    }
    Ok(rows)
}

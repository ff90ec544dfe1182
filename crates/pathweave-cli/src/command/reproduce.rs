//! `reproduce`: runs an experiment, judges its claims, writes its report.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use pathweave::spec::RunSpec;
use pathweave_eval::report::{Claim, Report};
use pathweave_eval::table::{self, Summary};
use serde_json::{Value, json};

use super::ledger;
use super::report::{hash_of, write};
use crate::cli::ReproduceArgs;
use crate::error::CliError;
use crate::executor::run_all;
use crate::experiment::computed::{self, Setting};
use crate::experiment::results::Results;
use crate::experiment::runs::Runs;
use crate::experiment::scale::Scale;
use crate::experiment::{EXPERIMENTS, Experiment, Source, figures, find};
use crate::options::RunOptions;
use crate::output;
use crate::run_id::id;
use crate::spec_file::{Only, Plan, nearest};
use crate::ui::Ui;

/// Runs one experiment, or all of them one after another.
///
/// An experiment that has no runs takes no overrides; among `all` it is as it is.
///
/// With `--json` one experiment prints one object, `all` a list of them.
///
/// # Errors
/// [`CliError::Usage`] for an unknown id. With `all`, a failure of one experiment does not stop the
/// others, unless it is an interruption; the failures are the error at the end, under the code of
/// the first.
pub fn run(args: &ReproduceArgs, options: &RunOptions) -> Result<(), CliError> {
    let asked = Asked {
        scale: Scale::from(args.scale),
        only: Only::all(&args.only)?,
        overrides: &args.overrides,
    };
    if args.id != "all" {
        let experiment = named(&args.id)?;
        if matches!(experiment.source, Source::Computed(_)) && asked.changes() {
            return Err(CliError::Usage(format!(
                "{}: has no runs to override or leave out",
                args.id
            )));
        }
        let done = reproduce(experiment, &asked, options)?;
        let text = || done.text();
        return if options.json { output::json(&done.json) } else { output::text(&text()) };
    }
    // A fault of the overrides ends the command before anything runs.
    let chosen = chosen(&asked, options)?;
    let (mut objects, mut failures) = (Vec::new(), Vec::new());
    for experiment in chosen {
        match reproduce(experiment, &asked, options) {
            Ok(done) if options.json => objects.push(done.json),
            Ok(done) => output::text(&format!("{}\n", done.text()))?,
            Err(interrupted @ CliError::Interrupted(_)) => return Err(interrupted),
            Err(error) => failures.push((experiment.id, error)),
        }
    }
    if options.json && failures.is_empty() {
        output::json(&Value::Array(objects))?;
    }
    together(failures)
}

/// What the command line asks of an experiment.
struct Asked<'a> {
    scale: Scale,
    only: Vec<Only>,
    overrides: &'a [String],
}

impl Asked<'_> {
    /// Whether experiments are not run as they are.
    fn changes(&self) -> bool {
        !self.overrides.is_empty() || !self.only.is_empty()
    }
}

/// The experiments of `all`: those that have runs left where only some are asked for.
fn chosen(asked: &Asked, options: &RunOptions) -> Result<Vec<&'static Experiment>, CliError> {
    let mut chosen = Vec::new();
    let mut refused = None;
    for &experiment in EXPERIMENTS {
        match specs(experiment, asked, options) {
            Ok(specs) if asked.only.is_empty() || !specs.is_empty() => chosen.push(experiment),
            Ok(_) => {}
            Err(error @ CliError::Usage(_)) => refused = Some(error),
            Err(error) => return Err(error),
        }
    }
    match refused {
        Some(error) if chosen.is_empty() => Err(error),
        _ => Ok(chosen),
    }
}

fn named(id: &str) -> Result<&'static Experiment, CliError> {
    find(id).ok_or_else(|| {
        let ids: Vec<&str> = EXPERIMENTS.iter().map(|experiment| experiment.id).collect();
        let hint = nearest(id, &ids).map(|near| format!("; did you mean {near}?"));
        let hint = hint.unwrap_or_default();
        CliError::Usage(format!(
            "{id}: no such experiment{hint} There are: {}, all",
            ids.join(", ")
        ))
    })
}

/// One error of all failures, of the first one's kind.
fn together(failures: Vec<(&str, CliError)>) -> Result<(), CliError> {
    let lines = failures.iter().map(|(id, error)| format!("{id}: {error}"));
    let text = lines.collect::<Vec<_>>().join("\n");
    match failures.into_iter().next() {
        None => Ok(()),
        Some((_, CliError::Data(_))) => Err(CliError::Data(text)),
        Some((_, CliError::Internal(_))) => Err(CliError::Internal(text)),
        Some(_) => Err(CliError::RunFailed(text)),
    }
}

/// A finished experiment.
struct Done {
    title: String,
    rows: Vec<Summary>,
    claims: Vec<Claim>,
    json: Value,
    page: PathBuf,
}

fn reproduce(
    experiment: &Experiment,
    asked: &Asked,
    options: &RunOptions,
) -> Result<Done, CliError> {
    let scale = asked.scale;
    let (results, name) = match experiment.source {
        Source::Runs(_) => train(experiment, asked, options)?,
        Source::Computed(compute) => {
            let setting = Setting {
                scale,
                seed: options.seed.unwrap_or(computed::SEED),
                threads: options.workers(usize::MAX),
                ui: Ui::new(options),
            };
            let computed = Some(compute(&setting)?);
            let overrides = options.seed.iter().map(|seed| format!("seed={seed}")).collect();
            let (data, runs) = (options.data.clone(), Runs::default());
            let name = options.seed.map_or_else(String::new, |seed| format!("-seed-{seed}"));
            (Results { scale, data, overrides, runs, computed }, name)
        }
    };
    let rows = (experiment.rows)(&results)?;
    let report: Report = (experiment.report)(&results)?;
    let claims: Vec<Claim> = experiment.claims.iter().map(|claim| claim.check(&results)).collect();
    let json = to_json(experiment, &results, &rows, &claims);
    let name = format!("{}-{}{name}", experiment.id, scale.name());
    let folder = options.out.join("reports").join(name);
    let page = write(&folder, &report, &rows, &json)?;
    ledger::update(&options.out)?;
    Ok(Done { title: report.title, rows, claims, json, page })
}

/// Runs what is missing; gives the results and, where something was overridden, the end of the
/// report's name: it stands beside the report of the experiment as it is, not in its place.
fn train(
    experiment: &Experiment,
    asked: &Asked,
    options: &RunOptions,
) -> Result<(Results, String), CliError> {
    let scale = asked.scale;
    let specs = specs(experiment, asked, options)?;
    let mut options = options.clone();
    if experiment.exclusive {
        options.jobs = Some(NonZeroUsize::MIN);
    }
    let stored = run_all(specs, &options)?;
    let overrides = shown(asked, &options);
    let changed = !overrides.is_empty();
    let name = if changed { format!("-{}", hash_of(&stored)) } else { String::new() };
    let (data, runs) = (options.data.clone(), Runs::gather(&stored)?);
    Ok((Results { scale, data, overrides, runs, computed: None }, name))
}

/// The experiment's runs with the overrides laid over each, and of these the runs that are asked
/// for. Runs that the overrides make equal are one run.
fn specs(
    experiment: &Experiment,
    asked: &Asked,
    options: &RunOptions,
) -> Result<Vec<RunSpec>, CliError> {
    let all = experiment.source.specs(asked.scale);
    if all.is_empty() || asked.overrides.is_empty() && options.seed.is_none() {
        return if all.is_empty() { Ok(all) } else { Only::filter(all, &asked.only) };
    }
    let (mut specs, mut seen) = (Vec::new(), BTreeSet::new());
    for spec in all {
        let mut plan = Plan::of(&spec);
        plan.apply(asked.overrides, options.seed)?;
        for spec in plan.specs()? {
            if seen.insert((spec.name.clone(), id(&spec, options.device))) {
                specs.push(spec);
            }
        }
    }
    Only::filter(specs, &asked.only)
}

/// What the user changed, `--seed` included.
fn shown(asked: &Asked, options: &RunOptions) -> Vec<String> {
    let seed = options.seed.map(|seed| format!("train.seed={seed}"));
    let only = asked.only.iter().map(Only::to_string);
    asked.overrides.iter().cloned().chain(seed).chain(only).collect()
}

fn to_json(
    experiment: &Experiment,
    results: &Results,
    rows: &[Summary],
    claims: &[Claim],
) -> Value {
    json!({
        "experiment": experiment.id,
        "document": experiment.document,
        "scale": results.scale,
        "overrides": results.overrides,
        "rows": table::to_json(rows),
        "claims": claims,
    })
}

impl Done {
    /// For readers: the table, the verdicts, where the report is.
    fn text(&self) -> String {
        let table = figures::table("", &self.rows);
        let headers: Vec<&str> = table.headers.iter().map(String::as_str).collect();
        let mut text = format!("{}\n\n{}\n", self.title, output::columns(&headers, &table.rows));
        for claim in &self.claims {
            let (verdict, quote) = (claim.verdict.label(), &claim.text);
            text += &format!("{verdict}: \"{quote}\" ({})\n", claim.source);
            text += &format!("    paper: {}; ours: {}\n", claim.paper, claim.ours);
        }
        text + &format!("\nreport: {}\n", self.page.display())
    }
}

//! `reproduce`: runs an experiment, judges its claims, writes its report.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use pathweave::spec::RunSpec;
use pathweave_eval::report::{Claim, Report};
use pathweave_eval::table::{self, Summary};
use serde_json::{Value, json};

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
use crate::spec_file::{Plan, nearest};
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
    let scale = Scale::from(args.scale);
    if args.id != "all" {
        let experiment = named(&args.id)?;
        if matches!(experiment.source, Source::Computed(_)) && !args.overrides.is_empty() {
            return Err(CliError::Usage(format!("{}: has no runs to override", args.id)));
        }
        let done = reproduce(experiment, scale, &args.overrides, options)?;
        let text = || done.text();
        return if options.json { output::json(&done.json) } else { output::text(&text()) };
    }
    // A fault of the overrides ends the command before anything runs.
    for experiment in EXPERIMENTS {
        specs(experiment, scale, &args.overrides, options)?;
    }
    let (mut objects, mut failures) = (Vec::new(), Vec::new());
    for experiment in EXPERIMENTS {
        match reproduce(experiment, scale, &args.overrides, options) {
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
    scale: Scale,
    overrides: &[String],
    options: &RunOptions,
) -> Result<Done, CliError> {
    let (results, name) = match experiment.source {
        Source::Runs(_) => train(experiment, scale, overrides, options)?,
        Source::Computed(compute) => {
            let setting = Setting {
                scale,
                seed: options.seed.unwrap_or(computed::SEED),
                jobs: options.jobs,
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
    let json = to_json(experiment, scale, &rows, &claims);
    let name = format!("{}-{}{name}", experiment.id, scale.name());
    let folder = options.out.join("reports").join(name);
    let page = write(&folder, &report, &rows, &json)?;
    Ok(Done { title: report.title, rows, claims, json, page })
}

/// Runs what is missing; gives the results and, where something was overridden, the end of the
/// report's name: it stands beside the report of the experiment as it is, not in its place.
fn train(
    experiment: &Experiment,
    scale: Scale,
    overrides: &[String],
    options: &RunOptions,
) -> Result<(Results, String), CliError> {
    let specs = specs(experiment, scale, overrides, options)?;
    let mut options = options.clone();
    if experiment.exclusive {
        options.jobs = Some(NonZeroUsize::MIN);
    }
    let stored = run_all(specs, &options)?;
    let overrides = shown(overrides, &options);
    let changed = !overrides.is_empty();
    let name = if changed { format!("-{}", hash_of(&stored)) } else { String::new() };
    let (data, runs) = (options.data.clone(), Runs::gather(&stored)?);
    Ok((Results { scale, data, overrides, runs, computed: None }, name))
}

/// The experiment's runs with the overrides laid over each. Runs that the overrides make equal are
/// one run.
fn specs(
    experiment: &Experiment,
    scale: Scale,
    overrides: &[String],
    options: &RunOptions,
) -> Result<Vec<RunSpec>, CliError> {
    let mut specs: Vec<RunSpec> = Vec::new();
    for spec in experiment.source.specs(scale) {
        let mut plan = Plan::of(&spec);
        plan.apply(overrides, options.seed)?;
        for spec in plan.specs()? {
            if !specs.contains(&spec) {
                specs.push(spec);
            }
        }
    }
    Ok(specs)
}

/// What the user changed, `--seed` included.
fn shown(overrides: &[String], options: &RunOptions) -> Vec<String> {
    let seed = options.seed.map(|seed| format!("train.seed={seed}"));
    overrides.iter().cloned().chain(seed).collect()
}

fn to_json(experiment: &Experiment, scale: Scale, rows: &[Summary], claims: &[Claim]) -> Value {
    let claims = claims.iter().map(|claim| json!({"text": claim.text, "verdict": claim.verdict}));
    json!({
        "experiment": experiment.id,
        "scale": scale,
        "rows": table::to_json(rows),
        "claims": claims.collect::<Vec<_>>(),
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

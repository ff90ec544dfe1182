//! The frame of the rule benchmark's reports.

use std::collections::BTreeSet;

use pathweave_eval::plot::{Line, Panel, Point, Unit};
use pathweave_eval::report::{Block, Report};
use pathweave_eval::stats;
use pathweave_eval::table::Summary;

use super::cells::Cells;
use super::metrics;
use super::sweep::{Setting, family_name, model_name, target_name};
use crate::error::CliError;
use crate::experiment::compose::{self, section};
use crate::experiment::results::Results;
use crate::experiment::runs::Measured;
use crate::experiment::{Experiment, figures};
use crate::spec_file::Plan;

use pathweave::spec::ModelKind;
use pathweave_eval::report::Provenance;

/// The figure's parts, then the table, claims, settings and a spec of each architecture.
///
/// # Errors
/// As [`compose::report`].
pub fn report(
    experiment: &Experiment,
    results: &Results,
    pictures: Vec<Block>,
) -> Result<Report, CliError> {
    let mut pictures = pictures.into_iter();
    let first = pictures.next().unwrap_or_else(|| Block::Prose("Nothing was drawn.".into()));
    let rest: Vec<Block> = pictures.collect();
    let more = if rest.is_empty() { Vec::new() } else { vec![section("Further parts", rest)] };
    compose::report_with(experiment, results, first, more, (settings(results), specs(results)))
}

/// The values that occur, ascending.
fn numbers(results: &Results, of: impl Fn(&Measured) -> Option<u64>) -> String {
    let found: BTreeSet<u64> = results.runs.all().iter().filter_map(of).collect();
    found.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

/// What the runs were, from their specs, so that overrides show.
fn settings(results: &Results) -> Block {
    let each = |of: &dyn Fn(&Measured) -> Option<String>| {
        let mut found: Vec<String> = Vec::new();
        let mut seen = BTreeSet::new();
        for text in results.runs.all().iter().filter_map(of) {
            if seen.insert(text.clone()) {
                found.push(text);
            }
        }
        found.join(", ")
    };
    let setting = |of: &dyn Fn(Setting) -> String| each(&|run| Setting::of(&run.spec).map(of));
    let data = |of: &dyn Fn(&pathweave_data::dataset::RulesSpec) -> String| {
        each(&|run| run.spec.data.rules().map(of))
    };
    let steps = |run: &Measured| {
        let family = family_name(run.spec.data.rules()?.family);
        Some(format!("{} ({family})", run.entry.record.steps))
    };
    let rate = |run: &Measured| {
        let train = &run.spec.train;
        Some(format!("{:?} {}", train.optimizer, train.learning_rate))
    };
    let rows = [
        ("architectures", setting(&|one| family_name(one.family).into())),
        ("training settings", setting(&|one| target_name(one.target).into())),
        ("rules", numbers(results, |run| Some(Setting::of(&run.spec)?.rules as u64))),
        ("sizes (E, D)", setting(&|one| format!("({}, {})", one.encoder, one.width))),
        ("tasks", numbers(results, |run| Some(run.spec.data.rules()?.task))),
        ("seeds", numbers(results, |run| Some(run.spec.train.seed))),
        ("steps", each(&steps)),
        ("steps between evaluations", data(&|data| data.steps_per_epoch.to_string())),
        ("samples a step", each(&|run| Some(run.spec.train.batch.to_string()))),
        ("optimizer and learning rate", each(&rate)),
        ("samples of an evaluation", data(&|data| data.eval_samples.to_string())),
        ("runs", results.runs.all().len().to_string()),
    ];
    compose::settings_table(&rows.map(|(name, value)| (name.to_owned(), value)))
}

/// The spec of each architecture's first run, to start from.
fn specs(results: &Results) -> Vec<Block> {
    let mut seen = BTreeSet::new();
    let mut blocks = Vec::new();
    for run in results.runs.all() {
        let Some(setting) = Setting::of(&run.spec) else { continue };
        if !seen.insert(setting.family) {
            continue;
        }
        if let Ok(toml) = Plan::of(&run.spec).to_toml() {
            let summary = format!("{}: {}", run.spec.name, run.entry.record.id);
            blocks.push(Block::Provenance(Provenance { summary, toml }));
        }
    }
    blocks
}

/// Mean of a model over settings, with an interval over tasks and seeds.
pub fn summary(
    key: impl Into<String>,
    metric: &str,
    cells: &Cells,
    kind: ModelKind,
) -> Option<Summary> {
    let values = cells.by_repeat(kind);
    (!values.is_empty()).then(|| Summary::new(key, metric, values))
}

/// A model's line over the numbers of rules.
fn line(cells: &Cells, kind: ModelKind) -> Line {
    let point = |rules: usize| {
        let values = cells.only(|setting| setting.rules == rules).by_repeat(kind);
        let y = stats::mean(&values)?;
        Some(Point { x: rules as f64, y, error: stats::ci95(&values) })
    };
    let points = cells.rules().into_iter().filter_map(point).collect();
    Line { label: model_name(kind).into(), points }
}

/// Lines over the numbers of rules, one a model.
pub fn panel(title: &str, y_label: &str, cells: &Cells, models: &[ModelKind]) -> Panel {
    Panel {
        title: title.into(),
        x_label: "rules".into(),
        y_label: y_label.into(),
        unit: Unit::Number { digits: 3 },
        lines: models.iter().map(|&kind| line(cells, kind)).collect(),
    }
}

/// What equal activation of all modules measures, as a line.
pub fn random_line(cells: &Cells, metric: &str) -> Line {
    let point =
        |rules: usize| Point { x: rules as f64, y: metrics::of_random(metric, rules), error: None };
    let points = cells.rules().into_iter().map(point).collect();
    Line { label: model_name(ModelKind::Random).into(), points }
}

/// A figure with its caption.
pub fn figure(name: &str, svg: String, caption: &str) -> Block {
    figures::figure(name, svg, caption)
}

//! `run`: trains the runs of a preset or spec, prints their table, writes a report.

use std::path::Path;

use pathweave_eval::report::{Align, Block, Report, Section, TextTable};
use pathweave_eval::table::{self, Summary};
use serde_json::{Value, json};

use super::report::{hash_of, write};
use crate::cli::SpecArgs;
use crate::error::CliError;
use crate::executor::run_all;
use crate::experiment::runs::Runs;
use crate::experiment::{figures, routes, rule_figures};
use crate::options::RunOptions;
use crate::output;
use crate::spec_file::Plan;
use crate::store::StoredRun;

/// A column of the table: heading, metric, factor, decimals.
type Column = (&'static str, &'static str, f64, usize);

/// What the table shows; columns that no run has are left out.
const COLUMNS: [Column; 11] = [
    ("accuracy, %", "accuracy", 100.0, 1),
    ("loss", "loss", 1.0, 3),
    ("error, %", "error", 100.0, 1),
    ("out of distribution", "performance_ood", 1.0, 3),
    ("collapse", "collapse_avg", 1.0, 2),
    ("alignment", "alignment", 1.0, 2),
    ("adaptation", "adaptation", 1.0, 2),
    ("inverse mutual information", "inverse_mutual_information", 1.0, 2),
    ("entropy, nats", "selection_entropy", 1.0, 2),
    ("modules used", "modules_used", 1.0, 1),
    ("seconds", "timing/wall_seconds", 1.0, 1),
];

/// Of these, what speaks of rules: other runs have it too, of their tasks, in their records.
const OF_RULES: [&str; 4] =
    ["collapse_avg", "alignment", "adaptation", "inverse_mutual_information"];

/// Trains what is not finished; reports on all.
///
/// # Errors
/// Those of [`Plan::new`], [`Plan::specs`] and [`run_all`].
pub fn run(args: &SpecArgs, options: &RunOptions) -> Result<(), CliError> {
    let plan = Plan::new(&args.spec, &args.overrides, options.seed)?;
    let stored = run_all(plan.specs()?, options)?;
    let runs = Runs::gather(&stored)?;
    let rows = rows(&runs);
    let table = wide(&runs);
    let folder =
        options.out.join("reports").join(format!("{}-{}", slug(&plan.name), hash_of(&stored)));
    let json = json!({
        "name": plan.name,
        "runs": stored.iter().map(run_json).collect::<Vec<_>>(),
        "rows": table::to_json(&rows),
        "report": folder.join("report.html"),
    });
    let page = write(&folder, &report(&plan.name, &runs, &table), &rows, &json)?;
    if options.json {
        return output::json(&json);
    }
    let headers: Vec<&str> = table.headers.iter().map(String::as_str).collect();
    let text = output::columns(&headers, &table.rows);
    output::text(&format!("{text}\nreport: {}\n", page.display()))
}

fn run_json(run: &StoredRun) -> Value {
    let record = json!(run.record);
    json!({
        "id": run.id,
        "name": run.spec.name,
        "seed": run.spec.train.seed,
        "folder": run.folder,
        "metrics": record["metrics"],
        "timing": json!(run.timing),
    })
}

fn rows(runs: &Runs) -> Vec<Summary> {
    let of = |(_, metric, ..): &Column| {
        let models = runs.models();
        models.into_iter().filter_map(|model| runs.summary(model, metric)).collect::<Vec<_>>()
    };
    COLUMNS.iter().flat_map(of).collect()
}

/// One row a model, means with their intervals.
fn wide(runs: &Runs) -> TextTable {
    let rules = rule_figures::are_rules(runs);
    let known = |(_, metric, ..): &&Column| {
        (rules || !OF_RULES.contains(metric))
            && runs.models().into_iter().any(|model| runs.summary(model, metric).is_some())
    };
    let columns: Vec<&Column> = COLUMNS.iter().filter(known).collect();
    let cell = |model: &str, &&(_, metric, factor, digits): &&Column| {
        let Some(summary) = runs.summary(model, metric) else { return "–".to_owned() };
        let half = summary.ci95.map(|half| format!(" ± {:.digits$}", factor * half));
        format!("{:.digits$}{}", factor * summary.mean, half.unwrap_or_default())
    };
    let row = |model: &str| {
        let cells = columns.iter().map(|column| cell(model, column));
        let count = runs.of(model).count().to_string();
        [model.to_owned()].into_iter().chain(cells).chain([count]).collect()
    };
    let headings = columns.iter().map(|(heading, ..)| *heading);
    let headers = ["model"].into_iter().chain(headings).chain(["runs"]).map(Into::into).collect();
    let align = (0..columns.len() + 2).map(|at| if at == 0 { Align::Left } else { Align::Right });
    TextTable {
        caption: "Mean over seeds and 95 % interval.".into(),
        headers,
        align: align.collect(),
        rows: runs.models().into_iter().map(row).collect(),
    }
}

fn report(name: &str, runs: &Runs, table: &TextTable) -> Report {
    let section = |heading: &str, blocks: Vec<Block>| Section { heading: heading.into(), blocks };
    if rule_figures::are_rules(runs) {
        let bars = rule_figures::performance_bars(runs);
        let mut sections = vec![section("Result", vec![bars, Block::Table(table.clone())])];
        sections.extend(rule_figures::sections(runs));
        sections.push(section("Specs", figures::specs(runs)));
        return Report { title: name.into(), lead: lead(runs), sections };
    }
    let bars = figures::accuracy_bars(runs, "Test accuracy");
    let mut sections = vec![section("Result", vec![bars, Block::Table(table.clone())])];
    let curves = figures::accuracy_curves(runs, "Test accuracy over training");
    sections.push(section("Training", vec![curves]));
    let routed: Vec<&str> = runs.models().into_iter().filter(|model| runs.routes(model)).collect();
    if !routed.is_empty() {
        let mut blocks = vec![routes::dynamics(runs, &routed)];
        blocks.extend(routed.iter().flat_map(|model| routes::map(runs, model)));
        sections.push(section("Routing", blocks));
    }
    sections.push(section("Specs", figures::specs(runs)));
    Report { title: name.into(), lead: lead(runs), sections }
}

fn lead(runs: &Runs) -> String {
    let mut sets: Vec<String> = Vec::new();
    for data in runs.all().iter().map(|run| &run.entry.record.dataset) {
        let text = format!(
            "{}: {} tasks, {} training and {} test samples",
            data.name, data.tasks, data.train, data.test
        );
        if !sets.contains(&text) {
            sets.push(text);
        }
    }
    let (models, count) = (runs.models().len(), runs.all().len());
    format!("{count} runs of {models} models on {}.", sets.join("; "))
}

/// A name as part of a path.
fn slug(name: &str) -> String {
    let fits = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    Path::new(name)
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().chars().map(fits).collect())
}

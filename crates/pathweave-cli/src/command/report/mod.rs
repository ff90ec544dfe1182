//! `report`: groups of finished runs side by side, as tables, figures and a page.

mod details;
mod files;
mod page;

use pathweave_eval::report::TextTable;
use pathweave_eval::table::compare::{Comparison, Question, QuestionError, Row};
use pathweave_eval::table::frame::Frame;
use pathweave_eval::table::groups::UnknownKey;
use pathweave_eval::table::{UnknownMetric, parquet, rows};
use pathweave_store::{write_atomic, write_text};
use rayon::prelude::*;
use serde_json::json;
use sha2::{Digest, Sha256};

pub use files::write;
use page::Page;

use crate::cli::ReportArgs;
use crate::error::CliError;
use crate::options::RunOptions;
use crate::output;
use crate::selection::Selection;
use crate::spec_file::nearest;
use crate::store::StoredRun;
use crate::ui::Ui;

/// File of a report's data.
pub const DATA: &str = "rows.json";

/// Shown where no metric is named, of those that there are.
pub const TELLING: [&str; 13] = [
    "accuracy",
    "loss",
    "error",
    "performance",
    "performance_ood",
    "collapse_avg",
    "collapse_worst",
    "alignment",
    "adaptation",
    "inverse_mutual_information",
    "selection_entropy",
    "modules_used",
    "timing/train_seconds",
];

/// Reports on finished runs.
///
/// # Errors
/// [`CliError::Usage`] where there is no such run, key, group or metric, or none is finished.
pub fn run(args: &ReportArgs, options: &RunOptions) -> Result<(), CliError> {
    let selection = Selection::new(&args.select, &options.out)?;
    let frame = selection.frame()?;
    let metrics = metrics(&frame, &args.metric)?;
    let question = Question {
        by: args.by.clone(),
        strata: args.strata.clone(),
        pairs: args.pair.clone(),
        against: args.against.clone(),
        resamples: args.resamples.into(),
    };
    let comparison = Comparison::new(&frame, &question).map_err(|error| told(&error, &frame))?;
    let groups = &comparison.groups;
    let cells: Vec<(&String, usize)> =
        metrics.iter().flat_map(|metric| (0..groups.len()).map(move |at| (metric, at))).collect();
    let all: Vec<Row> =
        cells.par_iter().filter_map(|(metric, group)| comparison.row(metric, *group)).collect();
    let page = Page {
        comparison: &comparison,
        rows: &all,
        metrics: &metrics,
        by: &args.by,
        strata: &args.strata,
        resamples: args.resamples.into(),
        unfinished: selection.unfinished,
    };
    let details = details::details(&selection, &names(&comparison, frame.len()), groups.len());
    let details = details.unwrap_or_else(|error| {
        Ui::new(options).line(&format!("curves, routing and specs are left out: {error}"));
        None
    });
    let report = page.report(details);
    let folder = options.out.join("reports").join(format!("runs-{}", hash(&selection, args)));
    let json = json!({
        "by": args.by.join(","),
        "strata": args.strata,
        "against": args.against,
        "pairs": comparison.pair_keys,
        "resamples": args.resamples,
        "runs": frame.len(),
        "unfinished": selection.unfinished,
        "rows": rows::to_json(&all, groups, &args.by),
        "report": folder.join("report.html"),
    });
    let html = files::write_pages(&folder, &report, &json)?;
    files::write_pngs(&folder, &report)?;
    write_text(&folder.join("rows.csv"), &rows::to_csv(&all, groups, &args.by))?;
    write_atomic(&folder.join("rows.parquet"), |to| {
        parquet::write_rows(&all, groups, &args.by, to)
    })?;
    let tables = page.tables();
    write_text(&folder.join("rows.tex"), &latex(&tables))?;
    if options.json {
        return output::json(&json);
    }
    output::text(&format!("{}report: {}\n", text(&tables, groups.len()), html.display()))
}

/// The metrics that were asked for, or the telling ones that there are.
fn metrics(frame: &Frame, asked: &[String]) -> Result<Vec<String>, CliError> {
    let known: Vec<&str> = frame.metrics().collect();
    if asked.is_empty() {
        let telling = TELLING.into_iter().filter(|metric| known.contains(metric));
        return Ok(telling.map(str::to_owned).collect());
    }
    for metric in asked {
        if !known.contains(&metric.as_str()) {
            let allowed = known.iter().map(|&name| name.to_owned()).collect();
            let unknown = UnknownMetric { metric: metric.clone(), allowed };
            return Err(CliError::Usage(unknown.to_string()));
        }
    }
    Ok(asked.to_vec())
}

/// A question that the runs do not answer, with the key that may have been meant.
fn told(error: &QuestionError, frame: &Frame) -> CliError {
    let QuestionError::Key(UnknownKey(key)) = error else {
        return CliError::Usage(error.to_string());
    };
    let keys = frame.keys();
    let hint = nearest(key, &keys).map(|near| format!(" (did you mean {near}?)"));
    CliError::Usage(format!("{error}{}", hint.unwrap_or_default()))
}

/// Of each run the name of its group.
fn names(comparison: &Comparison<'_>, runs: usize) -> Vec<String> {
    let mut names = vec![String::new(); runs];
    for group in &comparison.groups {
        for &run in &group.runs {
            names[run].clone_from(&group.name);
        }
    }
    names
}

fn latex(tables: &[(&'static str, TextTable)]) -> String {
    let tables: Vec<String> = tables.iter().map(|(label, table)| table.to_latex(label)).collect();
    format!("% \\usepackage{{booktabs}}\n\n{}", tables.join("\n"))
}

/// The means, and the comparison where there is one, as a terminal shows them.
fn text(tables: &[(&'static str, TextTable)], groups: usize) -> String {
    let mut text = String::new();
    for (_, table) in tables.iter().filter(|(label, _)| *label != "runs-iqm") {
        let headers: Vec<&str> = table.headers.iter().map(String::as_str).collect();
        text += &format!("{}\n{}\n", table.caption, output::columns(&headers, &table.rows));
    }
    let shown = tables[0].1.rows.len();
    if groups > shown {
        text += &format!("… and {} more groups: rows.csv has all\n\n", groups - shown);
    }
    text
}

/// Names a report by what it is about.
fn hash(selection: &Selection, args: &ReportArgs) -> String {
    let mut hash = Sha256::new();
    let lists = [&args.by, &args.strata, &args.pair, &args.metric];
    let words = lists.into_iter().flat_map(|list| list.iter().map(String::as_str).chain(["/"]));
    let ids = selection.runs.iter().map(|run| run.id.as_str());
    for part in ids.chain(words).chain(args.against.as_deref()) {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(args.resamples.to_string());
    short(hash)
}

/// Names a report by its runs, so that another one never takes its place.
pub fn hash_of(stored: &[StoredRun]) -> String {
    let mut hash = Sha256::new();
    for run in stored {
        // The name too: two plans may give the same runs other names.
        hash.update(format!("{} {}\n", run.id, run.spec.name));
    }
    short(hash)
}

fn short(hash: Sha256) -> String {
    hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

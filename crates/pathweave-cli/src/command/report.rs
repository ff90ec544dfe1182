//! `report`: a table, figures and a page of finished runs.

use std::fs;
use std::path::{Path, PathBuf};

use pathweave_eval::report::{Block, Report, Section};
use pathweave_eval::table::{self, Summary, UnknownMetric, field};
use pathweave_store::{RECORD, ids, write_text};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cli::ReportArgs;
use crate::error::CliError;
use crate::experiment::runs::Runs;
use crate::experiment::{figures, routes, rule_figures};
use crate::options::RunOptions;
use crate::output;
use crate::store::StoredRun;

/// File of a report's data.
pub const DATA: &str = "rows.json";

/// Shown where no metric is named, of those that there are.
const TELLING: [&str; 12] = [
    "accuracy",
    "loss",
    "error",
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
/// [`CliError::Usage`] where there is no such run or metric, or none is finished.
pub fn run(args: &ReportArgs, options: &RunOptions) -> Result<(), CliError> {
    let stored = find(&args.runs, &options.out)?;
    let runs = Runs::gather(&named_by(&stored, &args.by))?;
    let rows = rows(&runs, &args.metric)?;
    let report = report(&runs, &rows, &args.by);
    let json = json!({"by": args.by, "rows": table::to_json(&rows)});
    let folder = options.out.join("reports").join(format!("runs-{}", hash(&stored, args)));
    let page = write(&folder, &report, &rows, &json)?;
    if options.json {
        return output::json(&json);
    }
    let table = figures::table("", &rows);
    let headers: Vec<&str> = table.headers.iter().map(String::as_str).collect();
    let table = output::columns(&headers, &table.rows);
    output::text(&format!("{table}\nreport: {}\n", page.display()))
}

/// Writes a report's page, its Markdown and pictures, the table and its JSON; gives the page's path.
///
/// # Errors
/// Where a file cannot be written.
pub fn write(
    folder: &Path,
    report: &Report,
    rows: &[Summary],
    json: &Value,
) -> Result<PathBuf, CliError> {
    fs::create_dir_all(folder).map_err(|error| CliError::file(folder, error))?;
    for (name, svg) in report.figures() {
        write_text(&folder.join(name), svg)?;
    }
    write_text(&folder.join("report.md"), &report.to_markdown(""))?;
    write_text(&folder.join("table.csv"), &table::to_csv(rows))?;
    write_text(&folder.join(DATA), &format!("{json:#}\n"))?;
    let page = folder.join("report.html");
    write_text(&page, &report.to_html())?;
    Ok(page)
}

/// The runs that the words name, each once. A folder that is no run stands for the finished runs in
/// it.
fn find(words: &[String], out: &Path) -> Result<Vec<StoredRun>, CliError> {
    let mut found: Vec<StoredRun> = Vec::new();
    for word in words {
        let folder = Path::new(word);
        let runs = if folder.is_dir() && !folder.join(RECORD).is_file() {
            let finished = |id: &String| folder.join(id).join(RECORD).is_file();
            let ids = ids(folder).into_iter().filter(finished);
            ids.map(|id| StoredRun::read(&folder.join(id), None)).collect::<Result<Vec<_>, _>>()?
        } else {
            vec![StoredRun::find(word, out)?]
        };
        if runs.is_empty() {
            return Err(CliError::Usage(format!("{word}: no finished run in this folder")));
        }
        for run in runs {
            if found.iter().all(|other| other.id != run.id) {
                found.push(run);
            }
        }
    }
    Ok(found)
}

/// The runs under the name of their group.
fn named_by(stored: &[StoredRun], by: &str) -> Vec<StoredRun> {
    let named = |run: &StoredRun| {
        let value = field(&run.record, by).unwrap_or_else(|| Value::from("–"));
        let name = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut run = run.clone();
        run.spec.name.clone_from(&name);
        run.record.name = name;
        run
    };
    stored.iter().map(named).collect()
}

fn rows(runs: &Runs, metrics: &[String]) -> Result<Vec<Summary>, CliError> {
    let table = runs.table();
    let unknown = |error: UnknownMetric| CliError::Usage(error.to_string());
    let mut rows = Vec::new();
    for metric in metrics {
        rows.extend(table.summarise("name", metric).map_err(unknown)?);
    }
    if metrics.is_empty() {
        let known = TELLING.iter().filter_map(|metric| table.summarise("name", metric).ok());
        rows.extend(known.flatten());
    }
    Ok(rows)
}

fn report(runs: &Runs, rows: &[Summary], by: &str) -> Report {
    let count = runs.all().len();
    let rules = rule_figures::are_rules(runs);
    let bars = match rules {
        true => rule_figures::performance_bars(runs),
        false => figures::accuracy_bars(runs, "Test accuracy"),
    };
    let mut sections = vec![Section {
        heading: "Result".into(),
        blocks: vec![bars, Block::Table(figures::table("", rows))],
    }];
    if rules {
        sections.extend(rule_figures::sections(runs));
    } else {
        let curves = figures::accuracy_curves(runs, "Test accuracy");
        sections.push(Section { heading: "Training".into(), blocks: vec![curves] });
    }
    let routed: Vec<&str> = runs.models().into_iter().filter(|model| runs.routes(model)).collect();
    if !routed.is_empty() && !rules {
        let mut blocks = vec![routes::dynamics(runs, &routed)];
        blocks.extend(routed.iter().flat_map(|model| routes::map(runs, model)));
        sections.push(Section { heading: "Routing".into(), blocks });
    }
    sections.push(Section { heading: "Specs".into(), blocks: figures::specs(runs) });
    Report {
        title: format!("{count} runs by {by}"),
        lead: "Means over runs with 95 % intervals.".into(),
        sections,
    }
}

/// Names a report by what it is about.
fn hash(stored: &[StoredRun], args: &ReportArgs) -> String {
    let mut hash = Sha256::new();
    for part in stored.iter().map(|run| &run.id).chain([&args.by]).chain(&args.metric) {
        hash.update(part);
        hash.update([0]);
    }
    hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// Names a report by its runs, so that another one never takes its place.
pub fn hash_of(stored: &[StoredRun]) -> String {
    let mut hash = Sha256::new();
    for run in stored {
        // The name too: two plans may give the same runs other names.
        hash.update(format!("{} {}\n", run.id, run.spec.name));
    }
    hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

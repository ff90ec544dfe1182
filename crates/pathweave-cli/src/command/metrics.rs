//! `metrics`: measures routing logs of any framework.

use std::path::Path;

use pathweave_eval::log::RoutingLog;
use pathweave_eval::metric::METRICS;
use pathweave_eval::pair::{PAIR_METRICS, PairMetricDef};
use serde_json::{Map, Value, json};

use crate::cli::MetricsArgs;
use crate::error::CliError;
use crate::options::RunOptions;
use crate::output;
use crate::store::StoredRun;
use crate::worker::metrics::of_log;

/// Prints every metric of every log; with several logs also those of pairs.
///
/// # Errors
/// [`CliError::Data`] with every fault of every log, by file, line and column; [`CliError::Usage`]
/// where there is no such file or run.
pub fn run(args: &MetricsArgs, options: &RunOptions) -> Result<(), CliError> {
    let (mut logs, mut faults) = (Vec::new(), Vec::new());
    for word in &args.logs {
        match read(word, &options.out) {
            Ok(log) => logs.push((word.as_str(), log)),
            Err(CliError::Data(text)) => faults.push(text),
            Err(other) => return Err(other),
        }
    }
    if !faults.is_empty() {
        return Err(CliError::Data(faults.join("\n")));
    }
    if options.json {
        return output::json(&to_json(&logs));
    }
    output::text(&to_text(&logs))
}

fn read(word: &str, out: &Path) -> Result<RoutingLog, CliError> {
    let path = Path::new(word);
    if path.is_file() {
        return RoutingLog::read(path).map_err(|error| CliError::Data(error.to_string()));
    }
    let run = StoredRun::find(word, out).map_err(|error| match error {
        CliError::Usage(text) => CliError::Usage(format!("{text}, and no such file")),
        other => other,
    })?;
    let none = || CliError::Usage(format!("{word}: a run that routes nothing"));
    run.routing_log()?.ok_or_else(none)
}

/// Value or reason.
type Cell = Result<f64, String>;

fn number(cell: &Cell) -> String {
    cell.as_ref().map_or_else(|_| "–".into(), |value| format!("{value:.4}"))
}

fn to_text(logs: &[(&str, RoutingLog)]) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for def in METRICS {
        let cells: Vec<Cell> = logs
            .iter()
            .map(|(_, log)| (def.compute)(log).map_err(|error| error.to_string()))
            .collect();
        let reason = cells.iter().find_map(|cell| cell.as_ref().err());
        let what = reason.cloned().unwrap_or_else(|| def.equation.to_owned());
        rows.push(row(def.name, cells.iter().map(number), &what));
        rows.extend(by_depth(logs, def.name));
    }
    let names = (1..=logs.len())
        .map(|at| if logs.len() == 1 { "value".into() } else { format!("log {at}") });
    let headers: Vec<String> =
        ["metric".to_owned()].into_iter().chain(names).chain(["what".into()]).collect();
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let mut text = String::new();
    if logs.len() > 1 {
        for (at, (name, _)) in logs.iter().enumerate() {
            text += &format!("log {}: {name}\n", at + 1);
        }
        text.push('\n');
    }
    text += &output::columns(&headers, &rows);
    if logs.len() > 1 {
        let row = |def: &PairMetricDef| {
            let (cell, over) = over_pairs(logs, def);
            let what = cell.as_ref().err().cloned().unwrap_or_else(|| def.equation.to_owned());
            vec![def.name.to_owned(), number(&cell), over.to_owned(), what]
        };
        let rows: Vec<Vec<String>> = PAIR_METRICS.iter().map(row).collect();
        text += &format!("\n{}", output::columns(&["metric", "value", "mean over", "what"], &rows));
    }
    text
}

fn row(name: &str, cells: impl Iterator<Item = String>, what: &str) -> Vec<String> {
    [name.to_owned()].into_iter().chain(cells).chain([what.to_owned()]).collect()
}

/// The lines `name/0`, `name/1` and so on of a metric that is told by depth.
fn by_depth(logs: &[(&str, RoutingLog)], name: &str) -> Vec<Vec<String>> {
    let values: Vec<_> = logs.iter().map(|(_, log)| of_log(log)).collect();
    let most = logs.iter().map(|(_, log)| log.header().depths()).max().unwrap_or(0);
    let line = |depth: usize| {
        let key = format!("{name}/{depth}");
        let cell = |of: &std::collections::BTreeMap<String, f64>| {
            of.get(&key).copied().ok_or_else(String::new)
        };
        let cells: Vec<Cell> = values.iter().map(cell).collect();
        let any = cells.iter().any(Result::is_ok);
        any.then(|| row(&key, cells.iter().map(number), ""))
    };
    (0..most).filter_map(line).collect()
}

/// Fluctuation from each log to the next; agreement of all pairs.
fn pairs(logs: usize, def: &PairMetricDef) -> (Vec<(usize, usize)>, &'static str) {
    if def.renames {
        let after = |first| (first + 1..logs).map(move |second| (first, second));
        return ((0..logs).flat_map(after).collect(), "all pairs");
    }
    ((1..logs).map(|second| (second - 1, second)).collect(), "successive pairs")
}

fn over_pairs(logs: &[(&str, RoutingLog)], def: &PairMetricDef) -> (Cell, &'static str) {
    let (pairs, over) = pairs(logs.len(), def);
    let value = |&(a, b): &(usize, usize)| {
        let of = (def.compute)(&logs[a].1, &logs[b].1);
        of.map_err(|error| format!("logs {} and {}: {error}", a + 1, b + 1))
    };
    let values: Result<Vec<f64>, String> = pairs.iter().map(value).collect();
    (values.map(|values| values.iter().sum::<f64>() / values.len() as f64), over)
}

fn to_json(logs: &[(&str, RoutingLog)]) -> Value {
    let of_one = |(name, log): &(&str, RoutingLog)| {
        let missing = METRICS.iter().filter_map(|def| {
            let error = (def.compute)(log).err()?;
            Some((def.name.to_owned(), json!(error.to_string())))
        });
        json!({
            "log": name,
            "rows": log.rows().len(),
            "modules": log.header().modules,
            "metrics": of_log(log),
            "missing": missing.collect::<Map<_, _>>(),
        })
    };
    let of_def = |def: &PairMetricDef| {
        let pair = |(a, b): (usize, usize)| match (def.compute)(&logs[a].1, &logs[b].1) {
            Ok(value) => json!({"first": logs[a].0, "second": logs[b].0, "value": value}),
            Err(error) => {
                json!({"first": logs[a].0, "second": logs[b].0, "error": error.to_string()})
            }
        };
        let (pairs, over) = pairs(logs.len(), def);
        let mean = over_pairs(logs, def).0.ok();
        let pairs: Vec<Value> = pairs.into_iter().map(pair).collect();
        (def.name.to_owned(), json!({"mean": mean, "over": over, "pairs": pairs}))
    };
    let mut whole = json!({"logs": logs.iter().map(of_one).collect::<Vec<_>>()});
    if logs.len() > 1 {
        whole["pairs"] = Value::Object(PAIR_METRICS.iter().map(of_def).collect());
    }
    whole
}

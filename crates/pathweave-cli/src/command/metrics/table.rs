//! What is printed for people.

use std::path::Path;

use pathweave_eval::metric::METRICS;
use pathweave_eval::metric::MetricDef;
use pathweave_eval::pair::{PAIR_METRICS, PairMetricDef};

use super::map;
use super::snapshot::{Snapshot, Subject};
use crate::output;

/// Value or reason.
pub type Cell = Result<f64, String>;

fn number(cell: &Cell) -> String {
    cell.as_ref().map_or_else(|_| "–".into(), |value| format!("{value:.4}"))
}

/// The whole output.
pub fn whole(subjects: &[Subject], figure: Option<&Path>) -> String {
    let mut text = match subjects {
        [subject] => one(subject),
        subjects => several(subjects),
    };
    if let Some(path) = figure {
        text += &format!("\nfigure: {}\n", path.display());
    }
    text
}

fn one(subject: &Subject) -> String {
    let snapshot = subject.last();
    let mut text = format!("{}\n\n", heading(subject));
    let mut rows = Vec::new();
    for def in METRICS {
        rows.push(assessed(def, snapshot));
        rows.extend(by_depth(&[subject], def.name).into_iter().map(|[name, value]| {
            let mut cells = vec![String::new(); 7];
            (cells[0], cells[1]) = (name, value);
            cells
        }));
    }
    let headers = ["metric", "value", "95 %", "uniform", "oracle", "needs", "what"];
    text += &output::columns(&headers, &rows);
    let map = map::text(subject);
    if !map.is_empty() {
        text += &format!("\n{map}");
    }
    text += &findings(subject);
    text + &trend(subject)
}

/// Form, rows, modules, rules.
fn heading(subject: &Subject) -> String {
    let snapshot = subject.last();
    let decisions = match snapshot.rows {
        Some(rows) => format!("{rows:.0} decisions"),
        None => "shares of an unknown number of decisions".to_owned(),
    };
    let sizes: Vec<usize> = snapshot.modules.clone();
    let (least, most) = (sizes.iter().min().unwrap_or(&0), sizes.iter().max().unwrap_or(&0));
    let modules = if least == most { format!("{most}") } else { format!("{least} to {most}") };
    let rules = match &snapshot.rules {
        Some((what, names)) => format!("rules: {} {what}", names.len()),
        None => "no rules".to_owned(),
    };
    let step = match (snapshot.step, subject.steps.len()) {
        (Some(step), 1) => format!(", step {step}"),
        (Some(step), steps) => format!(", step {step}, the last of {steps}"),
        (None, _) => String::new(),
    };
    format!(
        "{}, {}: {decisions}, {} layers of {modules} modules, {rules}{step}",
        subject.name,
        subject.format.name(),
        sizes.len()
    )
}

fn assessed(def: &MetricDef, snapshot: &Snapshot) -> Vec<String> {
    let of = snapshot.assessed.get(def.name);
    let dash = || "–".to_owned();
    let range = |low: f64, high: f64| format!("{low:.3} to {high:.3}");
    let interval = of.and_then(|a| a.interval).map(|i| range(i.low, i.high));
    let uniform = of.and_then(|a| a.uniform);
    let uniform = uniform.map(|u| format!("{:.3} ({})", u.mean, range(u.range.low, u.range.high)));
    let oracle = of.and_then(|a| a.oracle).map(|oracle| format!("{oracle:.3}"));
    let needs = match (def.needs_condition, def.needs_context) {
        (true, _) => "rules",
        (_, true) => "contexts",
        _ => "–",
    };
    let what = snapshot.missing.get(def.name).map_or(def.equation, String::as_str);
    vec![
        def.name.to_owned(),
        number(&snapshot.values.get(def.name).copied().ok_or_else(String::new)),
        interval.unwrap_or_else(dash),
        uniform.unwrap_or_else(dash),
        oracle.unwrap_or_else(dash),
        needs.to_owned(),
        what.to_owned(),
    ]
}

fn findings(subject: &Subject) -> String {
    let name = |depth: usize| subject.layers.get(depth).map_or("", String::as_str);
    let lines = subject.last().findings.iter();
    let lines: String =
        lines.map(|(depth, found)| format!("alarm: layer {}: {found}\n", name(*depth))).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// First and last step of a trace.
fn trend(subject: &Subject) -> String {
    let [first, .., last] = &*subject.steps else { return String::new() };
    let mut rows = Vec::new();
    for def in METRICS {
        let values = [first, last].map(|snapshot| snapshot.values.get(def.name).copied());
        if let [Some(before), Some(after)] = values {
            let change = format!("{:+.4}", after - before);
            rows.push(vec![
                def.name.to_owned(),
                format!("{before:.4}"),
                format!("{after:.4}"),
                change,
            ]);
        }
    }
    let step = |snapshot: &Snapshot| snapshot.step.map_or("none".into(), |step| step.to_string());
    let (from, to) = (format!("step {}", step(first)), format!("step {}", step(last)));
    format!("\n{}", output::columns(&["trend", &from, &to, "change"], &rows))
}

fn several(subjects: &[Subject]) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let all: Vec<&Subject> = subjects.iter().collect();
    for def in METRICS {
        let cell = |subject: &Subject| {
            let snapshot = subject.last();
            let reason = || snapshot.missing.get(def.name).cloned().unwrap_or_default();
            snapshot.values.get(def.name).copied().ok_or_else(reason)
        };
        let cells: Vec<Cell> = subjects.iter().map(cell).collect();
        let reason = cells.iter().find_map(|cell| cell.as_ref().err());
        let what = reason.cloned().unwrap_or_else(|| def.equation.to_owned());
        let values = cells.iter().map(number);
        rows.push([def.name.to_owned()].into_iter().chain(values).chain([what]).collect());
        rows.extend(depths(&all, def.name));
    }
    let names = (1..=subjects.len()).map(|at| format!("log {at}"));
    let headers: Vec<String> =
        ["metric".to_owned()].into_iter().chain(names).chain(["what".into()]).collect();
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let mut text = String::new();
    for (at, subject) in subjects.iter().enumerate() {
        text += &format!("log {}: {}\n", at + 1, subject.name);
    }
    text += &format!("\n{}", output::columns(&headers, &rows));
    for (at, subject) in subjects.iter().enumerate() {
        text += &findings(subject).replace("alarm:", &format!("alarm: log {}:", at + 1));
    }
    let row = |def: &PairMetricDef| {
        let (cell, over) = over_pairs(subjects, def);
        let what = cell.as_ref().err().cloned().unwrap_or_else(|| def.equation.to_owned());
        vec![def.name.to_owned(), number(&cell), over.to_owned(), what]
    };
    let rows: Vec<Vec<String>> = PAIR_METRICS.iter().map(row).collect();
    text + &format!("\n{}", output::columns(&["metric", "value", "mean over", "what"], &rows))
}

/// The lines `name/0`, `name/1` and so on of a metric that is told by depth: name and values.
fn depths(subjects: &[&Subject], name: &str) -> Vec<Vec<String>> {
    let most = subjects.iter().map(|subject| subject.layers.len()).max().unwrap_or(0);
    let line = |depth: usize| {
        let key = format!("{name}/{depth}");
        let value = |s: &&Subject| s.last().values.get(&key).copied().ok_or_else(String::new);
        let cells: Vec<Cell> = subjects.iter().map(value).collect();
        let any = cells.iter().any(Result::is_ok);
        any.then(|| [key].into_iter().chain(cells.iter().map(number)).collect())
    };
    (0..most).filter_map(line).collect()
}

fn by_depth(subject: &[&Subject; 1], name: &str) -> Vec<[String; 2]> {
    depths(subject, name).into_iter().filter_map(|line| line.try_into().ok()).collect()
}

/// Fluctuation from each log to the next; agreement of all pairs.
pub fn pairs(logs: usize, def: &PairMetricDef) -> (Vec<(usize, usize)>, &'static str) {
    if def.renames {
        let after = |first| (first + 1..logs).map(move |second| (first, second));
        return ((0..logs).flat_map(after).collect(), "all pairs");
    }
    ((1..logs).map(|second| (second - 1, second)).collect(), "successive pairs")
}

/// One pair's value, of the last steps.
pub fn of_pair(first: &Subject, second: &Subject, def: &PairMetricDef) -> Cell {
    match (&first.last().log, &second.last().log) {
        (Some(first), Some(second)) => {
            (def.compute)(first, second).map_err(|error| error.to_string())
        }
        _ => Err("a file holds sums, and no decisions".to_owned()),
    }
}

pub fn over_pairs(subjects: &[Subject], def: &PairMetricDef) -> (Cell, &'static str) {
    let (pairs, over) = pairs(subjects.len(), def);
    let value = |&(a, b): &(usize, usize)| {
        let of = of_pair(&subjects[a], &subjects[b], def);
        of.map_err(|error| format!("logs {} and {}: {error}", a + 1, b + 1))
    };
    let values: Result<Vec<f64>, String> = pairs.iter().map(value).collect();
    (values.map(|values| values.iter().sum::<f64>() / values.len() as f64), over)
}

//! `runs`: the runs of a store, or groups of them.

use std::cmp::Ordering;

use pathweave_store::index::{Cell, Counts, Group, Index, Row};
use pathweave_store::query::{Filter, Query, QueryError, Sort};
use pathweave_store::{State, StoreError};
use serde_json::{Map, Value, json};

use crate::cli::RunsArgs;
use crate::error::CliError;
use crate::options::RunOptions;
use crate::output;

/// Shown where no metric is named, the first of them that some run has.
const TELLING: [&str; 6] =
    ["accuracy", "performance", "error", "collapse_avg", "alignment", "loss"];
/// So many of them.
const SHOWN: usize = 3;
/// Letters of a text in a table.
const WIDEST: usize = 60;

impl From<QueryError> for CliError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Word { .. } => Self::Usage(error.to_string()),
            other => Self::Internal(other.to_string()),
        }
    }
}

/// Prints runs, or groups of them.
///
/// # Errors
/// [`CliError::Usage`] where there is no such folder, or a word or key is wrong;
/// [`CliError::Internal`] where the folder or its index cannot be read.
pub fn run(args: &RunsArgs, options: &RunOptions) -> Result<(), CliError> {
    let filter = Filter::parse(&args.filter.join(" "))?;
    if !options.out.is_dir() {
        let text = format!("{}: no such folder of runs", options.out.display());
        return Err(CliError::Usage(text));
    }
    let index = open(args, options)?;
    let metrics = match args.metric.is_empty() {
        true => telling(&index)?,
        false => args.metric.clone(),
    };
    let counts = index.counts(&filter)?;
    if args.by.is_empty() {
        let query = Query {
            filter,
            sort: args.sort.as_deref().map(sort),
            columns: metrics.clone(),
            offset: 0,
            limit: Some(args.limit).filter(|&limit| limit > 0),
        };
        let rows = index.rows(&query)?;
        return match options.json {
            true => output::json(&rows_to_json(&counts, &rows, &metrics)),
            false => output::text(&rows_to_text(&counts, &rows, &metrics)),
        };
    }
    let mut groups = index.groups(&filter, &args.by, &metrics)?;
    if let Some(key) = &args.sort {
        order(&mut groups, &sort(key), &args.by, &metrics)?;
    }
    let all = groups.len();
    if args.limit > 0 {
        groups.truncate(args.limit);
    }
    match options.json {
        true => output::json(&groups_to_json(&counts, &groups, &args.by, &metrics)),
        false => output::text(&groups_to_text(&counts, &groups, all, &args.by, &metrics)),
    }
}

fn open(args: &RunsArgs, options: &RunOptions) -> Result<Index, StoreError> {
    let mut index = Index::open(&options.out)?;
    if args.rebuild {
        index.rebuild()?;
    }
    let refreshed = index.refresh()?;
    if !options.quiet {
        for fault in refreshed.faults {
            eprintln!("warning: {}", plain(&fault));
        }
        if refreshed.busy {
            eprintln!("warning: another process writes the index; it may be some seconds old");
        }
    }
    Ok(index)
}

fn telling(index: &Index) -> Result<Vec<String>, QueryError> {
    let known = index.metrics()?;
    let telling = TELLING.iter().filter(|name| known.iter().any(|other| other == **name));
    Ok(telling.take(SHOWN).map(|&name| name.to_owned()).collect())
}

fn sort(word: &str) -> Sort {
    match word.strip_prefix('-') {
        Some(key) => Sort { key: key.to_owned(), descending: true },
        None => Sort { key: word.to_owned(), descending: false },
    }
}

/// Sorts groups, which are in the order of their keys.
fn order(
    groups: &mut [Group],
    sort: &Sort,
    by: &[String],
    metrics: &[String],
) -> Result<(), CliError> {
    let turned = |order: Ordering| if sort.descending { order.reverse() } else { order };
    if let Some(at) = metrics.iter().position(|metric| *metric == sort.key) {
        groups.sort_by(|a, b| match (a.mean(at), b.mean(at)) {
            (Some(a), Some(b)) => turned(a.total_cmp(&b)),
            // Groups without a mean are last.
            (a, b) => b.is_some().cmp(&a.is_some()),
        });
    } else if sort.key == "runs" {
        groups.sort_by(|a, b| turned(a.runs.cmp(&b.runs)));
    } else if let Some(at) = by.iter().position(|key| *key == sort.key) {
        groups.sort_by(|a, b| turned(by_value(&a.key[at], &b.key[at])));
    } else {
        let mut allowed: Vec<&str> = by.iter().chain(metrics).map(String::as_str).collect();
        allowed.push("runs");
        let text = format!("--sort {}: allowed for groups: {}", sort.key, allowed.join(", "));
        return Err(CliError::Usage(text));
    }
    Ok(())
}

/// Numbers before texts before nothing.
fn by_value(a: &str, b: &str) -> Ordering {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.is_empty().cmp(&b.is_empty()).then(a.cmp(b)),
    }
}

fn heading(counts: &Counts) -> String {
    let Counts { total, pending, running, done, failed, alarmed } = counts;
    let states = [(pending, "pending"), (running, "running"), (done, "done"), (failed, "failed")];
    let states = states.iter().filter(|(count, _)| **count > 0);
    let mut parts: Vec<String> = states.map(|(count, name)| format!("{count} {name}")).collect();
    if *alarmed > 0 {
        parts.push(format!("{alarmed} with alarms"));
    }
    let runs = if *total == 1 { "run" } else { "runs" };
    match parts.is_empty() {
        true => format!("{total} {runs}\n"),
        false => format!("{total} {runs}: {}\n", parts.join(", ")),
    }
}

fn rows_to_text(counts: &Counts, rows: &[Row], metrics: &[String]) -> String {
    let mut text = heading(counts);
    if rows.is_empty() {
        return text;
    }
    let has_errors = rows.iter().any(|row| row.error.is_some());
    let mut headers = vec!["id", "name", "seed", "state", "alarms"];
    headers.extend(metrics.iter().map(String::as_str));
    headers.extend(has_errors.then_some("failure"));
    let line = |row: &Row| {
        let state = match row.state {
            State::Done => row.state.name().to_owned(),
            state if row.steps > 0 => format!("{} {}/{}", state.name(), row.step, row.steps),
            state => state.name().to_owned(),
        };
        let alarms = if row.alarms > 0 { row.alarms.to_string() } else { String::new() };
        let mut line = vec![row.id.clone(), plain(&row.name), row.seed.to_string(), state, alarms];
        line.extend(row.columns.iter().map(|cell| cell.as_ref().map(shown).unwrap_or_default()));
        line.extend(has_errors.then(|| plain(row.error.as_deref().unwrap_or_default())));
        line
    };
    let lines: Vec<Vec<String>> = rows.iter().map(line).collect();
    text += &format!("\n{}", output::columns(&headers, &lines));
    more(text, counts.total - rows.len())
}

fn groups_to_text(
    counts: &Counts,
    groups: &[Group],
    all: usize,
    by: &[String],
    metrics: &[String],
) -> String {
    let mut headers: Vec<&str> = by.iter().map(String::as_str).collect();
    headers.push("runs");
    headers.extend(metrics.iter().map(String::as_str));
    let line = |group: &Group| {
        let named = |key: &String| if key.is_empty() { "–".to_owned() } else { plain(key) };
        let mut line: Vec<String> = group.key.iter().map(named).collect();
        line.push(group.runs.to_string());
        line.extend((0..metrics.len()).map(|at| match (group.mean(at), group.ci95(at)) {
            (Some(mean), Some(half)) => format!("{} ± {}", digits(mean), digits(half)),
            (Some(mean), None) => digits(mean),
            (None, _) if group.values[at].is_empty() => String::new(),
            (None, _) => "not finite".into(),
        }));
        line
    };
    let lines: Vec<Vec<String>> = groups.iter().map(line).collect();
    let text = format!("{}\n{}", heading(counts), output::columns(&headers, &lines));
    more(text, all - groups.len())
}

fn more(text: String, left: usize) -> String {
    match left {
        0 => text,
        left => format!("{text}and {left} more; --limit 0 prints all\n"),
    }
}

fn rows_to_json(counts: &Counts, rows: &[Row], metrics: &[String]) -> Value {
    let row = |row: &Row| {
        let mut object = json!(row);
        let cells = metrics.iter().cloned().zip(row.columns.iter().map(|cell| json!(cell)));
        object["columns"] = Value::Object(cells.collect());
        object
    };
    json!({"counts": counts, "runs": rows.iter().map(row).collect::<Vec<_>>()})
}

fn groups_to_json(counts: &Counts, groups: &[Group], by: &[String], metrics: &[String]) -> Value {
    let group = |group: &Group| {
        let key: Map<String, Value> =
            by.iter().cloned().zip(group.key.iter().map(|value| json!(value))).collect();
        let summary = |(at, name): (usize, &String)| {
            let (mean, ci95) = (group.mean(at), group.ci95(at));
            let values = group.values[at].iter().map(|&value| json!(Cell::Number(value)));
            let values: Vec<Value> = values.collect();
            (name.clone(), json!({"n": values.len(), "mean": mean, "ci95": ci95, "values": values}))
        };
        let metrics: Map<String, Value> = metrics.iter().enumerate().map(summary).collect();
        json!({"key": key, "runs": group.runs, "ids": group.ids, "metrics": metrics})
    };
    json!({"counts": counts, "groups": groups.iter().map(group).collect::<Vec<_>>()})
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Number(number) => digits(*number),
        Cell::Text(text) => plain(text),
    }
}

/// A number with about four digits.
fn digits(number: f64) -> String {
    let size = number.abs();
    if number.fract() == 0.0 && size < 1e9 {
        number.to_string()
    } else if (1e-3..1e6).contains(&size) {
        format!("{number:.4}")
    } else {
        format!("{number:.3e}")
    }
}

/// A text of a file on one line of a terminal: nothing in it moves the cursor or turns the writing.
fn plain(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept = |c: char| match c {
        '\n' | '\t' => ' ',
        c if c.is_control() || turns(c) => '\u{fffd}',
        c => c,
    };
    let mut letters = text.trim().chars().map(kept);
    let mut short: String = letters.by_ref().take(WIDEST).collect();
    if letters.next().is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(key: &str, values: &[f64]) -> Group {
        let values = vec![values.to_vec()];
        Group { key: vec![key.into()], runs: values[0].len(), values, ..Group::default() }
    }

    #[test]
    fn groups_are_sorted_by_means_and_keys() {
        let groups = [group("2", &[0.5, 0.7]), group("10", &[0.1]), group("", &[])];
        let sorted = |key: &str| {
            let (mut groups, by) = (groups.clone(), ["rules".to_owned()]);
            order(&mut groups, &sort(key), &by, &["accuracy".into()]).expect("a key");
            groups.into_iter().map(|group| group.key[0].clone()).collect::<Vec<_>>()
        };
        assert_eq!(sorted("accuracy"), ["10", "2", ""]);
        assert_eq!(sorted("-accuracy"), ["2", "10", ""]);
        assert_eq!(sorted("-rules"), ["", "10", "2"]);
        assert_eq!(sorted("runs"), ["", "10", "2"]);
        assert!(order(&mut groups.clone(), &sort("name"), &[], &[]).is_err());
    }

    #[test]
    fn texts_of_files_do_not_reach_the_terminal_as_they_are() {
        assert_eq!(plain("a\u{1b}[31m\nb\u{202e}"), "a\u{fffd}[31m b\u{fffd}");
        assert_eq!(plain(&"x".repeat(99)).chars().count(), WIDEST + 1);
        assert_eq!([digits(0.12345), digits(3.0), digits(1.5e-7)], ["0.1235", "3", "1.500e-7"]);
    }
}

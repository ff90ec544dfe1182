//! The rows of a comparison as CSV, JSON, and for readers.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::compare::{Comparison, Row};
use super::groups::Group;
use super::summary::quoted;
use crate::report::{Align, TextTable};
use crate::stats::Interval;

/// A column of numbers: its name, and its value of a row.
pub type Numbers = (&'static str, fn(&Row) -> Option<f64>);

/// A column of counts.
pub type Counts = (&'static str, fn(&Row) -> Option<u64>);

/// Counts of a row.
pub const COUNTS: [Counts; 7] = [
    ("n", |row| Some(row.n as u64)),
    ("not_finite", |row| Some(row.not_finite as u64)),
    ("strata", |row| Some(row.strata as u64)),
    ("pairs", |row| Some(row.against.as_ref()?.pairs as u64)),
    ("unpaired", |row| Some(row.against.as_ref()?.left as u64)),
    ("unpaired_of_other", |row| Some(row.against.as_ref()?.left_of_other as u64)),
    ("averaged", |row| Some(row.against.as_ref()?.averaged as u64)),
];

/// Numbers of a row.
pub const NUMBERS: [Numbers; 20] = [
    ("mean", |row| Some(row.aggregate?.mean)),
    ("mean_low", |row| Some(row.aggregate?.mean_interval?.low)),
    ("mean_high", |row| Some(row.aggregate?.mean_interval?.high)),
    ("ci95", |row| row.ci95),
    ("sd", |row| row.sd),
    ("iqm", |row| Some(row.aggregate?.iqm)),
    ("iqm_low", |row| Some(row.aggregate?.iqm_interval?.low)),
    ("iqm_high", |row| Some(row.aggregate?.iqm_interval?.high)),
    ("least", |row| row.least),
    ("greatest", |row| row.greatest),
    ("difference", |row| Some(row.against.as_ref()?.difference?.mean)),
    ("difference_low", |row| Some(row.against.as_ref()?.difference?.interval?.low)),
    ("difference_high", |row| Some(row.against.as_ref()?.difference?.interval?.high)),
    ("difference_ci95", |row| Some(row.against.as_ref()?.difference?.t?.ci95)),
    ("difference_p_t", |row| Some(row.against.as_ref()?.difference?.t?.p)),
    ("difference_p_wilcoxon", |row| row.against.as_ref()?.difference?.wilcoxon),
    ("improvement", |row| Some(row.against.as_ref()?.improvement?.probability)),
    ("improvement_low", |row| Some(row.against.as_ref()?.improvement?.interval?.low)),
    ("improvement_high", |row| Some(row.against.as_ref()?.improvement?.interval?.high)),
    ("improvement_strata", |row| Some(row.against.as_ref()?.improvement?.strata as f64)),
];

/// One object a row: `model` (the group's name), `group` (its value of each key), `metric`, the
/// counts and numbers above. What is absent or not finite is null.
pub fn to_json(rows: &[Row], groups: &[Group], by: &[String]) -> Value {
    let one = |row: &Row| {
        let group = &groups[row.group];
        let keys = by.iter().zip(&group.key).map(|(key, value)| (key.clone(), json!(value)));
        let mut object = Map::new();
        object.insert("model".into(), json!(group.name));
        object.insert("group".into(), Value::Object(keys.collect()));
        object.insert("metric".into(), json!(row.metric));
        object.extend(COUNTS.iter().map(|(name, of)| ((*name).into(), json!(of(row)))));
        object.extend(NUMBERS.iter().map(|(name, of)| ((*name).into(), json!(of(row)))));
        // A document's number: reports of experiments have one.
        object.insert("paper".into(), Value::Null);
        Value::Object(object)
    };
    rows.iter().map(one).collect()
}

/// A line a row: `group`, the keys, `metric`, the counts and numbers above; floats in their shortest
/// exact form (RFC 4180, lines ended by a line feed).
pub fn to_csv(rows: &[Row], groups: &[Group], by: &[String]) -> String {
    let names = COUNTS.iter().map(|(name, _)| *name).chain(NUMBERS.iter().map(|(name, _)| *name));
    let keys = by.iter().map(String::as_str);
    let heads = ["group"].into_iter().chain(keys).chain(["metric"]).chain(names);
    let mut csv = heads.map(quoted).collect::<Vec<_>>().join(",") + "\n";
    for row in rows {
        let group = &groups[row.group];
        let mut cells = vec![quoted(&group.name)];
        cells.extend(group.key.iter().map(|value| quoted(value)));
        cells.push(quoted(&row.metric));
        let text = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
        cells.extend(COUNTS.iter().map(|(_, of)| text(of(row))));
        let text = |number: Option<f64>| number.map(|n| n.to_string()).unwrap_or_default();
        cells.extend(NUMBERS.iter().map(|(_, of)| text(of(row))));
        csv += &(cells.join(",") + "\n");
    }
    csv
}

/// What a cell for readers shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// The mean ± half of Student's t interval.
    Mean,
    /// The interquartile mean with its bootstrap interval.
    Iqm,
}

/// A line a group, for at most `most` groups, and a column a metric; the last column is the number of
/// runs.
pub fn wide(
    rows: &[Row],
    comparison: &Comparison<'_>,
    metrics: &[String],
    (show, most): (Show, usize),
) -> TextTable {
    let digits: Vec<usize> = metrics.iter().map(|metric| digits(rows, metric)).collect();
    let of: HashMap<(usize, &str), &Row> =
        rows.iter().map(|row| ((row.group, row.metric.as_str()), row)).collect();
    let line = |(at, group): (usize, &Group)| {
        let cell = |(metric, &digits): (&String, &usize)| {
            of.get(&(at, metric.as_str())).map(|row| cell(row, show, digits)).unwrap_or_default()
        };
        let mut line = vec![group.name.clone()];
        line.extend(metrics.iter().zip(&digits).map(cell));
        line.push(group.runs.len().to_string());
        line
    };
    let mut align = vec![Align::Right; metrics.len() + 2];
    align[0] = Align::Left;
    let names = metrics.iter().map(|metric| metric.replace('_', " "));
    TextTable {
        caption: String::new(),
        headers: ["group".to_owned()].into_iter().chain(names).chain(["runs".to_owned()]).collect(),
        align,
        rows: comparison.groups.iter().take(most).enumerate().map(line).collect(),
    }
}

fn cell(row: &Row, show: Show, digits: usize) -> String {
    let Some(aggregate) = row.aggregate else { return "not finite".into() };
    match show {
        Show::Mean => {
            let half = row.ci95.map(|half| format!(" ± {half:.digits$}")).unwrap_or_default();
            number(aggregate.mean, digits) + &half
        }
        Show::Iqm => with_interval(aggregate.iqm, aggregate.iqm_interval, digits),
    }
}

/// Each group beside the one that it is compared with, a line a group and metric.
pub fn beside(rows: &[Row], comparison: &Comparison<'_>) -> TextTable {
    let line = |row: &Row| {
        let against = row.against.as_ref()?;
        let digits = row.ci95.map_or(3, decimals);
        let difference = against.difference;
        let t = difference.and_then(|found| found.t);
        let p = |p: Option<f64>| p.map_or_else(String::new, p_value);
        let chance = against.improvement;
        let left = against.left + against.left_of_other;
        Some(vec![
            comparison.groups[row.group].name.clone(),
            row.metric.replace('_', " "),
            against.pairs.to_string(),
            left.to_string(),
            difference.map(|d| with_interval(d.mean, d.interval, digits)).unwrap_or_default(),
            t.map(|t| format!("± {:.digits$}", t.ci95)).unwrap_or_default(),
            p(t.map(|t| t.p)),
            p(difference.and_then(|found| found.wilcoxon)),
            chance.map(|c| with_interval(c.probability, c.interval, 2)).unwrap_or_default(),
        ])
    };
    let headers = [
        "group",
        "metric",
        "pairs",
        "unpaired runs",
        "difference [bootstrap]",
        "± t",
        "p (t)",
        "p (Wilcoxon)",
        "P(better)",
    ];
    let mut align = vec![Align::Right; headers.len()];
    align[..2].fill(Align::Left);
    TextTable {
        caption: String::new(),
        headers: headers.map(str::to_owned).to_vec(),
        align,
        rows: rows.iter().filter_map(line).collect(),
    }
}

/// Decimals of a metric's cells: two digits of the least half width that is not zero.
pub fn digits(rows: &[Row], metric: &str) -> usize {
    let halves = rows.iter().filter(|row| row.metric == metric).filter_map(|row| row.ci95);
    halves.filter(|&half| half > 0.0).min_by(f64::total_cmp).map_or(3, decimals)
}

/// Decimals that show two digits of a number, at most six.
fn decimals(number: f64) -> usize {
    if number.is_nan() || number <= 0.0 {
        return 3;
    }
    (1.0 - libm::log10(number).floor()).clamp(0.0, 6.0) as usize
}

fn with_interval(value: f64, interval: Option<Interval>, digits: usize) -> String {
    let ends = interval.map(|Interval { low, high }| {
        format!(" [{}, {}]", number(low, digits), number(high, digits))
    });
    number(value, digits) + &ends.unwrap_or_default()
}

/// With a typographic minus, and none before zeros.
fn number(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.contains(|c| matches!(c, '1'..='9')) => format!("−{rest}"),
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

fn p_value(p: f64) -> String {
    if p < 0.001 { "< 0.001".into() } else { format!("{p:.3}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RunRecord;
    use crate::table::compare::Question;
    use crate::table::frame::Frame;

    fn frame() -> Frame {
        let mut frame = Frame::new();
        for (name, seed, value) in
            [("a,|", 0, 0.5), ("a,|", 1, 0.7), ("b", 0, 0.25), ("b", 1, f64::NAN)]
        {
            let mut record = RunRecord::new(format!("{name}{seed}"), name);
            record.seed = seed;
            record.metrics.insert("accuracy".into(), value);
            if name != "b" {
                record.metrics.insert("modules_used".into(), 3.0);
            }
            frame.push(&record, None);
        }
        frame
    }

    fn rows(comparison: &Comparison<'_>, metrics: &[String]) -> Vec<Row> {
        let of = |metric: &String| {
            let metric = metric.clone();
            (0..comparison.groups.len()).filter_map(move |group| comparison.row(&metric, group))
        };
        metrics.iter().flat_map(of).collect()
    }

    #[test]
    fn every_form_tells_the_same() {
        let frame = frame();
        let by = vec!["name".to_owned()];
        let question = Question {
            by: by.clone(),
            pairs: vec!["seed".into()],
            against: Some("a,|".into()),
            resamples: 50,
            ..Question::default()
        };
        let comparison = Comparison::new(&frame, &question).expect("a question");
        let metrics = ["accuracy", "modules_used"].map(str::to_owned);
        let rows = rows(&comparison, &metrics);
        assert_eq!(rows.len(), 3);
        let csv = to_csv(&rows, &comparison.groups, &by);
        let mut lines = csv.lines();
        let heads: Vec<&str> = lines.next().expect("heads").split(',').collect();
        assert_eq!(heads[..4], ["group", "name", "metric", "n"]);
        assert_eq!(heads.len(), 3 + COUNTS.len() + NUMBERS.len());
        let first = lines.next().expect("a row");
        assert!(first.starts_with("\"a,|\",\"a,|\",accuracy,2,0,1,,,,,0.6,"), "{first}");
        let json = to_json(&rows, &comparison.groups, &by);
        assert_eq!(json[0]["group"]["name"], "a,|");
        assert_eq!(json[0]["mean"], 0.6);
        assert_eq!(json[1]["mean"], Value::Null, "not finite");
        assert_eq!((json[1]["pairs"].as_u64(), json[1]["not_finite"].as_u64()), (Some(2), Some(1)));
        let table = wide(&rows, &comparison, &metrics, (Show::Mean, 9));
        assert_eq!(table.headers, ["group", "accuracy", "modules used", "runs"]);
        assert_eq!(table.rows[0], ["a,|", "0.6 ± 1.3", "3.000 ± 0.000", "2"]);
        assert_eq!(table.rows[1], ["b", "not finite", "", "2"]);
        let table = wide(&rows, &comparison, &metrics, (Show::Iqm, 1));
        assert_eq!(table.rows, [["a,|", "0.6 [0.5, 0.7]", "3.000 [3.000, 3.000]", "2"]]);
        let beside = beside(&rows, &comparison);
        assert_eq!(beside.rows, [["b", "accuracy", "2", "0", "", "", "", "", ""]]);
    }

    #[test]
    fn digits_follow_the_interval() {
        assert_eq!([0.123, 0.0123, 1.3, 130.0, 0.0].map(decimals), [2, 3, 1, 0, 3]);
        assert_eq!((number(-0.001, 2), number(-1.0, 1)), ("0.00".into(), "−1.0".into()));
        assert_eq!((p_value(0.0001), p_value(0.25)), ("< 0.001".into(), "0.250".into()));
    }
}

//! A metric over the runs of a group, and its printed forms.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::stats;

/// A metric over the runs of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The group, most often a model.
    pub key: String,
    /// The metric.
    pub metric: String,
    /// Mean over runs; NaN when a run's value is not finite.
    pub mean: f64,
    /// Half the width of the mean's 95 % interval; none below two runs.
    pub ci95: Option<f64>,
    /// Number of runs.
    pub n: usize,
    /// The document's value.
    pub paper: Option<f64>,
    /// The runs' values.
    pub values: Vec<f64>,
}

impl Summary {
    /// Summarises `values`.
    pub fn new(key: impl Into<String>, metric: impl Into<String>, values: Vec<f64>) -> Self {
        Self {
            key: key.into(),
            metric: metric.into(),
            mean: stats::mean(&values).unwrap_or(f64::NAN),
            ci95: stats::ci95(&values),
            n: values.len(),
            paper: None,
            values,
        }
    }

    /// With the document's value.
    pub fn with_paper(self, paper: f64) -> Self {
        Self { paper: Some(paper), ..self }
    }
}

/// One object a summary: `model`, `metric`, `mean`, `ci95`, `n`, `paper`. What is absent or not
/// finite is null.
pub fn to_json(summaries: &[Summary]) -> Value {
    let row = |summary: &Summary| {
        json!({
            "model": summary.key,
            "metric": summary.metric,
            "mean": summary.mean,
            "ci95": summary.ci95,
            "n": summary.n,
            "paper": summary.paper,
        })
    };
    summaries.iter().map(row).collect()
}

/// The same columns as [`to_json`] as CSV (RFC 4180, lines ended by a line feed), floats in their
/// shortest exact form.
pub fn to_csv(summaries: &[Summary]) -> String {
    let mut csv = "model,metric,mean,ci95,n,paper\n".to_owned();
    for summary in summaries {
        let optional = |value: Option<f64>| value.map(|v| v.to_string()).unwrap_or_default();
        let line = [
            quoted(&summary.key),
            quoted(&summary.metric),
            summary.mean.to_string(),
            optional(summary.ci95),
            summary.n.to_string(),
            optional(summary.paper),
        ];
        csv += &line.join(",");
        csv.push('\n');
    }
    csv
}

/// A Markdown table with `digits` decimals, "mean ± half the 95 % interval".
pub fn to_markdown(summaries: &[Summary], digits: usize) -> String {
    let mut text = "| model | metric | mean ± 95 % | n | paper |\n".to_owned();
    text += "|---|---|---:|---:|---:|\n";
    for summary in summaries {
        let interval = summary.ci95.map(|half| format!(" ± {half:.digits$}")).unwrap_or_default();
        let paper = summary.paper.map(|value| format!("{value:.digits$}"));
        let (key, metric) = (cell(&summary.key), cell(&summary.metric));
        let paper = paper.unwrap_or_else(|| "–".to_owned());
        let (mean, n) = (summary.mean, summary.n);
        writeln!(text, "| {key} | {metric} | {mean:.digits$}{interval} | {n} | {paper} |")
            .expect("a String takes any text");
    }
    text
}

pub(super) fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn cell(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " ")
}

//! Runs side by side: choose, group, summarise.

mod better;
pub mod compare;
pub mod frame;
pub mod groups;
pub mod parquet;
pub mod rows;
mod summary;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::record::RunRecord;
use crate::timing::Timing;

pub use better::better;
pub use summary::{Summary, to_csv, to_json, to_markdown};

/// The prefix of a metric that is a run's timing, as in `timing/wall_seconds`.
pub const TIMING_PREFIX: &str = "timing/";

/// One run: its record, and its timing where it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What the run reached.
    pub record: RunRecord,
    /// How long it took.
    pub timing: Option<Timing>,
}

/// Runs in the order in which they were given.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    entries: Vec<Entry>,
}

/// No run has the metric.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no run has the metric {metric}; there are: {}", allowed.join(", "))]
pub struct UnknownMetric {
    /// The metric asked for.
    pub metric: String,
    /// The metrics that some run has.
    pub allowed: Vec<String>,
}

impl From<Vec<RunRecord>> for Table {
    fn from(records: Vec<RunRecord>) -> Self {
        records.into_iter().map(|record| Entry { record, timing: None }).collect()
    }
}

impl FromIterator<Entry> for Table {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        Self { entries: entries.into_iter().collect() }
    }
}

impl Table {
    /// The runs.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The runs that `keep` keeps.
    pub fn filter(&self, keep: impl Fn(&Entry) -> bool) -> Self {
        self.entries.iter().filter(|entry| keep(entry)).cloned().collect()
    }

    /// The runs whose field `key` (see [`field`]) reads `value`.
    pub fn only(&self, key: &str, value: &str) -> Self {
        self.filter(|entry| field(&entry.record, key).as_ref().map(text).as_deref() == Some(value))
    }

    /// The runs by the value of field `key` (see [`field`]), groups and runs in the table's order.
    /// Runs without the field are in a group with an empty name.
    pub fn group_by(&self, key: &str) -> Vec<(String, Table)> {
        let mut groups: Vec<(String, Table)> = Vec::new();
        for entry in &self.entries {
            let name = field(&entry.record, key).as_ref().map(text).unwrap_or_default();
            match groups.iter_mut().find(|(group, _)| *group == name) {
                Some((_, table)) => table.entries.push(entry.clone()),
                None => groups.push((name, Table { entries: vec![entry.clone()] })),
            }
        }
        groups
    }

    /// The metric over the runs of each group of [`Table::group_by`]. A group in which no run has
    /// the metric is left out. Timings are the metrics `timing/…`.
    ///
    /// # Errors
    ///
    /// [`UnknownMetric`] when no run has the metric, with those that there are.
    pub fn summarise(&self, key: &str, metric: &str) -> Result<Vec<Summary>, UnknownMetric> {
        let mut summaries = Vec::new();
        for (group, table) in self.group_by(key) {
            let values = table.values(metric);
            if !values.is_empty() {
                summaries.push(Summary::new(group, metric, values));
            }
        }
        if summaries.is_empty() {
            return Err(UnknownMetric { metric: metric.to_owned(), allowed: self.metrics() });
        }
        Ok(summaries)
    }

    /// The metric of every run that has it, in the table's order.
    pub fn values(&self, metric: &str) -> Vec<f64> {
        let value = |entry: &Entry| match metric.strip_prefix(TIMING_PREFIX) {
            Some(name) => entry.timing.as_ref()?.value(name),
            None => entry.record.metrics.get(metric).copied(),
        };
        self.entries.iter().filter_map(value).collect()
    }

    /// The names of the metrics that some run has, sorted; timings are not among them.
    pub fn metrics(&self) -> Vec<String> {
        let names = self.entries.iter().flat_map(|entry| entry.record.metrics.keys());
        let mut names: Vec<String> = names.cloned().collect();
        names.sort();
        names.dedup();
        names
    }
}

/// A field of a record by its dotted name: the record's own (`name`, `seed`, `dataset.name`, and
/// `spec.train.seed` to be exact), otherwise a key of the spec (`router.algorithm`).
pub fn field(record: &RunRecord, key: &str) -> Option<Value> {
    let own = serde_json::json!(record);
    let found = at(&own, key).or_else(|| at(&record.spec, key));
    found.filter(|value| !value.is_null()).cloned()
}

fn at<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    key.split('.').try_fold(value, |value, part| match value {
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        other => other.get(part),
    })
}

/// A field as a group's name: a text without its quotes, anything else as JSON.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

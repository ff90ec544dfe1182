//! Many runs as columns: what tens of thousands of records need in memory, and what a table of them
//! is written from.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Write};

use serde_json::Value;

use super::TIMING_PREFIX;
use crate::record::RunRecord;
use crate::timing::Timing;

/// What every run has besides settings and metrics, in this order.
const OWN: [&str; 14] = [
    "id",
    "name",
    "model",
    "seed",
    "experiment",
    "dataset.name",
    "dataset.fingerprint",
    "dataset.tasks",
    "program",
    "device",
    "steps",
    "epochs",
    "parameters",
    "alarms",
];

/// Runs as columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    runs: usize,
    own: Vec<Column>,
    settings: BTreeMap<String, Column>,
    metrics: BTreeMap<String, Vec<Option<f64>>>,
}

/// A field or setting of every run: the values that there are, each once, and which of them each run
/// has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    /// The values, in the order of their first appearance.
    pub values: Vec<Value>,
    /// Of each run, the place of its value; none where it has none.
    pub codes: Vec<Option<u32>>,
    places: HashMap<String, u32>,
}

/// One column of a table of runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cells<'a> {
    /// A field or setting
    Field(&'a Column),
    /// A metric of each run that has it; runs after the last that has it may be missing
    Metric(&'a [Option<f64>]),
}

impl Column {
    /// Adds a run's value, runs without one before it being filled up.
    fn push(&mut self, run: usize, value: Value) {
        self.codes.resize(run, None);
        // Most runs have the setting of the run before.
        let last = self.codes.last().copied().flatten();
        if let Some(code) = last.filter(|&code| self.values[code as usize] == value) {
            self.codes.push(Some(code));
            return;
        }
        let next = self.values.len() as u32;
        let code = *self.places.entry(value.to_string()).or_insert(next);
        if code == next {
            self.values.push(value);
        }
        self.codes.push(Some(code));
    }

    /// The value of a run.
    pub fn value(&self, run: usize) -> Option<&Value> {
        self.values.get((*self.codes.get(run)?)? as usize)
    }

    /// The value of a run as a name: a text without its quotes, anything else as JSON, empty where
    /// there is none.
    pub fn text(&self, run: usize) -> String {
        self.value(run).map(super::text).unwrap_or_default()
    }
}

impl Frame {
    /// No runs.
    pub fn new() -> Self {
        let own = vec![Column::default(); OWN.len()];
        Self { own, ..Self::default() }
    }

    /// Adds a run.
    pub fn push(&mut self, record: &RunRecord, timing: Option<&Timing>) {
        let run = self.runs;
        for (column, name) in self.own.iter_mut().zip(OWN) {
            if let Some(value) = own(record, name) {
                column.push(run, value);
            }
        }
        let settings = &mut self.settings;
        leaves(&record.spec, &mut |key, value| {
            // The label is the record's.
            if key == "name" {
                return;
            }
            match settings.get_mut(key) {
                Some(column) => column.push(run, value.clone()),
                None => settings.entry(key.to_owned()).or_default().push(run, value.clone()),
            }
        });
        for (name, &value) in &record.metrics {
            self.metric(run, name, value);
        }
        for name in Timing::NUMBERS {
            if let Some(value) = timing.and_then(|timing| timing.value(name)) {
                self.metric(run, &format!("{TIMING_PREFIX}{name}"), value);
            }
        }
        self.runs += 1;
    }

    fn metric(&mut self, run: usize, name: &str, value: f64) {
        let column = match self.metrics.get_mut(name) {
            Some(column) => column,
            None => self.metrics.entry(name.to_owned()).or_default(),
        };
        column.resize(run, None);
        column.push(Some(value));
    }

    /// Number of runs.
    pub fn len(&self) -> usize {
        self.runs
    }

    /// Whether there is no run.
    pub fn is_empty(&self) -> bool {
        self.runs == 0
    }

    /// Fields that runs have besides settings and metrics, with their names; those that no run has
    /// are left out.
    pub fn own(&self) -> impl Iterator<Item = (&str, &Column)> {
        OWN.iter().copied().zip(&self.own).filter(|(_, column)| !column.values.is_empty())
    }

    /// Settings by dotted key, sorted.
    pub fn settings(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.settings.iter().map(|(key, column)| (key.as_str(), column))
    }

    /// Names of the metrics that some run has, sorted; timings are `timing/…`.
    pub fn metrics(&self) -> impl Iterator<Item = &str> {
        self.metrics.keys().map(String::as_str)
    }

    /// A run's value of a metric.
    pub fn number(&self, metric: &str, run: usize) -> Option<f64> {
        self.metrics.get(metric)?.get(run).copied().flatten()
    }

    /// The column of a key: a field (`name`, `seed`, `dataset`), a setting (`router.algorithm`, or
    /// `spec.train.seed` to be exact), or an entry of a list (`model.hidden.0`). None where no run
    /// has it.
    pub fn column(&self, key: &str) -> Option<Column> {
        let own = |name: &str| self.own().find(|(own, _)| *own == name).map(|(_, c)| c.clone());
        let short = if key == "dataset" { "dataset.name" } else { key };
        let exact = key.strip_prefix("spec.").unwrap_or(key);
        own(short).or_else(|| self.settings.get(exact).cloned()).or_else(|| {
            let (list, at) = exact.rsplit_once('.')?;
            let (list, at) = (self.settings.get(list)?, at.parse::<usize>().ok()?);
            let mut column = Column::default();
            for run in 0..self.runs {
                if let Some(item) = list.value(run).and_then(|list| list.get(at)) {
                    column.push(run, item.clone());
                }
            }
            (!column.values.is_empty()).then_some(column)
        })
    }

    /// Every column of a table of the runs under a name of its own: what every run has, settings (one
    /// that has a field's name is left out), metrics (one that has a setting's name is `metric/…`).
    pub fn table(&self) -> Vec<(String, Cells<'_>)> {
        let mut table: Vec<(String, Cells<'_>)> = Vec::new();
        let mut taken = HashSet::new();
        for (name, column) in self.own().chain(self.settings()) {
            if taken.insert(name) {
                table.push((name.to_owned(), Cells::Field(column)));
            }
        }
        for (name, values) in &self.metrics {
            let name =
                if taken.contains(name.as_str()) { format!("metric/{name}") } else { name.clone() };
            table.push((name, Cells::Metric(values)));
        }
        table
    }

    /// A line a run with the columns of [`Frame::table`], after a line with their names: RFC 4180,
    /// lines ended by a line feed, floats in their shortest exact form, lists as JSON.
    ///
    /// # Errors
    /// What `to` says.
    pub fn to_csv(&self, to: impl Write) -> io::Result<()> {
        let table = self.table();
        let mut writer = csv::Writer::from_writer(to);
        writer.write_record(table.iter().map(|(name, _)| name))?;
        for run in 0..self.runs {
            writer.write_record(table.iter().map(|(_, cells)| match cells {
                Cells::Field(column) => column.text(run),
                Cells::Metric(values) => {
                    let value = values.get(run).copied().flatten();
                    value.map(|value| value.to_string()).unwrap_or_default()
                }
            }))?;
        }
        writer.flush()
    }

    /// Every key of [`Frame::column`] but entries of lists.
    pub fn keys(&self) -> Vec<&str> {
        self.own().map(|(name, _)| name).chain(self.settings().map(|(key, _)| key)).collect()
    }
}

/// A field of a record; none where it is empty.
fn own(record: &RunRecord, name: &str) -> Option<Value> {
    let text = |text: &str| (!text.is_empty()).then(|| Value::from(text));
    let alarms = || record.extra.get("alarms").and_then(Value::as_array).map_or(0, Vec::len);
    match name {
        "id" => text(&record.id),
        "name" => text(&record.name),
        "model" => record.spec.pointer("/model/kind").cloned(),
        "seed" => Some(record.seed.into()),
        "experiment" => record.experiment.as_deref().and_then(text),
        "dataset.name" => text(&record.dataset.name),
        "dataset.fingerprint" => text(&record.dataset.fingerprint),
        "dataset.tasks" => Some(record.dataset.tasks.into()),
        "program" => text(&record.program),
        "device" => text(&record.device),
        "steps" => Some(record.steps.into()),
        "epochs" => Some(record.epochs.into()),
        "parameters" => Some(record.parameters.into()),
        _ => Some(alarms().into()),
    }
}

/// Calls `visit` with the dotted key of everything in a spec that is no table and not null, in the order
/// of the keys.
pub fn leaves(spec: &Value, visit: &mut impl FnMut(&str, &Value)) {
    walk(spec, &mut String::new(), visit);
}

fn walk(value: &Value, key: &mut String, visit: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Null => {}
        Value::Object(table) => {
            for (name, below) in table {
                let end = key.len();
                if end > 0 {
                    key.push('.');
                }
                key.push_str(name);
                walk(below, key, visit);
                key.truncate(end);
            }
        }
        leaf => visit(key, leaf),
    }
}

#[cfg(test)]
mod tests;

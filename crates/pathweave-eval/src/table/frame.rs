//! Many runs as columns: what tens of thousands of records need in memory, and what a table of them
//! is written from.

use std::collections::{BTreeMap, HashMap};

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
        leaves(&record.spec, &mut String::new(), &mut |key, value| {
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

/// Calls `visit` with the dotted key of everything that is no table and not null.
fn leaves(value: &Value, key: &mut String, visit: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Null => {}
        Value::Object(table) => {
            for (name, below) in table {
                let end = key.len();
                if end > 0 {
                    key.push('.');
                }
                key.push_str(name);
                leaves(below, key, visit);
                key.truncate(end);
            }
        }
        leaf => visit(key, leaf),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn frame() -> Frame {
        let mut frame = Frame::new();
        for (seed, spec) in [
            json!({"name": "x", "router": {"algorithm": "wpl"}, "seed": 9, "widths": [3, 4]}),
            json!({"router": {"algorithm": "wpl", "rate": 0.5}, "widths": []}),
            json!({"router": {"algorithm": "em"}, "widths": [3, 4], "none": null}),
        ]
        .into_iter()
        .enumerate()
        {
            let mut record = RunRecord::new(seed.to_string(), "a");
            (record.seed, record.spec) = (seed as u64, spec);
            if seed != 1 {
                record.metrics.insert("accuracy".into(), seed as f64);
            }
            let timing = Timing { wall_seconds: 2.0, ..Timing::default() };
            frame.push(&record, (seed == 2).then_some(&timing));
        }
        frame
    }

    #[test]
    fn columns_hold_each_value_once() {
        let frame = frame();
        let algorithm = frame.column("router.algorithm").expect("a setting");
        assert_eq!(algorithm.values, [json!("wpl"), json!("em")]);
        assert_eq!(algorithm.codes, [Some(0), Some(0), Some(1)]);
        let rate = frame.column("router.rate").expect("a setting");
        assert_eq!([rate.text(0), rate.text(1), rate.text(2)], ["", "0.5", ""]);
        let first = frame.column("widths.0").expect("a list");
        assert_eq!([first.text(0), first.text(1), first.text(2)], ["3", "", "3"]);
        assert_eq!(frame.column("none"), None);
        assert_eq!(frame.column("dataset"), None);
        assert_eq!(frame.len(), 3);
    }

    #[test]
    fn a_field_comes_before_a_setting_of_its_name() {
        let frame = frame();
        assert_eq!(frame.column("seed").expect("a field").text(0), "0");
        assert_eq!(frame.column("spec.seed").expect("a setting").text(0), "9");
        assert_eq!(frame.column("name").expect("a field").text(0), "a");
        assert!(!frame.settings().any(|(key, _)| key == "name"));
    }

    #[test]
    fn metrics_and_timings_of_those_that_have_them() {
        let frame = frame();
        let names: Vec<&str> = frame.metrics().collect();
        assert!(names.contains(&"accuracy") && names.contains(&"timing/wall_seconds"));
        assert_eq!(
            [0, 1, 2].map(|run| frame.number("accuracy", run)),
            [Some(0.0), None, Some(2.0)]
        );
        assert_eq!(frame.number("timing/wall_seconds", 2), Some(2.0));
        assert_eq!(frame.number("nothing", 0), None);
    }
}

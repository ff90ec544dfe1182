//! What the index answers.

use std::cmp::Ordering;
use std::fmt;

use pathweave_eval::stats;
use serde::{Serialize, Serializer};

use crate::State;

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its id
    pub id: String,
    /// Its label; empty where nothing tells it yet
    pub name: String,
    /// By which results are summarised: the variant's name, or the model's kind
    pub model: String,
    /// Its seed
    pub seed: u64,
    /// Name of its data set
    pub dataset: String,
    /// How far it is
    pub state: State,
    /// Steps made
    pub step: u64,
    /// Steps of the whole run; zero where nothing tells it yet
    pub steps: u64,
    /// Number of alarms
    pub alarms: u32,
    /// Why it failed, or what is wrong with its folder
    pub error: Option<String>,
    /// When it last changed, in seconds since 1970
    pub updated: f64,
    /// The sweeps that ask for it: the names of their folders, sorted
    pub sweeps: Vec<String>,
    /// Values of the columns that were asked for
    pub columns: Vec<Option<Cell>>,
}

/// A value of a field, a setting or a metric.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A number; as JSON a number, or `"NaN"`, `"inf"`, `"-inf"`
    Number(f64),
    /// A text; truth values are `true` and `false`, lists are as JSON
    Text(String),
}

impl Cell {
    /// The number, where it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(_) => None,
        }
    }

    /// Numbers before texts before none.
    pub(super) fn order(a: Option<&Self>, b: Option<&Self>) -> Ordering {
        match (a, b) {
            (Some(Self::Number(a)), Some(Self::Number(b))) => a.total_cmp(b),
            (Some(Self::Text(a)), Some(Self::Text(b))) => a.cmp(b),
            (Some(Self::Number(_)), _) | (Some(_), None) => Ordering::Less,
            (_, Some(Self::Number(_))) | (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(to, "{number}"),
            Self::Text(text) => to.write_str(text),
        }
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) if number.is_finite() => to.serialize_f64(*number),
            // "NaN", "inf" and "-inf", as records write them.
            other => to.collect_str(other),
        }
    }
}

/// Number of runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All
    pub total: usize,
    /// Nobody works on them
    pub pending: usize,
    /// Processes work on them now
    pub running: usize,
    /// Finished
    pub done: usize,
    /// Failed when they were last run
    pub failed: usize,
    /// With at least one alarm, in any state
    pub alarmed: usize,
}

/// Runs that are alike.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Group {
    /// Their values of the keys; empty where they have none
    pub key: Vec<String>,
    /// Number of runs, also of those that have none of the metrics
    pub runs: usize,
    /// Their ids
    pub ids: Vec<String>,
    /// For each metric the values of those that have it, in the order of their ids
    pub values: Vec<Vec<f64>>,
}

impl Group {
    /// The mean of a metric; none without values, and where one is not finite.
    pub fn mean(&self, metric: usize) -> Option<f64> {
        stats::mean(&self.values[metric])
    }

    /// Half the width of the mean's 95 % interval; none below two values.
    pub fn ci95(&self, metric: usize) -> Option<f64> {
        stats::ci95(&self.values[metric])
    }
}

/// A setting and the values that runs have.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setting {
    /// Its dotted key
    pub key: String,
    /// Its values: numbers before texts, each sorted
    pub values: Vec<Cell>,
}

/// What a refresh found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Runs that were looked at
    pub looked: usize,
    /// Runs that changed, came or went
    pub changed: usize,
    /// Another process was writing: the index stays as it was
    pub busy: bool,
    /// What is wrong with manifests
    pub faults: Vec<String>,
}

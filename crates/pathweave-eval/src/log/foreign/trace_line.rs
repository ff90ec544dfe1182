//! One line of a trace.

use serde_json::{Map, Value};

use super::super::check::{CONTEXT_LIMIT, MODULE_LIMIT};
use super::super::fault::Faults;

pub(super) const STEP: &[&str] = &["step", "iteration", "iter", "global_step", "train_step"];
pub(super) const LAYER: &[&str] =
    &["layer", "layer_number", "layer_id", "layer_idx", "layer_index", "depth"];
pub(super) const CHOICES: &[&str] = &[
    "expert_ids",
    "topk_indices",
    "topk_ids",
    "topk_idx",
    "expert_indices",
    "selected_experts",
    "router_indices",
];
pub(super) const PROBS: &[&str] =
    &["topk_probs", "topk_weights", "topk_scores", "expert_weights", "routing_weights"];
pub(super) const COUNTS: &[&str] =
    &["tokens_per_expert", "num_tokens_per_expert", "expert_counts", "expert_load"];
pub(super) const EXPERTS: &[&str] = &["num_experts", "n_experts", "num_moe_experts"];
pub(super) const RULES: &[&str] = &["rules", "conditions", "labels"];
pub(super) const CONTEXTS: &[&str] = &["contexts", "tasks", "domains"];

/// What one line tells of one layer in one step.
#[derive(Debug, Default)]
pub(super) struct TraceLine {
    pub step: Option<u64>,
    pub layer: u64,
    /// Chosen experts of each token \[N\]\[k\], and their probabilities
    pub choices: Option<Vec<Vec<(u32, f32)>>>,
    pub counts: Option<Vec<f64>>,
    pub experts: Option<usize>,
    /// Contexts and rules of the tokens \[N\]
    pub labels: [Option<Vec<u32>>; 2],
}

/// Whether a line of JSON has a trace's keys; one that is longer than what was read of it may be.
pub(super) fn is_trace(line: &str) -> bool {
    CHOICES.iter().chain(COUNTS).any(|key| line.contains(&format!("\"{key}\"")))
}

fn given<'a>(
    object: &'a Map<String, Value>,
    keys: &[&'static str],
) -> Option<(&'static str, &'a Value)> {
    let of_key = |&key: &&'static str| Some((key, object.get(key).filter(|v| !v.is_null())?));
    keys.iter().find_map(of_key)
}

impl TraceLine {
    /// Reads a line's object; none where it has a fault.
    pub fn read(object: &Map<String, Value>, line: u64, faults: &mut Faults) -> Option<Self> {
        let before = faults.faults.len() + faults.more;
        let mut number = |keys: &[&'static str]| {
            let (key, value) = given(object, keys)?;
            let read = value.as_u64();
            if read.is_none() {
                faults.add(line, key, value, "an integer of 0 or more");
            }
            read
        };
        let (step, layer, experts) = (number(STEP), number(LAYER), number(EXPERTS));
        let experts = experts.map(|count| count as usize);
        if let Some(count) = experts.filter(|count| !(1..=MODULE_LIMIT).contains(count)) {
            faults.add(line, EXPERTS[0], count, format_args!("1 to {MODULE_LIMIT}"));
        }
        let counts = given(object, COUNTS).and_then(|(key, value)| {
            let read = list(value, |count| count.as_f64().filter(|count| *count >= 0.0));
            let read = read.filter(|counts| (1..=MODULE_LIMIT).contains(&counts.len()));
            if read.is_none() {
                faults.add(line, key, value, "a list of numbers of 0 or more, one an expert");
            }
            read
        });
        let most = experts.unwrap_or(MODULE_LIMIT).min(MODULE_LIMIT);
        let choices = choices(object, most, line, faults);
        let tokens = choices.as_ref().map(Vec::len);
        let mut labels = |keys: &[&'static str]| {
            let (key, value) = given(object, keys)?;
            let index = |label: &Value| {
                label.as_u64().filter(|&label| label < CONTEXT_LIMIT as u64).map(|l| l as u32)
            };
            let read = list(value, index).filter(|read| tokens.is_none_or(|n| read.len() == n));
            if read.is_none() {
                faults.add(line, key, value, "a list of integers of 0 or more, one a token");
            }
            read
        };
        let labels = [labels(CONTEXTS), labels(RULES)];
        let sound = faults.faults.len() + faults.more == before;
        if sound && choices.is_none() && counts.is_none() {
            let known = [CHOICES, COUNTS].concat().join(", ");
            faults.add(line, "experts", "nothing", format_args!("one of {known}"));
            return None;
        }
        let layer = layer.unwrap_or(0);
        sound.then_some(Self { step, layer, choices, counts, experts, labels })
    }

    /// The number of experts that the line shows or names.
    pub fn seen(&self) -> usize {
        let chosen =
            self.choices.iter().flatten().flatten().map(|(expert, _)| *expert as usize + 1);
        let counted = self.counts.as_ref().map_or(0, Vec::len);
        chosen.max().unwrap_or(0).max(counted).max(self.experts.unwrap_or(0))
    }
}

fn list<T>(value: &Value, item: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    value.as_array()?.iter().map(item).collect()
}

/// A list of lists; a list of plain items is one item a token.
fn nested<T>(value: &Value, item: impl Fn(&Value) -> Option<T> + Copy) -> Option<Vec<Vec<T>>> {
    list(value, |of_token| match of_token {
        Value::Array(_) => list(of_token, item),
        single => item(single).map(|item| vec![item]),
    })
}

fn choices(
    object: &Map<String, Value>,
    experts: usize,
    line: u64,
    faults: &mut Faults,
) -> Option<Vec<Vec<(u32, f32)>>> {
    let (key, value) = given(object, CHOICES)?;
    let index = |expert: &Value| expert.as_u64().filter(|&e| e < experts as u64).map(|e| e as u32);
    let read = nested(value, index).filter(|tokens| tokens.iter().all(|of| !of.is_empty()));
    let Some(chosen) = read else {
        let allowed = format!("a list of lists of experts from 0 to {}, none empty", experts - 1);
        faults.add(line, key, value, allowed);
        return None;
    };
    let even = |of: &Vec<u32>| vec![1.0 / of.len() as f32; of.len()];
    let weights: Vec<Vec<f32>> = match given(object, PROBS) {
        None => chosen.iter().map(even).collect(),
        Some((key, value)) => {
            let probability =
                |p: &Value| p.as_f64().map(|p| p as f32).filter(|p| p.is_finite() && *p >= 0.0);
            let fits = |probs: &Vec<Vec<f32>>| {
                let pairs = || probs.iter().zip(&chosen);
                probs.len() == chosen.len()
                    && pairs().all(|(p, of)| p.len() == of.len() && p.iter().sum::<f32>() > 0.0)
            };
            let Some(probs) = nested(value, probability).filter(fits) else {
                let allowed = format!("a probability for each of {}'s experts", key_of(object));
                faults.add(line, key, value, allowed);
                return None;
            };
            probs
        }
    };
    let pair = |(of, weights): (Vec<u32>, Vec<f32>)| of.into_iter().zip(weights).collect();
    Some(chosen.into_iter().zip(weights).map(pair).collect())
}

fn key_of(object: &Map<String, Value>) -> &'static str {
    given(object, CHOICES).map_or(CHOICES[0], |(key, _)| key)
}

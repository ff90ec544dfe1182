//! Traces of mixtures of experts, as training frameworks write them: JSON lines, one a training step
//! and layer.
//!
//! ```text
//! {"step":100,"layer":3,"num_experts":8,"expert_ids":[[0,5],[2,1]],"topk_probs":[[0.7,0.3],[0.6,0.4]]}
//! {"iteration":100,"layer_number":4,"tokens_per_expert":[512,301,0,211]}
//! ```
//!
//! | what | keys |
//! |---|---|
//! | training step | `step`, `iteration`, `iter`, `global_step`, `train_step`; may be missing |
//! | layer, any numbers | `layer`, `layer_number`, `layer_id`, `layer_idx`, `layer_index`, `depth`; may be missing |
//! | experts of each token \[N\]\[k\] or \[N\] | `expert_ids`, `topk_indices`, `topk_ids`, `topk_idx`, `expert_indices`, `selected_experts`, `router_indices` |
//! | their probabilities | `topk_probs`, `topk_weights`, `topk_scores`, `expert_weights`, `routing_weights`; may be missing |
//! | or tokens of each expert \[M\] | `tokens_per_expert`, `num_tokens_per_expert`, `expert_counts`, `expert_load` |
//! | number of experts | `num_experts`, `n_experts`, `num_moe_experts`; may be missing |
//! | rule of each token \[N\] | `rules`, `conditions`, `labels`; may be missing |
//! | context of each token \[N\] | `contexts`, `tasks`, `domains`; may be missing |
//!
//! The experts of a token share it evenly, or by their probabilities divided by their sum; one expert
//! alone is a hard choice. Several lines of one step and layer (micro-batches, ranks) follow each
//! other; token n of a layer is token n of every other. Where any line has counts alone, the file is
//! read as counts. Without a number of experts, it is what the whole file shows.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use serde_json::Value;

use super::super::fault::{Faults, LogError};
use super::super::row::{Choice, RoutingRow};
use super::rows::Rows;
use super::trace_line::TraceLine;
use super::{Content, Format, Reading, Sums};
use crate::joint::JointBuilder;
use crate::metric::MetricError;

/// Reads a trace; `name` is the file's name in faults.
///
/// # Errors
///
/// [`LogError::Io`] when `from` fails; [`LogError::Faults`] with every fault found otherwise.
pub fn read(from: impl BufRead, name: &str) -> Result<Reading, LogError> {
    let mut faults = Faults::new(name);
    let mut lines = Vec::new();
    for (number, text) in (1..).zip(from.split(b'\n')) {
        let text = text.map_err(|source| LogError::Io { file: name.to_owned(), source })?;
        if text.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice(&text) {
            Ok(Value::Object(object)) => {
                let line = TraceLine::read(&object, number, &mut faults);
                lines.extend(line.map(|line| (number, line)));
            }
            Ok(other) => faults.add(number, "line", other, "a JSON object"),
            Err(error) => faults.add(number, "line", error, "a JSON object"),
        }
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let experts = lines.iter().map(|(_, line)| line.seen()).max().unwrap_or(1);
    let layers: BTreeSet<u64> = lines.iter().map(|(_, line)| line.layer).collect();
    let layers: Vec<u64> = layers.into_iter().collect();
    if lines.iter().any(|(_, line)| line.choices.is_none()) {
        return sums(lines, &layers, experts, faults);
    }
    let mut rows = Rows { modules: Some(experts), ..Rows::default() };
    let mut tokens: BTreeMap<(Option<u64>, u64), u64> = BTreeMap::new();
    for (number, line) in lines {
        let depth = layers.partition_point(|&layer| layer < line.layer) as u32;
        let next = tokens.entry((line.step, line.layer)).or_default();
        for (token, chosen) in line.choices.into_iter().flatten().enumerate() {
            let [context, condition] =
                [0, 1].map(|which| line.labels[which].as_ref().map(|labels| labels[token]));
            let choice = choice(&chosen, experts);
            let row = RoutingRow { sample: *next, depth, context, condition, agent: None, choice };
            rows.add(line.step, number, row);
            *next += 1;
        }
    }
    let names = layers.iter().map(ToString::to_string).collect();
    rows.finish(Format::Trace, Some(names), faults)
}

fn choice(chosen: &[(u32, f32)], experts: usize) -> Choice {
    if let [(expert, _)] = chosen {
        return Choice::Module(*expert);
    }
    let sum: f32 = chosen.iter().map(|(_, weight)| weight).sum();
    let mut weights = vec![0.0; experts];
    chosen.iter().for_each(|&(expert, weight)| weights[expert as usize] += weight / sum);
    Choice::Weights(weights)
}

/// The trace as counts: what each expert got at each step and layer.
fn sums(
    lines: Vec<(u64, TraceLine)>,
    layers: &[u64],
    experts: usize,
    mut faults: Faults,
) -> Result<Reading, LogError> {
    let mut steps: BTreeMap<Option<u64>, Vec<Option<JointBuilder>>> = BTreeMap::new();
    for (number, line) in lines {
        let depth = layers.partition_point(|&layer| layer < line.layer);
        let of_step = steps.entry(line.step).or_insert_with(|| vec![None; layers.len()]);
        let mut counts = line.counts.unwrap_or_default();
        counts.resize(experts, 0.0);
        for chosen in line.choices.into_iter().flatten() {
            let sum: f64 = chosen.iter().map(|&(_, weight)| f64::from(weight)).sum();
            for (expert, weight) in chosen {
                counts[expert as usize] += f64::from(weight) / sum;
            }
        }
        let mut added = || -> Result<(), MetricError> {
            let builder = match of_step[depth].take() {
                Some(builder) => builder,
                None => JointBuilder::new(1, experts)?,
            };
            of_step[depth].insert(builder).add_counts(0, &counts);
            Ok(())
        };
        if let Err(error) = added() {
            faults.add(number, "experts", error, "fewer experts");
        }
    }
    let mut read = Vec::new();
    for (step, builders) in steps {
        let joints: Vec<_> =
            builders.into_iter().map(|builder| builder.and_then(|b| b.finish().ok())).collect();
        read.push(Sums { step, rules: Vec::new(), joints });
    }
    if read.iter().all(|sums| sums.joints.iter().all(Option::is_none)) {
        faults.add(None, "file", "no token for any expert", "at least one");
    }
    let layers = layers.iter().map(ToString::to_string).collect();
    let content = Content::Sums(read);
    Ok(faults.into_result(Reading { format: Format::Trace, layers, content })?)
}

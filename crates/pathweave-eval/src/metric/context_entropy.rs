//! How undecided the router is once the context is known.
//!
//! At each depth, H(a | c) = Σ_c p(c) H(a | c) over the rows there, with p(c) the share of rows that
//! belong to context c; the metric is the mean over depths. 0 when every context takes one path
//! (a tabular agent a task, T 5.2.2), and the selection entropy when contexts do not matter. Skip
//! and end are choices. A depth that no sample reached is left out of the mean.

use std::collections::BTreeMap;

use super::tally::{by_depth_and_context, most_choices};
use super::{Better, MetricDef, MetricError};
use crate::log::RoutingLog;

/// The registry's entry.
pub const DEF: MetricDef = MetricDef {
    name: "context_entropy",
    equation: "mean over t of −Σ_c p_t(c) Σ_a p_t(a|c) ln p_t(a|c)",
    better: Better::Neither,
    range: |header| 0.0..=libm::log(most_choices(header)),
    needs_context: true,
    needs_condition: false,
    compute: context_entropy,
};

/// The mean over depths, in nats.
///
/// # Errors
///
/// [`MetricError::Empty`] without rows, [`MetricError::NeedsContext`] where a row has no context.
pub fn context_entropy(log: &RoutingLog) -> Result<f64, MetricError> {
    // By depth: the sum of rows × entropy over contexts, and of rows.
    let mut depths: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for ((depth, _), tally) in by_depth_and_context(log)? {
        let (weighted, rows) = depths.entry(depth).or_default();
        *weighted += tally.total() * tally.entropy();
        *rows += tally.total();
    }
    let sum: f64 = depths.values().map(|(weighted, rows)| weighted / rows).sum();
    Ok(sum / depths.len() as f64)
}

//! Whether two networks group the samples alike, corrected for chance.
//!
//! At each depth the choices part the samples into groups; the adjusted Rand index of the two
//! partitions (Hubert and Arabie 1985) is 1 where they are the same up to a renaming and 0 on
//! average where they are independent, whatever the sizes of the groups. The metric is the mean over
//! depths at which both decide for some sample. Of a row of weights, the choice is the set of modules
//! with the largest weight.
//!
//! # Deviations
//!
//! - The index is undefined where both partitions are one group (or all groups are single samples);
//!   they are then the same partition, and the value is 1, as in scikit-learn. Two collapsed networks
//!   thus agree fully: read it beside `selection_entropy`.

use std::collections::BTreeMap;

use super::align::{Slot, each_sample, label};
use super::{PairMetricDef, PairMetricError};
use crate::log::RoutingLog;
use crate::metric::Better;

/// The registry's entry.
pub const DEF: PairMetricDef = PairMetricDef {
    name: "adjusted_rand",
    equation: "mean over t of (Σ_ab C(n_ab,2) − E) / (½ (Σ_a C(n_a,2) + Σ_b C(n_b,2)) − E)",
    better: Better::Neither,
    range: -0.5..=1.0,
    renames: true,
    compute: adjusted_rand,
};

/// How often each pair of choices met.
type Table = BTreeMap<(Vec<Slot>, Vec<Slot>), f64>;

/// The mean over depths.
///
/// # Errors
///
/// [`PairMetricError::Empty`], [`PairMetricError::NoSharedSamples`],
/// [`PairMetricError::NoSharedDecisions`].
pub fn adjusted_rand(first: &RoutingLog, second: &RoutingLog) -> Result<f64, PairMetricError> {
    let mut tables: BTreeMap<u32, Table> = BTreeMap::new();
    each_sample(first, second, |steps| {
        for step in steps {
            if let (Some(first), Some(second)) = (step.first, step.second) {
                let met = (label(&first.choice), label(&second.choice));
                *tables.entry(step.depth).or_default().entry(met).or_default() += 1.0;
            }
        }
    })?;
    if tables.is_empty() {
        return Err(PairMetricError::NoSharedDecisions);
    }
    Ok(tables.values().map(index).sum::<f64>() / tables.len() as f64)
}

fn index(table: &Table) -> f64 {
    let pairs = |n: f64| n * (n - 1.0) / 2.0;
    let (mut rows, mut columns) = (BTreeMap::new(), BTreeMap::new());
    for ((first, second), &count) in table {
        *rows.entry(first).or_insert(0.0) += count;
        *columns.entry(second).or_insert(0.0) += count;
    }
    let together: f64 = table.values().copied().map(pairs).sum();
    let first: f64 = rows.values().copied().map(pairs).sum();
    let second: f64 = columns.values().copied().map(pairs).sum();
    let all = pairs(table.values().sum());
    let expected = if all > 0.0 { first * second / all } else { 0.0 };
    let most = (first + second) / 2.0;
    if most == expected { 1.0 } else { (together - expected) / (most - expected) }
}

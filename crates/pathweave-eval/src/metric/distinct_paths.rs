//! How many different functions the network composes.
//!
//! The number of distinct paths over all samples; a path is a sample's choices by depth, skip and
//! end included. For a row of weights, the choice is the set of modules with the largest weight.

use std::collections::BTreeSet;

use super::tally::slot;
use super::{Better, MetricDef, MetricError};
use crate::log::{Choice, LogHeader, RoutingLog, RoutingRow};

/// The registry's entry.
pub const DEF: MetricDef = MetricDef {
    name: "distinct_paths",
    equation: "|{(a_0, a_1, …) of sample i}|",
    better: Better::Neither,
    range: |_| 1.0..=f64::INFINITY,
    needs_context: false,
    needs_condition: false,
    compute: distinct_paths,
};

/// The number of distinct paths.
///
/// # Errors
///
/// [`MetricError::Empty`] without rows.
pub fn distinct_paths(log: &RoutingLog) -> Result<f64, MetricError> {
    if log.rows().is_empty() {
        return Err(MetricError::Empty);
    }
    let mut rows: Vec<&RoutingRow> = log.rows().iter().collect();
    rows.sort_unstable_by_key(|row| (row.sample, row.depth));
    let mut paths: BTreeSet<Vec<(u32, usize)>> = BTreeSet::new();
    let mut path = Vec::new();
    for of_sample in rows.chunk_by(|first, second| first.sample == second.sample) {
        path.clear();
        for row in of_sample {
            push_choice(log.header(), row, &mut path);
        }
        if !paths.contains(&path) {
            paths.insert(path.clone());
        }
    }
    Ok(paths.len() as f64)
}

/// Appends the row's choice; modules that tie for the largest weight are one step of the path.
fn push_choice(header: &LogHeader, row: &RoutingRow, path: &mut Vec<(u32, usize)>) {
    if let Choice::Weights(weights) = &row.choice {
        let largest = weights.iter().copied().fold(0.0, f32::max);
        let tied = weights.iter().enumerate().filter(|(_, weight)| **weight == largest);
        path.extend(tied.map(|(module, _)| (row.depth, module)));
    }
    path.extend(slot(header, row).map(|slot| (row.depth, slot)));
}

//! How many modules are in use.
//!
//! The number of modules that some row chooses at a depth, summed over depths. Skip and end are no
//! modules. A row of weights uses every module with a positive weight, since it computes it. Where
//! every depth shares one set of modules, a module used at two depths counts twice.

use super::tally::by_depth;
use super::{Better, MetricDef, MetricError};
use crate::log::RoutingLog;

/// The registry's entry.
pub const DEF: MetricDef = MetricDef {
    name: "modules_used",
    equation: "Σ_t |{m : p_t(m) > 0}|",
    better: Better::Neither,
    range: |header| 0.0..=header.modules.iter().sum::<usize>() as f64,
    needs_context: false,
    needs_condition: false,
    compute: modules_used,
};

/// The sum over depths.
///
/// # Errors
///
/// [`MetricError::Empty`] without rows.
pub fn modules_used(log: &RoutingLog) -> Result<f64, MetricError> {
    Ok(per_depth(log)?.iter().sum::<usize>() as f64)
}

/// The number of modules used at each depth \[T\].
///
/// # Errors
///
/// [`MetricError::Empty`] without rows.
pub fn per_depth(log: &RoutingLog) -> Result<Vec<usize>, MetricError> {
    let tallies = by_depth(log)?.into_iter().zip(&log.header().modules);
    let used =
        tallies.map(|(tally, &modules)| tally.counts().filter(|(s, _)| *s < modules).count());
    Ok(used.collect())
}

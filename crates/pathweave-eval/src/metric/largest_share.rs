//! How much the favourite choice takes.
//!
//! At each depth, the largest marginal share max_a p(a) over the rows there; the metric is the mean
//! over depths. 1 is collapse (T 4.2) onto one choice. Skip and end are choices. A depth that no
//! sample reached is left out of the mean.

use super::tally::{Tally, by_depth, mean_over_depths, most_choices};
use super::{Better, MetricDef, MetricError};
use crate::log::RoutingLog;

/// The registry's entry.
pub const DEF: MetricDef = MetricDef {
    name: "largest_share",
    equation: "mean over t of max_a p_t(a)",
    better: Better::Neither,
    range: |header| 1.0 / most_choices(header)..=1.0,
    needs_context: false,
    needs_condition: false,
    compute: largest_share,
};

/// The mean over depths.
///
/// # Errors
///
/// [`MetricError::Empty`] without rows.
pub fn largest_share(log: &RoutingLog) -> Result<f64, MetricError> {
    Ok(mean_over_depths(&by_depth(log)?, largest))
}

/// The largest share at each depth \[T\]; none at a depth without rows.
///
/// # Errors
///
/// [`MetricError::Empty`] without rows.
pub fn per_depth(log: &RoutingLog) -> Result<Vec<Option<f64>>, MetricError> {
    let tallies = by_depth(log)?;
    Ok(tallies.iter().map(|tally| (!tally.is_empty()).then(|| largest(tally))).collect())
}

fn largest(tally: &Tally) -> f64 {
    tally.shares().map(|(_, share)| share).fold(0.0, f64::max)
}

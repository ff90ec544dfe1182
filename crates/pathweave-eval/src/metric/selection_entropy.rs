//! How evenly the choices are spread.
//!
//! At each depth, H = −Σ_a p(a) ln p(a) of the marginal distribution p over the log's rows there
//! (T 7.2 on, "selection entropy"); the metric is the mean over depths. 0 is collapse onto one
//! choice; ln A an even use of all A. Skip and end are choices. A depth that no sample reached is
//! left out of the mean.

use super::tally::{by_depth, mean_over_depths, most_choices};
use super::{Better, MetricDef, MetricError};
use crate::log::RoutingLog;

/// The registry's entry.
pub const DEF: MetricDef = MetricDef {
    name: "selection_entropy",
    equation: "mean over t of −Σ_a p_t(a) ln p_t(a)",
    better: Better::Neither,
    range: |header| 0.0..=libm::log(most_choices(header)),
    needs_context: false,
    needs_condition: false,
    compute: selection_entropy,
};

/// The mean over depths, in nats.
///
/// # Errors
///
/// [`MetricError::Empty`] without rows.
pub fn selection_entropy(log: &RoutingLog) -> Result<f64, MetricError> {
    Ok(mean_over_depths(&by_depth(log)?, |tally| tally.entropy()))
}

/// The entropy at each depth \[T\], in nats; none at a depth without rows.
///
/// # Errors
///
/// [`MetricError::Empty`] without rows.
pub fn per_depth(log: &RoutingLog) -> Result<Vec<Option<f64>>, MetricError> {
    let tallies = by_depth(log)?;
    Ok(tallies.iter().map(|tally| (!tally.is_empty()).then(|| tally.entropy())).collect())
}

//! How many samples take another path than before.
//!
//! The share of common samples whose choice differs at one depth or more. Of a row of weights, the
//! choice is the set of modules with the largest weight.

use super::align::{Both, each_sample, label};
use super::{PairMetricDef, PairMetricError};
use crate::log::RoutingLog;
use crate::metric::Better;

/// The registry's entry.
pub const DEF: PairMetricDef = PairMetricDef {
    name: "path_fluctuation",
    equation: "share of samples i with (a_0, a_1, …)_i ≠ (b_0, b_1, …)_i",
    better: Better::Neither,
    range: 0.0..=1.0,
    renames: false,
    compute: path_fluctuation,
};

/// The share of common samples whose path changed.
///
/// # Errors
///
/// [`PairMetricError::Empty`], [`PairMetricError::NoSharedSamples`].
pub fn path_fluctuation(first: &RoutingLog, second: &RoutingLog) -> Result<f64, PairMetricError> {
    let (mut changed, mut samples) = (0.0, 0.0);
    each_sample(first, second, |steps| {
        samples += 1.0;
        changed += f64::from(u8::from(steps.iter().any(differ)));
    })?;
    Ok(changed / samples)
}

fn differ(both: &Both) -> bool {
    match (both.first, both.second) {
        (Some(first), Some(second)) => label(&first.choice) != label(&second.choice),
        _ => true,
    }
}

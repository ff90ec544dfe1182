//! How far the least used module falls short of an even use (M section 5, equation 17).
//!
//! C_W = 1 − M min_m p(m) with p(m) the share of module m; the metric of a log is the mean over
//! depths. 0 is an even use, 1 is a module that nobody uses. With one module nothing can collapse: 0.
//! No rule needs to be known. Skip and end are no modules: rows with them are left out.
//!
//! # Deviations
//!
//! - M equation 17 has R, the number of rules, for both rules and modules. Here it is the number of
//!   modules, since an even use is 1/M of each; with as many modules as rules both are the same.

use super::{Better, MetricDef, MetricError};
use crate::joint::{Joint, over_depths};
use crate::log::RoutingLog;

/// The registry's entry.
pub const DEF: MetricDef = MetricDef {
    name: "collapse_worst",
    equation: "mean over t of 1 − M min_m p_t(m)",
    better: Better::Lower,
    range: |_| 0.0..=1.0,
    needs_context: false,
    needs_condition: false,
    compute: collapse_worst,
};

/// The mean over depths.
///
/// # Errors
///
/// [`MetricError::Empty`] without rows, [`MetricError::NoModule`] where none applies a module.
pub fn collapse_worst(log: &RoutingLog) -> Result<f64, MetricError> {
    over_depths(log, of_joint)
}

/// Of one joint activation.
///
/// # Errors
///
/// None.
pub fn of_joint(joint: &Joint) -> Result<f64, MetricError> {
    let least = joint.marginal().into_iter().fold(f64::INFINITY, f64::min);
    Ok((1.0 - joint.modules() as f64 * least).clamp(0.0, 1.0))
}

//! How far the modules fall short of an even use, on average (M section 5, equation 16).
//!
//! C_A = M/(M−1) Σ_m max(0, 1/M − p(m)) with p(m) the share of module m; the metric of a log is the
//! mean over depths. 0 is an even use, 1 is one module for all. With one module nothing can
//! collapse: 0. No rule needs to be known. Skip and end are no modules: rows with them are left out.
//!
//! # Deviations
//!
//! - M equation 16 has R, the number of rules, for both rules and modules. Here it is the number of
//!   modules, since an even use is 1/M of each; with as many modules as rules both are the same. With
//!   more modules than rules, perfect routing has a collapse above 0.

use super::{Better, MetricDef, MetricError};
use crate::joint::{Joint, over_depths};
use crate::log::RoutingLog;

/// The registry's entry.
pub const DEF: MetricDef = MetricDef {
    name: "collapse_avg",
    equation: "mean over t of M/(M−1) Σ_m max(0, 1/M − p_t(m))",
    better: Better::Lower,
    range: |_| 0.0..=1.0,
    needs_context: false,
    needs_condition: false,
    compute: collapse_avg,
};

/// The mean over depths.
///
/// # Errors
///
/// [`MetricError::Empty`] without rows, [`MetricError::NoModule`] where none applies a module.
pub fn collapse_avg(log: &RoutingLog) -> Result<f64, MetricError> {
    over_depths(log, of_joint)
}

/// Of one joint activation.
///
/// # Errors
///
/// None.
pub fn of_joint(joint: &Joint) -> Result<f64, MetricError> {
    let modules = joint.modules() as f64;
    if joint.modules() == 1 {
        return Ok(0.0);
    }
    let lacking: f64 = joint.marginal().iter().map(|p| (1.0 / modules - p).max(0.0)).sum();
    Ok((modules / (modules - 1.0) * lacking).clamp(0.0, 1.0))
}

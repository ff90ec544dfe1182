//! How far the routing is from a module of its own for each rule (M section 5, equation 18).
//!
//! With A\[r, m\] = p(m | r), min over permutations P of ‖A − P‖₁ / (2R), found by linear assignment;
//! the metric of a log is the mean over depths. 0 is perfect specialization; uniform routing has
//! 1 − 1/M. How frequent the rules are does not matter. Rules that no row shows do not count.
//!
//! # Deviations
//!
//! - M equation 18 leaves the normalisation of the L1 distance open: it is divided by 2R, the largest
//!   distance of two such matrices, as in the authors' code.
//! - M assumes as many modules as rules. With more modules, P gives each rule a module of its own and
//!   some modules none, and the same distance is taken: it is 1 − (1/R) Σ_r A\[r, π(r)\]. With fewer
//!   modules than rules, no routing has a module for each rule, and the metric has no value.

use super::{Better, MetricDef, MetricError};
use crate::joint::{Joint, over_depths_with_rules};
use crate::log::RoutingLog;
use crate::pair::assignment::best_total;

/// The registry's entry.
pub const DEF: MetricDef = MetricDef {
    name: "alignment",
    equation: "mean over t of min over P of ‖A_t − P‖₁ / (2R), A_t[r, m] = p_t(m|r)",
    better: Better::Lower,
    range: |_| 0.0..=1.0,
    needs_context: false,
    needs_condition: true,
    compute: alignment,
};

/// Most modules: the assignment takes time cubic in them.
pub const MODULES_ASSIGNED: usize = 1024;

/// The mean over depths.
///
/// # Errors
///
/// [`MetricError::Empty`] without rows, [`MetricError::NeedsRule`] where a row has no rule,
/// [`MetricError::NoModule`] where none applies a module, those of [`of_joint`].
pub fn alignment(log: &RoutingLog) -> Result<f64, MetricError> {
    over_depths_with_rules(log, of_joint)
}

/// Of one joint activation.
///
/// # Errors
///
/// [`MetricError::FewerModulesThanRules`], and [`MetricError::TooLarge`] beyond
/// [`MODULES_ASSIGNED`].
pub fn of_joint(joint: &Joint) -> Result<f64, MetricError> {
    let mut gain = joint.conditional();
    let (rules, modules) = (gain.len(), joint.modules());
    if modules < rules {
        return Err(MetricError::FewerModulesThanRules { rules, modules });
    }
    if modules > MODULES_ASSIGNED {
        let most = MODULES_ASSIGNED * MODULES_ASSIGNED;
        return Err(MetricError::TooLarge { rules, modules, most });
    }
    // Rules that gain nothing anywhere take the modules that are left over.
    gain.resize(modules, vec![0.0; modules]);
    // ‖A − P‖₁ of a row is 2 (1 − A[r, π(r)]), since both rows sum to one.
    Ok((1.0 - best_total(&gain) / rules as f64).clamp(0.0, 1.0))
}

//! How little the module tells of the rule (M section 5, equation 19).
//!
//! 1 − I(m; r) / ln R with I(m; r) = Σ p(m, r) ln(p(m, r) / (p(m) p(r))) and R the rules that were
//! seen; the metric of a log is the mean over depths. 1 is routing that does not depend on the rule. 0
//! is a module, or several, of its own for each of R equally frequent rules. With M < R modules the
//! least value is 1 − ln M / ln R; with rules of unequal frequency it is 1 − H(r) / ln R. With one
//! rule there is no value.
//!
//! # Deviations
//!
//! - M equation 19 assumes equally frequent rules and as many modules as rules. The value is the same
//!   formula on whatever the log shows: what perfect routing has on the same rows is told beside it by
//!   the baselines.

use super::{Better, MetricDef, MetricError};
use crate::joint::{Joint, over_depths_with_rules};
use crate::log::RoutingLog;

/// The registry's entry.
pub const DEF: MetricDef = MetricDef {
    name: "inverse_mutual_information",
    equation: "mean over t of 1 − I_t(m; r) / ln R",
    better: Better::Lower,
    range: |_| 0.0..=1.0,
    needs_context: false,
    needs_condition: true,
    compute: inverse_mutual_information,
};

/// The mean over depths.
///
/// # Errors
///
/// [`MetricError::Empty`] without rows, [`MetricError::NeedsRule`] where a row has no rule,
/// [`MetricError::NoModule`] where none applies a module, those of [`of_joint`].
pub fn inverse_mutual_information(log: &RoutingLog) -> Result<f64, MetricError> {
    over_depths_with_rules(log, of_joint)
}

/// Of one joint activation.
///
/// # Errors
///
/// [`MetricError::OneRule`].
pub fn of_joint(joint: &Joint) -> Result<f64, MetricError> {
    let seen = joint.seen();
    if seen.len() < 2 {
        return Err(MetricError::OneRule);
    }
    let (of_module, of_rule) = (joint.marginal(), joint.rule_shares());
    let mut information = 0.0;
    for &rule in &seen {
        for (&p, &marginal) in joint.of_rule(rule).iter().zip(&of_module) {
            if p > 0.0 {
                // Apart, so that the product of two tiny shares cannot underflow. libm's logarithm,
                // not the system's: the same bits on every machine.
                let ratio = libm::log(p / of_rule[rule]) - libm::log(marginal);
                information += p * ratio;
            }
        }
    }
    Ok((1.0 - information / libm::log(seen.len() as f64)).clamp(0.0, 1.0))
}

//! How many decisions changed from one evaluation to the next.
//!
//! The mean over (sample, depth) of the total variation distance ½ Σ_a |p(a) − q(a)| between the two
//! choices: for hard choices, the share of decisions that are not the same. A depth that only one of
//! a sample's two paths reaches counts as changed. A router that has settled has 0 (T 7.2 speaks of
//! policies that fluctuate, and stabilise).
//!
//! # Deviations
//!
//! - T draws fluctuation as curves of the selection entropy and gives no measure of it; the distance
//!   between successive evaluations is ours.

use super::align::{Both, each_sample, shares};
use super::{PairMetricDef, PairMetricError};
use crate::log::RoutingLog;
use crate::metric::Better;

/// The registry's entry.
pub const DEF: PairMetricDef = PairMetricDef {
    name: "decision_fluctuation",
    equation: "mean over (i, t) of ½ Σ_a |p_it(a) − q_it(a)|",
    better: Better::Neither,
    range: 0.0..=1.0,
    renames: false,
    compute: decision_fluctuation,
};

/// The mean over the decisions of common samples.
///
/// # Errors
///
/// [`PairMetricError::Empty`], [`PairMetricError::NoSharedSamples`].
pub fn decision_fluctuation(
    first: &RoutingLog,
    second: &RoutingLog,
) -> Result<f64, PairMetricError> {
    let (mut changed, mut decisions) = (0.0, 0.0);
    each_sample(first, second, |steps| {
        decisions += steps.len() as f64;
        changed += steps.iter().map(distance).sum::<f64>();
    })?;
    Ok(changed / decisions)
}

fn distance(both: &Both) -> f64 {
    let (Some(first), Some(second)) = (both.first, both.second) else {
        return 1.0;
    };
    if first.choice == second.choice {
        return 0.0;
    }
    let (p, q) = (shares(&first.choice), shares(&second.choice));
    // 1 − Σ min(p, q); both are sorted and of few entries.
    let same: f64 = p
        .iter()
        .filter_map(|(slot, share)| {
            let at = q.binary_search_by_key(slot, |(slot, _)| *slot).ok()?;
            Some(share.min(q[at].1))
        })
        .sum();
    (1.0 - same).clamp(0.0, 1.0)
}

//! How much two contexts share.
//!
//! The number of depths at which two contexts choose the same module (T 5.3.2, figures 5.12 and
//! 5.13), as the metric: the mean over pairs of different contexts. With p_t(m | c) the share of all
//! samples of context c that apply module m at depth t, two independent draws from contexts c and d
//! agree at Σ_t Σ_m p_t(m | c) p_t(m | d) depths on average; where each context takes one path this
//! counts the shared depths. Skip and end are no modules: leaving a depth out together shares no
//! weights. So the matrix's diagonal is, as in the figures, the number of modules a context applies
//! when it takes one path.
//!
//! # Deviations
//!
//! T figures 5.12 and 5.13 do not say what the overlap is where samples of one context take
//! different paths: here it is the expected overlap of one sample of each of two contexts.

use std::collections::BTreeMap;

use super::tally::{by_depth_and_context, samples_by_context};
use super::{Better, MetricDef, MetricError};
use crate::log::RoutingLog;

/// The registry's entry.
pub const DEF: MetricDef = MetricDef {
    name: "path_overlap",
    equation: "mean over c ≠ d of Σ_t Σ_m p_t(m|c) p_t(m|d)",
    better: Better::Neither,
    range: |header| 0.0..=header.depths() as f64,
    needs_context: true,
    needs_condition: false,
    compute: path_overlap,
};

/// The mean over pairs of different contexts, in depths.
///
/// # Errors
///
/// [`MetricError::Empty`] without rows, [`MetricError::NeedsContext`] where a row has no context,
/// [`MetricError::OneContext`] where all rows have the same.
pub fn path_overlap(log: &RoutingLog) -> Result<f64, MetricError> {
    let contexts = samples_by_context(log)?.len() as f64;
    if contexts < 2.0 {
        return Err(MetricError::OneContext);
    }
    // Σ_{c<d} x_c x_d = ((Σ x)² − Σ x²) / 2: linear in the contexts, where the matrix is quadratic.
    let pairs = contexts * (contexts - 1.0) / 2.0;
    let sum: f64 = shares(log)?
        .values()
        .map(|of_module| {
            let sum: f64 = of_module.iter().map(|(_, share)| share).sum();
            let squares: f64 = of_module.iter().map(|(_, share)| share * share).sum();
            (sum * sum - squares).max(0.0) / 2.0
        })
        .sum();
    Ok(sum / pairs)
}

/// The overlap of every pair of contexts.
#[derive(Debug, Clone, PartialEq)]
pub struct OverlapMatrix {
    /// The contexts that the log shows \[C\], ascending: indices into the header's names.
    pub contexts: Vec<u32>,
    /// Overlaps in depths \[C, C\], symmetric. The diagonal is a context's overlap with itself.
    pub overlap: Vec<Vec<f64>>,
}

/// The overlap of every pair of contexts, in depths: figures 5.12 and 5.13.
///
/// # Errors
///
/// [`MetricError::Empty`] without rows, [`MetricError::NeedsContext`] where a row has no context.
pub fn matrix(log: &RoutingLog) -> Result<OverlapMatrix, MetricError> {
    let contexts: Vec<u32> = samples_by_context(log)?.into_keys().collect();
    let mut overlap = vec![vec![0.0; contexts.len()]; contexts.len()];
    let place: BTreeMap<u32, usize> = contexts.iter().enumerate().map(|(i, &c)| (c, i)).collect();
    for of_module in shares(log)?.values() {
        for (first, first_share) in of_module {
            for (second, second_share) in of_module {
                overlap[place[first]][place[second]] += first_share * second_share;
            }
        }
    }
    Ok(OverlapMatrix { contexts, overlap })
}

/// For each depth and module, the contexts that choose it and the share of their samples that do.
type ModuleShares = BTreeMap<(u32, usize), Vec<(u32, f64)>>;

fn shares(log: &RoutingLog) -> Result<ModuleShares, MetricError> {
    let samples = samples_by_context(log)?;
    let mut shares = ModuleShares::new();
    for ((depth, context), tally) in by_depth_and_context(log)? {
        let modules = log.header().modules[depth as usize];
        for (module, count) in tally.counts().filter(|(slot, _)| *slot < modules) {
            shares.entry((depth, module)).or_default().push((context, count / samples[&context]));
        }
    }
    Ok(shares)
}

//! How many decisions two networks share once their modules are renamed to fit.
//!
//! At each depth the modules of the second log are renamed so that as many decisions as possible
//! agree (linear assignment); the metric is the share of all decisions that then do. Not corrected
//! for chance: two independent uniform routers over M modules agree a little more often than 1/M;
//! `adjusted_rand` is the corrected measure. Rows of weights agree by Σ_m min(p_m, q_π(m)).

use std::collections::BTreeMap;

use super::align::{Slot, each_sample, shares};
use super::assignment::best_total;
use super::{PairMetricDef, PairMetricError};
use crate::log::RoutingLog;
use crate::metric::Better;

/// The registry's entry.
pub const DEF: PairMetricDef = PairMetricDef {
    name: "matched_agreement",
    equation: "max over π_t of the mean over (i, t) of Σ_m min(p_it(m), q_it(π_t(m)))",
    better: Better::Neither,
    range: 0.0..=1.0,
    renames: true,
    compute: matched_agreement,
};

/// Most modules in use at a depth: the assignment takes time cubic in them.
pub const MODULES_MATCHED: usize = 1024;

/// For one depth, how much each pair of choices overlaps.
type Overlaps = BTreeMap<(Slot, Slot), f64>;

/// The share of the decisions of common samples that agree.
///
/// # Errors
///
/// [`PairMetricError::Empty`], [`PairMetricError::NoSharedSamples`],
/// [`PairMetricError::TooManyModules`] beyond [`MODULES_MATCHED`].
pub fn matched_agreement(first: &RoutingLog, second: &RoutingLog) -> Result<f64, PairMetricError> {
    let mut depths: BTreeMap<u32, Overlaps> = BTreeMap::new();
    let mut decisions = 0.0;
    each_sample(first, second, |steps| {
        decisions += steps.len() as f64;
        for step in steps {
            let (Some(first), Some(second)) = (step.first, step.second) else { continue };
            let overlaps = depths.entry(step.depth).or_default();
            let q = shares(&second.choice);
            for (ours, p) in shares(&first.choice) {
                for &(theirs, q) in &q {
                    *overlaps.entry((ours, theirs)).or_default() += p.min(q);
                }
            }
        }
    })?;
    let agreed = depths.values().map(agreed).sum::<Result<f64, _>>()?;
    Ok((agreed / decisions).min(1.0))
}

fn agreed(overlaps: &Overlaps) -> Result<f64, PairMetricError> {
    let fixed = |slot: Slot| overlaps.get(&(slot, slot)).copied().unwrap_or(0.0);
    // Modules in use, numbered anew: a header may name far more than rows use.
    let (mut rows, mut columns) = (BTreeMap::new(), BTreeMap::new());
    let mut cells = Vec::new();
    for (&pair, &overlap) in overlaps {
        if let (Slot::Module(ours), Slot::Module(theirs)) = pair {
            let next = rows.len();
            let row = *rows.entry(ours).or_insert(next);
            let next = columns.len();
            let column = *columns.entry(theirs).or_insert(next);
            cells.push((row, column, overlap));
        }
    }
    let size = rows.len().max(columns.len());
    if size > MODULES_MATCHED {
        return Err(PairMetricError::TooManyModules { found: size, most: MODULES_MATCHED });
    }
    let mut matrix = vec![vec![0.0; size]; size];
    for (row, column, overlap) in cells {
        matrix[row][column] = overlap;
    }
    Ok(best_total(&matrix) + fixed(Slot::Skip) + fixed(Slot::End))
}

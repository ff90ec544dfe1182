//! Which module each context takes at each depth (T figure 5.6).

use super::MetricError;
use super::tally::{Tally, by_depth_and_context, samples_by_context};
use crate::log::{Choice, LogHeader, RoutingLog};

/// The choices of each context at each depth.
#[derive(Debug, Clone, PartialEq)]
pub struct RoutingMap {
    /// The contexts that the log shows \[C\], ascending: indices into the header's names.
    pub contexts: Vec<u32>,
    /// What each chooses \[C, T\]; none where no sample of the context reached the depth.
    pub cells: Vec<Vec<Option<MapCell>>>,
}

/// What one context chooses at one depth.
#[derive(Debug, Clone, PartialEq)]
pub struct MapCell {
    /// The most frequent choice, the lowest on ties; never weights.
    pub choice: Choice,
    /// Its share among the context's rows at this depth.
    pub share: f64,
    /// The share of every choice: modules by index, then skip and end where the header names them.
    pub shares: Vec<f64>,
}

/// The choices of each context at each depth. A row of weights spreads over the modules.
///
/// # Errors
///
/// [`MetricError::Empty`] without rows, [`MetricError::NeedsContext`] where a row has no context.
pub fn routing_map(log: &RoutingLog) -> Result<RoutingMap, MetricError> {
    let header = log.header();
    let contexts: Vec<u32> = samples_by_context(log)?.into_keys().collect();
    let tallies = by_depth_and_context(log)?;
    let cell = |depth: usize, context: u32| {
        tallies.get(&(depth as u32, context)).map(|tally| cell(header, depth, tally))
    };
    let row = |&context: &u32| (0..header.depths()).map(|depth| cell(depth, context)).collect();
    Ok(RoutingMap { cells: contexts.iter().map(row).collect(), contexts })
}

fn cell(header: &LogHeader, depth: usize, tally: &Tally) -> MapCell {
    let mut shares = vec![0.0; header.choices(depth)];
    let (mut best, mut share) = (0, 0.0);
    for (slot, of_slot) in tally.shares() {
        shares[slot] = of_slot;
        if of_slot > share {
            (best, share) = (slot, of_slot);
        }
    }
    let modules = header.modules[depth];
    let choice = match best.checked_sub(modules) {
        None => Choice::Module(best as u32),
        Some(0) if header.actions.skip => Choice::Skip,
        Some(_) => Choice::End,
    };
    MapCell { choice, share, shares }
}

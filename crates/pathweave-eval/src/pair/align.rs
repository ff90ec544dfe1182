//! Walks two logs sample by sample: what the metrics share.

use super::PairMetricError;
use crate::log::{Choice, RoutingLog, RoutingRow};

/// What can be chosen, in any log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    Module(u32),
    Skip,
    End,
}

/// The same sample's rows in both logs at one depth; at least one is there.
#[derive(Clone, Copy)]
pub(super) struct Both<'a> {
    pub depth: u32,
    pub first: Option<&'a RoutingRow>,
    pub second: Option<&'a RoutingRow>,
}

/// Calls `visit` with every common sample's decisions, by depth.
pub(super) fn each_sample<'a>(
    first: &'a RoutingLog,
    second: &'a RoutingLog,
    mut visit: impl FnMut(&[Both<'a>]),
) -> Result<(), PairMetricError> {
    let (first, second) = (sorted(first, "first")?, sorted(second, "second")?);
    let of_sample = |a: &&RoutingRow, b: &&RoutingRow| a.sample == b.sample;
    let mut seconds = second.chunk_by(of_sample).peekable();
    let (mut common, mut steps) = (false, Vec::new());
    for ours in first.chunk_by(of_sample) {
        while seconds.next_if(|theirs| theirs[0].sample < ours[0].sample).is_some() {}
        if let Some(theirs) = seconds.next_if(|theirs| theirs[0].sample == ours[0].sample) {
            common = true;
            merge(ours, theirs, &mut steps);
            visit(&steps);
        }
    }
    if common { Ok(()) } else { Err(PairMetricError::NoSharedSamples) }
}

fn sorted<'a>(
    log: &'a RoutingLog,
    which: &'static str,
) -> Result<Vec<&'a RoutingRow>, PairMetricError> {
    if log.rows().is_empty() {
        return Err(PairMetricError::Empty { which });
    }
    let mut rows: Vec<&RoutingRow> = log.rows().iter().collect();
    rows.sort_unstable_by_key(|row| (row.sample, row.depth));
    Ok(rows)
}

fn merge<'a>(ours: &[&'a RoutingRow], theirs: &[&'a RoutingRow], into: &mut Vec<Both<'a>>) {
    into.clear();
    let (mut ours, mut theirs) = (ours.iter().peekable(), theirs.iter().peekable());
    while let Some(depth) =
        [ours.peek(), theirs.peek()].into_iter().flatten().map(|row| row.depth).min()
    {
        let first = ours.next_if(|row| row.depth == depth).copied();
        let second = theirs.next_if(|row| row.depth == depth).copied();
        into.push(Both { depth, first, second });
    }
}

/// The shares of a choice, without zeros: one of 1 for a hard choice.
pub(super) fn shares(choice: &Choice) -> Vec<(Slot, f64)> {
    match choice {
        Choice::Module(module) => vec![(Slot::Module(*module), 1.0)],
        Choice::Skip => vec![(Slot::Skip, 1.0)],
        Choice::End => vec![(Slot::End, 1.0)],
        Choice::Weights(weights) => {
            let sum: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
            let named = weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0);
            named.map(|(m, &weight)| (Slot::Module(m as u32), f64::from(weight) / sum)).collect()
        }
    }
}

/// The choice as one label: of weights, all modules that tie for the largest.
pub(super) fn label(choice: &Choice) -> Vec<Slot> {
    let shares = shares(choice);
    let largest = shares.iter().map(|(_, share)| *share).fold(0.0, f64::max);
    shares.into_iter().filter(|(_, share)| *share == largest).map(|(slot, _)| slot).collect()
}

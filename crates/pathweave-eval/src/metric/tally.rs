//! Counting choices: what the metrics share.

use std::collections::BTreeMap;

use super::MetricError;
use crate::log::{Choice, LogHeader, RoutingLog, RoutingRow};

/// How often each choice was made. Choices are numbered: the depth's modules, then skip and end
/// where the header names them. Sparse, since a header may name far more modules than rows use.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    counts: BTreeMap<usize, f64>,
}

impl Tally {
    fn add(&mut self, header: &LogHeader, row: &RoutingRow) {
        if let Some(slot) = slot(header, row) {
            *self.counts.entry(slot).or_default() += 1.0;
        }
        if let Choice::Weights(weights) = &row.choice {
            let sum: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
            for (module, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0)
            {
                *self.counts.entry(module).or_default() += f64::from(weight) / sum;
            }
        }
    }

    /// The number of rows: the sum of the counts.
    pub(super) fn total(&self) -> f64 {
        self.counts.values().sum()
    }

    /// The number of a choice and how often it was made, for choices made at all.
    pub(super) fn counts(&self) -> impl Iterator<Item = (usize, f64)> {
        self.counts.iter().map(|(&slot, &count)| (slot, count))
    }

    /// As [`Tally::counts`], as shares that sum to one.
    pub(super) fn shares(&self) -> impl Iterator<Item = (usize, f64)> {
        let total = self.total();
        self.counts().map(move |(slot, count)| (slot, count / total))
    }

    /// −Σ p ln p of the shares, in nats; 0 without rows.
    pub(super) fn entropy(&self) -> f64 {
        // libm's logarithm, not the system's: the same bits on every machine.
        self.shares().fold(0.0, |sum, (_, share)| sum - share * libm::log(share))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}

/// The number of a row's hard choice; none for weights.
pub(super) fn slot(header: &LogHeader, row: &RoutingRow) -> Option<usize> {
    let modules = header.modules[row.depth as usize];
    match row.choice {
        Choice::Module(module) => Some(module as usize),
        Choice::Skip => Some(modules),
        Choice::End => Some(modules + usize::from(header.actions.skip)),
        Choice::Weights(_) => None,
    }
}

/// One tally a depth \[T\]; a depth without rows has an empty one.
pub(super) fn by_depth(log: &RoutingLog) -> Result<Vec<Tally>, MetricError> {
    if log.rows().is_empty() {
        return Err(MetricError::Empty);
    }
    let mut tallies = vec![Tally::default(); log.header().depths()];
    for row in log.rows() {
        tallies[row.depth as usize].add(log.header(), row);
    }
    Ok(tallies)
}

/// One tally for each depth and context that a row shows, by depth, then context.
pub(super) fn by_depth_and_context(
    log: &RoutingLog,
) -> Result<BTreeMap<(u32, u32), Tally>, MetricError> {
    let mut tallies: BTreeMap<(u32, u32), Tally> = BTreeMap::new();
    for (row, context) in with_context(log)? {
        tallies.entry((row.depth, context)).or_default().add(log.header(), row);
    }
    Ok(tallies)
}

/// How many samples each context has.
pub(super) fn samples_by_context(log: &RoutingLog) -> Result<BTreeMap<u32, f64>, MetricError> {
    let mut samples: Vec<(u32, u64)> =
        with_context(log)?.into_iter().map(|(row, context)| (context, row.sample)).collect();
    samples.sort_unstable();
    samples.dedup();
    let mut counts = BTreeMap::new();
    for (context, _) in samples {
        *counts.entry(context).or_default() += 1.0;
    }
    Ok(counts)
}

fn with_context(log: &RoutingLog) -> Result<Vec<(&RoutingRow, u32)>, MetricError> {
    if log.rows().is_empty() {
        return Err(MetricError::Empty);
    }
    let rows = log.rows().iter().enumerate();
    rows.map(|(index, row)| {
        let context = row.context.ok_or(MetricError::NeedsContext { row: index + 1 })?;
        Ok((row, context))
    })
    .collect()
}

/// The mean of `value` over the depths that have rows. There is one in any log that has rows.
pub(super) fn mean_over_depths(tallies: &[Tally], value: impl Fn(&Tally) -> f64) -> f64 {
    let values = tallies.iter().filter(|tally| !tally.is_empty()).map(value);
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), v| (sum + v, count + 1.0));
    sum / count
}

/// The most choices that a depth of this header has.
pub(super) fn most_choices(header: &LogHeader) -> f64 {
    (0..header.depths()).map(|depth| header.choices(depth)).max().unwrap_or(1) as f64
}

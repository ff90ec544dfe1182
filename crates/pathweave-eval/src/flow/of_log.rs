//! The flow of a routing log.

use super::gather::{largest, places};
use super::{FlowContext, FlowDepth, FlowKind, FlowLimits, PathFlow, Place, Ribbon, Station};
use crate::log::{Choice, RoutingLog, RoutingRow};
use crate::metric::MetricError;

impl PathFlow {
    /// The flow of a log's samples, every sample with the same weight.
    ///
    /// A depth without a row counts as skipped where the sample has a deeper row, and as the end of
    /// its path where it has none.
    ///
    /// # Errors
    ///
    /// [`MetricError::Empty`] without rows.
    ///
    /// # Deviations
    ///
    /// - The documents draw routing maps (T figure 5.6) and no flow. Where a row has weights instead
    ///   of a choice, the sample's weights at one depth are taken for independent of those at the
    ///   next: the share that goes from module i to module j is the product of their weights.
    pub fn of_log(log: &RoutingLog, limits: FlowLimits) -> Result<Self, MetricError> {
        if log.rows().is_empty() {
            return Err(MetricError::Empty);
        }
        let samples = samples(log);
        let (kind, contexts, of_sample) = contexts(log, &samples, limits.contexts);
        let depths = log.header().depths();
        let shown = depths.min(limits.depths.max(1));
        let mut ribbons = Vec::new();
        let mut before: Vec<Split> =
            of_sample.iter().map(|&context| vec![(context, 1.0)]).collect();
        let mut width = contexts.len();
        let mut levels = Vec::with_capacity(shown);
        for depth in 0..shown {
            let (level, slots) = level(log, &samples, depth, limits.modules);
            let stations = level.stations.len();
            let mut table = vec![0.0; contexts.len() * width * stations];
            for (sample, rows) in samples.iter().enumerate() {
                let now = slots.split(log, rows, depth);
                for &(from, of_from) in &before[sample] {
                    for &(to, of_to) in &now {
                        table[(of_sample[sample] * width + from) * stations + to] +=
                            of_from * of_to;
                    }
                }
                before[sample] = now;
            }
            let found = table.iter().enumerate().filter(|(_, sum)| **sum > 0.0);
            ribbons.extend(found.map(|(at, sum)| Ribbon {
                context: at / stations / width,
                depth,
                from: at / stations % width,
                to: at % stations,
                share: sum / samples.len() as f64,
            }));
            levels.push(level);
            width = stations;
        }
        Ok(Self { kind, contexts, depths: levels, ribbons, more_depths: depths - shown })
    }
}

/// Which context a row is of.
type Source = fn(&RoutingRow) -> Option<u32>;

/// Shares of one sample by station.
type Split = Vec<(usize, f64)>;

/// Where the rows of each sample are, by depth.
fn samples(log: &RoutingLog) -> Vec<Vec<usize>> {
    let rows = log.rows();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|&at| (rows[at].sample, rows[at].depth));
    order.chunk_by(|&a, &b| rows[a].sample == rows[b].sample).map(<[usize]>::to_vec).collect()
}

/// The contexts, and that of each sample.
fn contexts(
    log: &RoutingLog,
    samples: &[Vec<usize>],
    limit: usize,
) -> (FlowKind, Vec<FlowContext>, Vec<usize>) {
    let any = |of: Source| log.rows().iter().any(|row| of(row).is_some());
    let header = log.header();
    let (kind, names, of): (_, &[String], Source) = if any(|row| row.context) {
        (FlowKind::Context, &header.contexts, |row| row.context)
    } else if any(|row| row.condition) {
        (FlowKind::Rule, &header.conditions, |row| row.condition)
    } else {
        (FlowKind::Sample, &[], |_| None)
    };
    // Samples without a context come behind the named ones.
    let slot = |rows: &Vec<usize>| of(&log.rows()[rows[0]]).map_or(names.len(), |at| at as usize);
    let slots: Vec<usize> = samples.iter().map(slot).collect();
    let mut shares = vec![0.0; names.len() + 1];
    for &slot in &slots {
        shares[slot] += 1.0 / samples.len() as f64;
    }
    let kept = largest(&shares, limit);
    let places = places(&shares, &kept);
    let mut contexts: Vec<FlowContext> = kept
        .iter()
        .map(|&slot| FlowContext {
            name: names.get(slot).cloned().unwrap_or_else(|| match kind {
                FlowKind::Context => "no context".to_owned(),
                FlowKind::Rule => "no rule".to_owned(),
                FlowKind::Sample => "all samples".to_owned(),
            }),
            share: shares[slot],
        })
        .collect();
    let left: Vec<f64> = gathered(&shares, &kept);
    if !left.is_empty() {
        let name = format!("{} others", left.len());
        contexts.push(FlowContext { name, share: left.iter().sum() });
    }
    (kind, contexts, slots.into_iter().map(|slot| places[slot]).collect())
}

/// The shares above zero that are not kept.
fn gathered(shares: &[f64], kept: &[usize]) -> Vec<f64> {
    let left = shares.iter().enumerate().filter(|(at, share)| **share > 0.0 && !kept.contains(at));
    left.map(|(_, &share)| share).collect()
}

/// From what a row says to stations.
struct Slots {
    /// The station of each module, where it has one
    of_module: Vec<usize>,
    skip: usize,
    end: usize,
}

impl Slots {
    fn split(&self, log: &RoutingLog, rows: &[usize], depth: usize) -> Split {
        match decision(log, rows, depth) {
            Decision::Skip => vec![(self.skip, 1.0)],
            Decision::End => vec![(self.end, 1.0)],
            Decision::Module(module) => vec![(self.of_module[module], 1.0)],
            Decision::Weights(weights) => {
                let mut split = Split::new();
                for (module, share) in normalised(weights) {
                    let station = self.of_module[module];
                    match split.iter_mut().find(|(known, _)| *known == station) {
                        Some((_, sum)) => *sum += share,
                        None => split.push((station, share)),
                    }
                }
                split
            }
        }
    }
}

/// What becomes of one sample at one depth.
enum Decision<'a> {
    Module(usize),
    Weights(&'a [f32]),
    Skip,
    End,
}

fn decision<'a>(log: &'a RoutingLog, rows: &[usize], depth: usize) -> Decision<'a> {
    let row = |at: &usize| &log.rows()[*at];
    match rows.iter().map(row).find(|row| row.depth as usize >= depth) {
        None => Decision::End,
        Some(deeper) if deeper.depth as usize > depth => Decision::Skip,
        Some(here) => match &here.choice {
            Choice::Module(module) => Decision::Module(*module as usize),
            Choice::Weights(weights) => Decision::Weights(weights),
            Choice::Skip => Decision::Skip,
            Choice::End => Decision::End,
        },
    }
}

/// Modules with weights above zero, the weights divided by their sum.
fn normalised(weights: &[f32]) -> impl Iterator<Item = (usize, f64)> {
    let sum: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
    let above = weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0);
    above.map(move |(module, &weight)| (module, f64::from(weight) / sum))
}

/// The stations of one depth.
fn level(
    log: &RoutingLog,
    samples: &[Vec<usize>],
    depth: usize,
    limit: usize,
) -> (FlowDepth, Slots) {
    let count = log.header().modules[depth];
    let (mut modules, mut skip, mut end) = (vec![0.0; count], 0.0, 0.0);
    for rows in samples {
        match decision(log, rows, depth) {
            Decision::Skip => skip += 1.0,
            Decision::End => end += 1.0,
            Decision::Module(module) => modules[module] += 1.0,
            Decision::Weights(weights) => {
                normalised(weights).for_each(|(module, share)| modules[module] += share);
            }
        }
    }
    let kept = largest(&modules, limit);
    let left = gathered(&modules, &kept);
    let of_all = |sum: f64| sum / samples.len() as f64;
    let mut stations: Vec<Station> = kept
        .iter()
        .map(|&module| Station { place: Place::Module(module), share: of_all(modules[module]) })
        .collect();
    let used = kept.len() + left.len();
    for (place, sum) in
        [(Place::Others(left.len()), left.iter().sum()), (Place::Skip, skip), (Place::End, end)]
    {
        if sum > 0.0 {
            stations.push(Station { place, share: of_all(sum) });
        }
    }
    let find = |wanted: Place| stations.iter().position(|s| s.place == wanted).unwrap_or(0);
    let slots = Slots {
        of_module: places(&modules, &kept),
        skip: find(Place::Skip),
        end: find(Place::End),
    };
    (FlowDepth { modules: count, used, stations }, slots)
}

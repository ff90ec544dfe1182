//! Metrics of two routing logs of the same samples: one file a metric, one registry.
//!
//! The logs are two evaluations of one network (fluctuation: a module's number means the same in
//! both), or of two networks, say of two seeds (agreement: numbers mean nothing, so that a value is
//! taken up to a renaming of the modules at each depth). Only samples that both logs show count. A
//! depth at which just one of them decides is a difference. Skip and end are choices of their own
//! and are never renamed.

pub mod adjusted_rand;
mod align;
pub(crate) mod assignment;
#[cfg(test)]
mod conformance;
pub mod decision_fluctuation;
pub mod matched_agreement;
pub mod path_fluctuation;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use crate::log::RoutingLog;
use crate::metric::Better;

/// One metric of two logs.
#[derive(Debug, Clone)]
pub struct PairMetricDef {
    /// Its name, also its file's.
    pub name: &'static str,
    /// What it computes, in a line.
    pub equation: &'static str,
    /// Which values are wished for.
    pub better: Better,
    /// The least and greatest value.
    pub range: RangeInclusive<f64>,
    /// Whether it is blind to the modules' numbers, so that logs of two networks can be compared.
    pub renames: bool,
    /// Computes it. Symmetric. Never gives NaN.
    pub compute: fn(&RoutingLog, &RoutingLog) -> Result<f64, PairMetricError>,
}

/// Why two logs have no value of a metric.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PairMetricError {
    /// A log has no row.
    #[error("the {which} log has no rows")]
    Empty {
        /// "first" or "second"
        which: &'static str,
    },
    /// They show different samples.
    #[error("the logs have no sample in common")]
    NoSharedSamples,
    /// They have common samples, but no depth at which both decide.
    #[error("the logs have no decision in common")]
    NoSharedDecisions,
    /// A matching of so many modules would take too long.
    #[error("{found} modules are in use at a depth, and at most {most} are matched")]
    TooManyModules {
        /// Modules in use at one depth
        found: usize,
        /// The most
        most: usize,
    },
}

/// Every metric of two logs, by name.
pub static PAIR_METRICS: &[PairMetricDef] =
    &[adjusted_rand::DEF, decision_fluctuation::DEF, matched_agreement::DEF, path_fluctuation::DEF];

/// The metric of that name.
pub fn pair_metric(name: &str) -> Option<&'static PairMetricDef> {
    PAIR_METRICS.iter().find(|def| def.name == name)
}

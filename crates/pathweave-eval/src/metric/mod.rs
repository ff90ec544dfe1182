//! Metrics of a routing log: one file a metric, one registry.
//!
//! A metric sees a [`RoutingLog`] and nothing else. Skip and end are choices of their own in every
//! distribution of choices; where a metric counts modules, its file says so. A row of weights
//! spreads over the modules as a row of many samples would; its weights are divided by their sum.
//! Logarithms are natural. Depths, modules and contexts that no row shows do not count.

#[cfg(test)]
mod conformance;
pub mod context_entropy;
pub mod dispatch_entropy;
pub mod distinct_paths;
pub mod largest_share;
pub mod modules_used;
pub mod path_overlap;
pub mod routing_map;
pub mod selection_entropy;
mod tally;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use crate::log::{LogHeader, RoutingLog};

/// Which values are wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// The higher the better.
    Higher,
    /// The lower the better.
    Lower,
    /// It describes, and does not judge.
    Neither,
}

/// One metric.
#[derive(Debug, Clone, Copy)]
pub struct MetricDef {
    /// Its name, also its file's.
    pub name: &'static str,
    /// What it computes, in a line.
    pub equation: &'static str,
    /// Which values are wished for.
    pub better: Better,
    /// The least and greatest value for logs with this header.
    pub range: fn(&LogHeader) -> RangeInclusive<f64>,
    /// Whether every row must carry a context.
    pub needs_context: bool,
    /// Whether every row must carry a condition, the rule that made the sample.
    pub needs_condition: bool,
    /// Computes it. Never gives NaN.
    pub compute: fn(&RoutingLog) -> Result<f64, MetricError>,
}

/// Why a log has no value of a metric.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetricError {
    /// There is no row.
    #[error("the log has no rows")]
    Empty,
    /// A row lacks its context.
    #[error("row {row} has no context, and this metric needs one on every row")]
    NeedsContext {
        /// The first such row, from 1.
        row: usize,
    },
    /// Pairs of contexts are compared, and there is none.
    #[error("the log has one context, and this metric compares at least two")]
    OneContext,
}

/// Every metric, by name.
pub static METRICS: &[MetricDef] = &[
    context_entropy::DEF,
    dispatch_entropy::DEF,
    distinct_paths::DEF,
    largest_share::DEF,
    modules_used::DEF,
    path_overlap::DEF,
    selection_entropy::DEF,
];

/// The metric of that name.
pub fn metric(name: &str) -> Option<&'static MetricDef> {
    METRICS.iter().find(|def| def.name == name)
}

//! Metrics of a routing log: one file a metric, one registry.
//!
//! A metric sees a [`RoutingLog`] and nothing else. Skip and end are choices of their own in every
//! distribution of choices; where a metric counts modules, its file says so. A row of weights
//! spreads over the modules as a row of many samples would; its weights are divided by their sum.
//! Logarithms are natural. Depths, modules and contexts that no row shows do not count.

pub mod adaptation;
pub mod alignment;
pub mod collapse_avg;
pub mod collapse_worst;
#[cfg(test)]
mod conformance;
pub mod context_entropy;
pub mod dispatch_entropy;
pub mod distinct_paths;
pub mod inverse_mutual_information;
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
    /// Whether every row must carry a rule: a condition, or in its place a context.
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
    /// A row lacks its rule.
    #[error(
        "row {row} has neither a condition nor a context, and this metric needs the rule of every row"
    )]
    NeedsRule {
        /// The first such row, from 1.
        row: usize,
    },
    /// Rules are told apart, and there is one.
    #[error("one rule is seen, and this metric compares at least two")]
    OneRule,
    /// Every rule should have a module of its own, and cannot.
    #[error("{rules} rules share {modules} modules, and this metric wants one for each rule")]
    FewerModulesThanRules {
        /// Rules that were seen
        rules: usize,
        /// Modules that there are
        modules: usize,
    },
    /// Rows skip or end, and none applies a module.
    #[error("no row applies a module")]
    NoModule,
    /// The table of rules and modules would be too large.
    #[error("{rules} rules by {modules} modules are too many: {most} cells at most")]
    TooLarge {
        /// Rules
        rules: usize,
        /// Modules
        modules: usize,
        /// The most cells
        most: usize,
    },
    /// An activation is no number, as those of a network that diverged.
    #[error("an activation is not a number of 0 or more")]
    NotFinite,
    /// Distributions of different sizes, or none, are compared.
    #[error("{0}")]
    BadPairs(&'static str),
}

/// Every metric, by name.
pub static METRICS: &[MetricDef] = &[
    adaptation::DEF,
    alignment::DEF,
    collapse_avg::DEF,
    collapse_worst::DEF,
    context_entropy::DEF,
    dispatch_entropy::DEF,
    distinct_paths::DEF,
    inverse_mutual_information::DEF,
    largest_share::DEF,
    modules_used::DEF,
    path_overlap::DEF,
    selection_entropy::DEF,
];

/// The metric of that name.
pub fn metric(name: &str) -> Option<&'static MetricDef> {
    METRICS.iter().find(|def| def.name == name)
}

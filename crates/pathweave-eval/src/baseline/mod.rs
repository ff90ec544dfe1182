//! How sure a metric of collapse or specialization is, and what chance and perfect routing have.
//!
//! A log of few decisions shows some collapse and some specialization by chance. [`Evidence`] is what
//! a log tells of each depth: how the decisions of each rule fall on the modules. From it come, for
//! each of [`JOINT_METRICS`],
//!
//! - the value and a bootstrap interval of 95 %: the decisions of each rule are drawn again from
//!   themselves [`RESAMPLES`] times. The distances of these values from their log's are taken off its
//!   value (the basic bootstrap), which corrects the upward bias that the metrics have on few
//!   decisions; the interval is cut at 0 and 1 and always holds the value itself;
//! - `uniform`: the mean, and the range of 95 %, when each decision is for a module at random;
//! - `oracle`: perfect routing of the same decisions, where the k-th rule takes module k (modulo M).
//!
//! All random numbers are the same ones each time.
//!
//! # Deviations
//!
//! - M has no intervals: these and their method are ours. Depths are drawn by themselves, so that an
//!   interval does not know how the depths of one sample depend on each other, nor how tokens of one
//!   text do.

mod evidence;
mod resample;
#[cfg(test)]
mod tests;

pub use evidence::Evidence;

use crate::joint::{JOINT_METRICS, Joint, JointMetricDef};
use crate::metric::MetricError;

/// How often the decisions are drawn again.
pub const RESAMPLES: usize = 200;

/// A range that holds 95 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its least value.
    pub low: f64,
    /// Its greatest value.
    pub high: f64,
}

/// What chance gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// The mean.
    pub mean: f64,
    /// Where 95 % of the values are.
    pub range: Interval,
}

/// A metric of the evidence, and what to compare it with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assessment {
    /// The value: the mean over depths.
    pub value: f64,
    /// Its interval; none where the number of decisions is not known.
    pub interval: Option<Interval>,
    /// Uniformly random routing of as many decisions; none where that number is not known.
    pub uniform: Option<Expected>,
    /// Perfect routing; none where the rules are not known.
    pub oracle: Option<f64>,
}

impl Evidence {
    /// Each of [`JOINT_METRICS`] with its assessment, or why it has none.
    pub fn assess(&self) -> Vec<(&'static JointMetricDef, Result<Assessment, MetricError>)> {
        let observed = self.joints();
        let resampled = self.simulate("resample", Self::resample);
        let uniform = self.simulate("uniform", Self::uniform);
        let oracle = self.ruled().then(|| self.oracle());
        let of_def = |def: &'static JointMetricDef| {
            if def.needs_rules && !self.ruled() {
                return (def, Err(MetricError::NeedsRule { row: 1 }));
            }
            let assessment = mean(def, &observed).map(|value| Assessment {
                value,
                interval: resampled.as_deref().and_then(|draws| basic(value, def, draws)),
                uniform: uniform.as_deref().and_then(|draws| expected(def, draws)),
                oracle: oracle.as_deref().and_then(|joints| mean(def, joints).ok()),
            });
            (def, assessment)
        };
        JOINT_METRICS.iter().map(of_def).collect()
    }
}

fn mean(def: &JointMetricDef, joints: &[Joint]) -> Result<f64, MetricError> {
    if joints.is_empty() {
        return Err(MetricError::NoModule);
    }
    let values: Result<Vec<f64>, MetricError> = joints.iter().map(def.compute).collect();
    values.map(|values| values.iter().sum::<f64>() / values.len() as f64)
}

/// The metric of every draw, ascending; none where one has no value.
fn ascending(def: &JointMetricDef, draws: &[Vec<Joint>]) -> Option<Vec<f64>> {
    let values: Result<Vec<f64>, MetricError> = draws.iter().map(|draw| mean(def, draw)).collect();
    let mut values = values.ok()?;
    values.sort_unstable_by(f64::total_cmp);
    Some(values)
}

fn basic(value: f64, def: &JointMetricDef, draws: &[Vec<Joint>]) -> Option<Interval> {
    let values = ascending(def, draws)?;
    let (low, high) = (quantile(&values, 0.025)?, quantile(&values, 0.975)?);
    Some(Interval {
        low: (2.0 * value - high).clamp(0.0, value),
        high: (2.0 * value - low).clamp(value, 1.0),
    })
}

fn expected(def: &JointMetricDef, draws: &[Vec<Joint>]) -> Option<Expected> {
    let values = ascending(def, draws)?;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let range = Interval { low: quantile(&values, 0.025)?, high: quantile(&values, 0.975)? };
    Some(Expected { mean, range })
}

/// Between the two nearest of the ascending values.
pub(crate) fn quantile(values: &[f64], part: f64) -> Option<f64> {
    let at = part * (values.len().checked_sub(1)? as f64);
    let (below, above) = (at.floor() as usize, at.ceil() as usize);
    Some(values[below] + (values[above] - values[below]) * (at - at.floor()))
}

//! How often each rule, or pair of rules, applies.

use super::settings::RulesSpec;
use crate::streams::Stream;

impl RulesSpec {
    /// Share of each rule; they sum to 1. \[R\]
    ///
    /// # Deviations
    /// - M draws every rule equally often (equations 4, 7, 12); `frequencies` and `skew` are ours.
    pub fn shares(&self) -> Vec<f64> {
        let weights = if self.frequencies.is_empty() {
            (0..self.rules).map(|rule| libm::pow((rule + 1) as f64, -self.skew)).collect()
        } else {
            self.frequencies.clone()
        };
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|weight| weight / sum).collect()
    }
}

/// A distribution over a few things.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Chooser {
    /// That many, equally likely
    Equal(usize),
    /// Sums of the weights up to and with each; the last is positive
    Sums(Vec<f64>),
}

impl Chooser {
    /// By weights; `None` where none is positive.
    pub(super) fn new(weights: &[f64]) -> Option<Self> {
        let first = *weights.first()?;
        if first > 0.0 && weights.iter().all(|weight| *weight == first) {
            return Some(Self::Equal(weights.len()));
        }
        let mut sum = 0.0;
        let sums = weights.iter().map(|weight| {
            sum += weight.max(0.0);
            sum
        });
        let sums: Vec<f64> = sums.collect();
        (sum > 0.0 && sum.is_finite()).then_some(Self::Sums(sums))
    }

    /// One of them.
    pub(super) fn draw(&self, stream: &mut Stream) -> usize {
        match self {
            Self::Equal(count) => stream.below(*count),
            Self::Sums(sums) => {
                let unit = (stream.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0;
                let place = unit * sums[sums.len() - 1];
                // Rounding may carry `place` up to the last sum itself.
                sums.partition_point(|sum| *sum <= place).min(last_positive(sums))
            }
        }
    }
}

/// The last thing with a weight above zero.
fn last_positive(sums: &[f64]) -> usize {
    let last = sums[sums.len() - 1];
    sums.partition_point(|sum| *sum < last)
}

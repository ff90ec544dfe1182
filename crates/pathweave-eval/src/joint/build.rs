//! A joint activation from rows added one by one.

use super::{Joint, within_limit};
use crate::metric::MetricError;

/// Sums activations in f64. Rows may come in any order and from several batches.
#[derive(Debug, Clone, PartialEq)]
pub struct JointBuilder {
    modules: usize,
    /// \[R · M\]
    sums: Vec<f64>,
    /// \[R\]
    decisions: Vec<f64>,
}

impl JointBuilder {
    /// For R rules and M modules, without rows.
    ///
    /// # Errors
    ///
    /// [`MetricError::TooLarge`] beyond [`CELLS`](super::CELLS).
    pub fn new(rules: usize, modules: usize) -> Result<Self, MetricError> {
        within_limit(rules, modules)?;
        Ok(Self { modules, sums: vec![0.0; rules * modules], decisions: vec![0.0; rules] })
    }

    /// One decision: the weight of each module \[M\], divided by their sum. What is no number makes
    /// [`JointBuilder::finish`] an error.
    ///
    /// # Panics
    ///
    /// If there is no such rule, or not one weight a module.
    pub fn add(&mut self, rule: usize, weights: &[f32]) {
        assert_eq!(weights.len(), self.modules, "one weight a module");
        let sum: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
        for (total, &weight) in self.row(rule).iter_mut().zip(weights) {
            *total += f64::from(weight) / sum;
        }
        self.decisions[rule] += 1.0;
    }

    /// One decision for one module.
    ///
    /// # Panics
    ///
    /// If there is no such rule or module.
    pub fn add_choice(&mut self, rule: usize, module: usize) {
        self.row(rule)[module] += 1.0;
        self.decisions[rule] += 1.0;
    }

    /// So many decisions for each module \[M\].
    ///
    /// # Panics
    ///
    /// If there is no such rule, or not one count a module.
    pub fn add_counts(&mut self, rule: usize, counts: &[f64]) {
        assert_eq!(counts.len(), self.modules, "one count a module");
        self.row(rule).iter_mut().zip(counts).for_each(|(total, count)| *total += count);
        self.decisions[rule] += counts.iter().sum::<f64>();
    }

    /// The joint activation of all rows.
    ///
    /// # Errors
    ///
    /// [`MetricError::Empty`] without rows, [`MetricError::NotFinite`] where a weight was negative,
    /// infinite or no number, or all weights of a row were zero.
    pub fn finish(self) -> Result<Joint, MetricError> {
        if self.decisions.iter().sum::<f64>() == 0.0 {
            return Err(MetricError::Empty);
        }
        Joint::normalised(self.modules, self.sums, Some(self.decisions))
    }

    fn row(&mut self, rule: usize) -> &mut [f64] {
        &mut self.sums[rule * self.modules..(rule + 1) * self.modules]
    }
}

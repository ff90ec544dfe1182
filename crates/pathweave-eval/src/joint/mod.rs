//! The joint activation p(m, r) of modules and rules (M section 5): what the metrics of collapse and
//! specialization are computed from.
//!
//! R rules, M modules. A [`Joint`] comes from a routing log ([`Joint::by_depth`]), from rows added
//! one by one ([`JointBuilder`]), or from a matrix ([`Joint::from_matrix`]). The rule of a row is its
//! condition; where no row of a log has one, its context. Modules that no row uses count, since a log's
//! header names them; rules that no row shows do not, since nothing is known of them.
//!
//! # Deviations
//!
//! - M section 5 states its metrics for one routed layer and as many modules as rules. A log of several
//!   depths has one joint activation a depth, and a metric of the log is the mean over depths. Rows that
//!   skip a depth or end a path apply no module and are left out.

mod build;
mod def;
mod of_log;
mod random;
#[cfg(test)]
mod tests;

pub use build::JointBuilder;
pub use def::{JOINT_METRICS, JointMetricDef, joint_metric};
pub use of_log::RuleSource;
pub(crate) use of_log::{over_depths, over_depths_with_rules};
pub(crate) use random::Draws;

use crate::metric::MetricError;

/// Most cells, R · M: bounds what a damaged file can make a reader allocate.
pub const CELLS: usize = 1 << 22;

/// The joint activation of rules and modules, and how many decisions it was taken from.
#[derive(Debug, Clone, PartialEq)]
pub struct Joint {
    modules: usize,
    /// \[R · M\], summing to one
    p: Vec<f64>,
    /// Decisions of each rule \[R\]; none where only their shares are known
    decisions: Option<Vec<f64>>,
}

impl Joint {
    /// From a matrix \[R\]\[M\] of activations of any scale: it is divided by its sum. Rows of
    /// probabilities p(m | r) give the joint of equally frequent rules.
    ///
    /// # Errors
    ///
    /// [`MetricError::NotFinite`] for a negative, infinite or missing number,
    /// [`MetricError::BadPairs`] for rows of different lengths, [`MetricError::Empty`] where nothing
    /// sums to more than zero, [`MetricError::TooLarge`] beyond [`CELLS`].
    pub fn from_matrix(matrix: &[Vec<f64>]) -> Result<Self, MetricError> {
        let modules = matrix.first().map_or(0, Vec::len);
        if matrix.iter().any(|row| row.len() != modules) {
            return Err(MetricError::BadPairs("the matrix has rows of different lengths"));
        }
        within_limit(matrix.len(), modules)?;
        Self::normalised(modules, matrix.concat(), None)
    }

    /// From sums \[R · M\] of the activations of `decisions` \[R\] rows.
    fn normalised(
        modules: usize,
        mut p: Vec<f64>,
        decisions: Option<Vec<f64>>,
    ) -> Result<Self, MetricError> {
        if !p.iter().all(|value| value.is_finite() && *value >= 0.0) {
            return Err(MetricError::NotFinite);
        }
        let total: f64 = p.iter().sum();
        if total <= 0.0 {
            return Err(MetricError::Empty);
        }
        if !total.is_finite() {
            return Err(MetricError::NotFinite);
        }
        p.iter_mut().for_each(|value| *value /= total);
        Ok(Self { modules, p, decisions })
    }

    /// The number of modules, M.
    pub fn modules(&self) -> usize {
        self.modules
    }

    /// The number of rules, R, seen or not.
    pub fn rules(&self) -> usize {
        self.p.len() / self.modules
    }

    /// p(m, r) of each module for one rule \[M\].
    pub fn of_rule(&self, rule: usize) -> &[f64] {
        &self.p[rule * self.modules..(rule + 1) * self.modules]
    }

    /// p(m) \[M\].
    pub fn marginal(&self) -> Vec<f64> {
        let mut marginal = vec![0.0; self.modules];
        for row in self.p.chunks(self.modules) {
            marginal.iter_mut().zip(row).for_each(|(sum, p)| *sum += p);
        }
        marginal
    }

    /// p(r) \[R\].
    pub fn rule_shares(&self) -> Vec<f64> {
        self.p.chunks(self.modules).map(|row| row.iter().sum()).collect()
    }

    /// The rules that were seen: those with p(r) above zero, ascending.
    pub fn seen(&self) -> Vec<usize> {
        let shares = self.rule_shares();
        (0..shares.len()).filter(|&rule| shares[rule] > 0.0).collect()
    }

    /// A\[r, m\] = p(m | r) of the rules that were seen, in the order of [`Joint::seen`].
    pub fn conditional(&self) -> Vec<Vec<f64>> {
        let of_rule = |rule: usize| {
            let row = self.of_rule(rule);
            let share: f64 = row.iter().sum();
            row.iter().map(|p| p / share).collect()
        };
        self.seen().into_iter().map(of_rule).collect()
    }

    /// How many decisions each rule's activations are the mean of \[R\]; none where only shares are
    /// known.
    pub fn decisions(&self) -> Option<&[f64]> {
        self.decisions.as_deref()
    }
}

/// Whether a table of this size is allowed.
fn within_limit(rules: usize, modules: usize) -> Result<(), MetricError> {
    if rules.saturating_mul(modules) > CELLS {
        return Err(MetricError::TooLarge { rules, modules, most: CELLS });
    }
    Ok(())
}

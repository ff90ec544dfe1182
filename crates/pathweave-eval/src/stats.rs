//! Means and intervals over seeds, comparisons of runs.
//!
//! Every function gives nothing where its value is undefined: too few values, or one that is not
//! finite.

mod aggregate;
mod improvement;
mod pairs;
mod sample;
mod wilcoxon;

use statrs::distribution::{ContinuousCDF, StudentsT};

pub use aggregate::{Aggregate, RESAMPLES, aggregate, iqm};
pub use improvement::{Improvement, improvement};
pub use pairs::{Matched, Pairable, PairedDifference, match_pairs, paired_difference};
pub use sample::Sample;
pub use wilcoxon::wilcoxon;

pub use crate::baseline::Interval;

/// The probability that an interval covers.
pub const CONFIDENCE: f64 = 0.95;

/// The arithmetic mean; none without values.
pub fn mean(values: &[f64]) -> Option<f64> {
    let sound = !values.is_empty() && values.iter().all(|value| value.is_finite());
    sound.then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The sample standard deviation, with n − 1; none below two values.
pub fn sd(values: &[f64]) -> Option<f64> {
    variance(values).map(f64::sqrt)
}

/// Half the width of the 95 % interval of the mean, t_{n−1} · s / √n; none below two values.
pub fn ci95(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let error = (variance(values)? / n).sqrt();
    Some(quantile(n - 1.0)? * error)
}

/// A difference of two means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The first mean less the second.
    pub mean: f64,
    /// Half the width of its 95 % interval.
    pub ci95: f64,
    /// Two-sided p value of no difference. 1 for equal and 0 for unequal means where no value
    /// varies.
    pub p: f64,
    /// Degrees of freedom.
    pub dof: f64,
}

/// The difference of the means of two independent samples whose variances may differ (Welch's t
/// test, Satterthwaite's degrees of freedom); none when a sample has fewer than two values.
pub fn welch(first: &[f64], second: &[f64]) -> Option<Difference> {
    let (n, m) = (first.len() as f64, second.len() as f64);
    let difference = mean(first)? - mean(second)?;
    let (of_first, of_second) = (variance(first)? / n, variance(second)? / m);
    let squared_error = of_first + of_second;
    if squared_error == 0.0 {
        return Some(certain(difference, n + m - 2.0));
    }
    // As shares of the whole, so that squaring a tiny variance does not underflow.
    let (a, b) = (of_first / squared_error, of_second / squared_error);
    let dof = 1.0 / (a * a / (n - 1.0) + b * b / (m - 1.0));
    t_test(difference, squared_error.sqrt(), dof)
}

/// The mean of the differences of pairs, such as runs with the same seed; none below two pairs or
/// when the lengths differ.
pub fn paired(first: &[f64], second: &[f64]) -> Option<Difference> {
    if first.len() != second.len() {
        return None;
    }
    let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
    let n = differences.len() as f64;
    let squared_error = variance(&differences)? / n;
    let difference = mean(&differences)?;
    if squared_error == 0.0 {
        return Some(certain(difference, n - 1.0));
    }
    t_test(difference, squared_error.sqrt(), n - 1.0)
}

fn variance(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (values.len() > 1).then(|| squares / (values.len() as f64 - 1.0))
}

fn t_test(mean: f64, error: f64, dof: f64) -> Option<Difference> {
    let distribution = StudentsT::new(0.0, 1.0, dof).ok()?;
    let ci95 = quantile(dof)? * error;
    let p = 2.0 * distribution.cdf(-(mean / error).abs());
    Some(Difference { mean, ci95, p, dof })
}

fn certain(mean: f64, dof: f64) -> Difference {
    Difference { mean, ci95: 0.0, p: f64::from(u8::from(mean == 0.0)), dof }
}

/// The t quantile that leaves half the uncovered probability on each side.
fn quantile(dof: f64) -> Option<f64> {
    let distribution = StudentsT::new(0.0, 1.0, dof).ok()?;
    Some(distribution.inverse_cdf((1.0 + CONFIDENCE) / 2.0))
}

#[cfg(test)]
mod tests;

//! Wilcoxon's signed-rank test.
//!
//! Source: Wilcoxon, "Individual comparisons by ranking methods" (1945). Differences of zero are
//! left out; equal sizes have the mean of their ranks.
//!
//! # Deviations
//!
//! - Wilcoxon's p value is exact up to 100 differences that are not zero, ties or not: that of all 2ⁿ
//!   signs of the ranks as they are. Above, it is that of the normal distribution with the variance
//!   of those ranks and without a correction for continuity.

use statrs::distribution::{ContinuousCDF, Normal};

/// The most differences whose signs are counted.
const EXACT: usize = 100;

/// The two-sided p value that differences are as likely above as below zero by as much; none where
/// none differs from zero, or one is not finite.
pub fn wilcoxon(differences: &[f64]) -> Option<f64> {
    if differences.iter().any(|difference| !difference.is_finite()) {
        return None;
    }
    let mut sizes: Vec<f64> = differences.iter().copied().filter(|&d| d != 0.0).collect();
    sizes.sort_unstable_by(|a, b| a.abs().total_cmp(&b.abs()));
    if sizes.is_empty() {
        return None;
    }
    // Twice the ranks, which are whole then.
    let mut ranks = Vec::with_capacity(sizes.len());
    for ties in sizes.chunk_by(|a, b| a.abs() == b.abs()) {
        let (first, last) = (ranks.len() + 1, ranks.len() + ties.len());
        ranks.extend(ties.iter().map(|_| first + last));
    }
    let all: usize = ranks.iter().sum();
    let above: usize = ranks.iter().zip(&sizes).filter(|(_, d)| **d > 0.0).map(|(r, _)| r).sum();
    let less = above.min(all - above);
    if ranks.len() > EXACT {
        let squares: f64 = ranks.iter().map(|&rank| (rank as f64).powi(2)).sum();
        let z = (less as f64 - all as f64 / 2.0) / (squares.sqrt() / 2.0);
        return Some((2.0 * Normal::standard().cdf(z)).min(1.0));
    }
    // The probability of each sum of the ranks above zero, when each sign is a coin.
    let mut of_sum = vec![0.0; all + 1];
    of_sum[0] = 1.0;
    for &rank in &ranks {
        for sum in (0..=all).rev() {
            let with = if sum >= rank { of_sum[sum - rank] } else { 0.0 };
            of_sum[sum] = (of_sum[sum] + with) / 2.0;
        }
    }
    Some((2.0 * of_sum[..=less].iter().sum::<f64>()).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Counts all 2ⁿ signs.
    fn enumerated(differences: &[f64]) -> f64 {
        let sizes: Vec<f64> = differences.iter().map(|d| d.abs()).filter(|&d| d > 0.0).collect();
        let rank = |size: f64| {
            let below = sizes.iter().filter(|&&other| other < size).count() as f64;
            let equal = sizes.iter().filter(|&&other| other == size).count() as f64;
            below + (equal + 1.0) / 2.0
        };
        let ranks: Vec<f64> = sizes.iter().map(|&size| rank(size)).collect();
        let all: f64 = ranks.iter().sum();
        let signs: Vec<bool> =
            differences.iter().filter(|d| **d != 0.0).map(|d| *d > 0.0).collect();
        let far = |above: f64| (above - all / 2.0).abs();
        let seen = far(ranks.iter().zip(&signs).filter(|(_, s)| **s).map(|(r, _)| r).sum());
        let count = 1_u32 << ranks.len();
        let as_far = (0..count).filter(|bits| {
            let above = ranks.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
            far(above.map(|(_, rank)| rank).sum()) >= seen - 1e-9
        });
        as_far.count() as f64 / f64::from(count)
    }

    proptest! {
        #[test]
        fn the_exact_value_is_that_of_all_signs(
            differences in prop::collection::vec(-4_i8..=4, 1..10)
        ) {
            let differences: Vec<f64> = differences.into_iter().map(f64::from).collect();
            match wilcoxon(&differences) {
                None => prop_assert!(differences.iter().all(|d| *d == 0.0)),
                Some(p) => {
                    let expected = enumerated(&differences);
                    prop_assert!((p - expected).abs() < 1e-12, "{p}, not {expected}");
                }
            }
        }
    }

    #[test]
    fn the_limits_meet_and_nothing_has_no_answer() {
        assert_eq!(wilcoxon(&[]), None);
        assert_eq!(wilcoxon(&[0.0, 0.0]), None);
        assert_eq!(wilcoxon(&[1.0, f64::NAN]), None);
        assert_eq!(wilcoxon(&[1.0]), Some(1.0));
        assert_eq!(wilcoxon(&[1.0, 2.0, 3.0, 4.0, 5.0]), Some(0.0625));
        let of = |n: usize| -> Vec<f64> {
            (1..=n).map(|i| if i % 3 == 0 { -(i as f64) } else { i as f64 + 0.25 }).collect()
        };
        let [exact, normal] = [100, 101].map(|n| wilcoxon(&of(n)).expect("a value"));
        assert!((exact.ln() - normal.ln()).abs() < 0.5, "{exact} and {normal}");
    }
}

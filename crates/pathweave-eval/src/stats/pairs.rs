//! Differences of pairs: runs that are equal but for what is compared.

use std::collections::BTreeMap;

use super::{Aggregate, Difference, Sample, aggregate, paired, wilcoxon};
use crate::baseline::Interval;

/// Values of two sides brought together by what they have in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matched {
    /// The pairs, ascending by their key: stratum, first, second.
    pub pairs: Vec<(String, f64, f64)>,
    /// Runs of the first without a partner.
    pub left_of_first: usize,
    /// Runs of the second without a partner.
    pub left_of_second: usize,
    /// Runs that share their key with another one of the same side: such runs are averaged.
    pub averaged: usize,
}

/// One run of a side.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairable<K> {
    /// What its partner has too.
    pub key: K,
    /// Its stratum.
    pub stratum: String,
    /// Its value.
    pub value: f64,
}

/// Brings the runs of two sides together. Runs of one side with the same key are averaged; those
/// whose key the other side lacks are left over.
pub fn match_pairs<K: Ord>(first: Vec<Pairable<K>>, second: Vec<Pairable<K>>) -> Matched {
    let mut sides: BTreeMap<K, (String, [Vec<f64>; 2])> = BTreeMap::new();
    for (side, runs) in [first, second].into_iter().enumerate() {
        for Pairable { key, stratum, value } in runs {
            let entry = sides.entry(key).or_insert_with(|| (stratum, Default::default()));
            entry.1[side].push(value);
        }
    }
    let mut matched = Matched::default();
    for (stratum, [first, second]) in sides.into_values() {
        if first.is_empty() || second.is_empty() {
            matched.left_of_first += first.len();
            matched.left_of_second += second.len();
            continue;
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        matched.averaged += [&first, &second].iter().map(|v| v.len() - 1).sum::<usize>();
        matched.pairs.push((stratum, mean(&first), mean(&second)));
    }
    matched
}

/// The first less the second, over pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedDifference {
    /// The mean difference.
    pub mean: f64,
    /// Its bootstrap interval, pairs being drawn again within their strata; none where no stratum has
    /// two pairs.
    pub interval: Option<Interval>,
    /// Student's t interval and test, which know no strata; none below two pairs.
    pub t: Option<Difference>,
    /// Two-sided p value of Wilcoxon's signed-rank test, see [`wilcoxon`]; none where every pair is
    /// equal.
    pub wilcoxon: Option<f64>,
}

/// The differences of pairs; none without pairs, or where a value is not finite.
pub fn paired_difference(pairs: &Matched, resamples: usize) -> Option<PairedDifference> {
    let mut differences = Sample::default();
    for (stratum, first, second) in &pairs.pairs {
        differences.push(stratum, first - second);
    }
    let Aggregate { mean, mean_interval: interval, .. } = aggregate(&differences, resamples)?;
    let side = |of: fn(&(String, f64, f64)) -> f64| pairs.pairs.iter().map(of).collect::<Vec<_>>();
    let t = paired(&side(|pair| pair.1), &side(|pair| pair.2));
    Some(PairedDifference { mean, interval, t, wilcoxon: wilcoxon(&differences.values()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(runs: &[(u64, f64)]) -> Vec<Pairable<u64>> {
        let run = |&(key, value): &(u64, f64)| Pairable { key, stratum: String::new(), value };
        runs.iter().map(run).collect()
    }

    #[test]
    fn runs_with_one_key_meet_and_the_others_are_counted() {
        let matched = match_pairs(
            side(&[(3, 30.0), (1, 10.0), (2, 20.0), (7, 0.0)]),
            side(&[(1, 1.0), (3, 2.0), (3, 4.0), (9, 0.0), (9, 0.0)]),
        );
        let pairs: Vec<(f64, f64)> = matched.pairs.iter().map(|pair| (pair.1, pair.2)).collect();
        assert_eq!(pairs, [(10.0, 1.0), (30.0, 3.0)]);
        assert_eq!((matched.left_of_first, matched.left_of_second), (2, 2));
        assert_eq!(matched.averaged, 1);
    }

    #[test]
    fn differences_by_hand() {
        let matched = match_pairs(side(&[(1, 2.0), (2, 5.0)]), side(&[(1, 1.0), (2, 2.0)]));
        let found = paired_difference(&matched, 500).expect("pairs");
        assert_eq!(found.mean, 2.0);
        assert_eq!(found.t.map(|t| t.dof), Some(1.0));
        assert_eq!(found.wilcoxon, Some(0.5));
        // Drawn again: both first, both second, or one each.
        assert_eq!(found.interval, Some(Interval { low: 1.0, high: 3.0 }));
    }

    #[test]
    fn few_equal_and_unsound_pairs() {
        let of = |first: &[(u64, f64)], second: &[(u64, f64)]| {
            paired_difference(&match_pairs(side(first), side(second)), 50)
        };
        assert_eq!(of(&[(1, 1.0)], &[(2, 1.0)]), None);
        assert_eq!(of(&[(1, f64::NAN)], &[(1, 1.0)]), None);
        let one = of(&[(1, 3.0)], &[(1, 1.0)]).expect("a pair");
        assert_eq!((one.mean, one.interval, one.t), (2.0, None, None));
        let equal = of(&[(1, 1.0), (2, 2.0)], &[(1, 1.0), (2, 2.0)]).expect("pairs");
        assert_eq!((equal.mean, equal.wilcoxon, equal.t.map(|t| t.p)), (0.0, None, Some(1.0)));
    }
}

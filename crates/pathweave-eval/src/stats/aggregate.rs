//! Mean and interquartile mean with stratified bootstrap intervals.
//!
//! Source: Agarwal, Schwarzer, Castro, Courville, Bellemare, "Deep Reinforcement Learning at the
//! Edge of the Statistical Precipice" (2021), sections 4.1 and 4.3; `rliable` is the authors'
//! program. The runs of each stratum (a task there) are drawn from themselves with replacement, as
//! many as there are, and the statistic is taken of all strata together; the interval is that of the
//! percentiles 2.5 and 97.5 of these values, between the two nearest.
//!
//! # Deviations
//!
//! - The interquartile mean and its bootstrap interval take 2,000 resamples by default, `rliable`
//!   50,000; the random numbers are our own and the same on every machine.
//! - Strata may have different numbers of runs, and every run weighs the same in the mean and the
//!   interquartile mean. `rliable` wants a full matrix of runs by tasks, where that is the same.
//! - Scores are not normalised: a metric is compared as it is. The median over tasks and the
//!   optimality gap of `rliable` are not computed.

use super::Sample;
use crate::baseline::{Interval, quantile};
use crate::joint::Draws;

/// How often runs are drawn again where nothing else is asked for.
pub const RESAMPLES: usize = 2000;

/// A metric over runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aggregate {
    /// The mean.
    pub mean: f64,
    /// Its bootstrap interval; none where no stratum has two runs.
    pub mean_interval: Option<Interval>,
    /// The interquartile mean, see [`iqm`].
    pub iqm: f64,
    /// Its bootstrap interval; none where no stratum has two runs.
    pub iqm_interval: Option<Interval>,
}

/// The interquartile mean: the mean of the values without the ⌊n/4⌋ least and the ⌊n/4⌋ greatest;
/// none without values, or where one is not finite.
pub fn iqm(values: &[f64]) -> Option<f64> {
    let sound = !values.is_empty() && values.iter().all(|value| value.is_finite());
    sound.then(|| {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        Ranked { values: sorted, strata: Vec::new() }.means(None).1
    })
}

/// Mean and interquartile mean of a sample with their bootstrap intervals; none without values, or
/// where one is not finite.
pub fn aggregate(sample: &Sample, resamples: usize) -> Option<Aggregate> {
    if !sample.is_sound() {
        return None;
    }
    let ranked = Ranked::new(sample);
    let (mean, iqm) = ranked.means(None);
    let (mut mean_interval, mut iqm_interval) = (None, None);
    if sample.can_vary() {
        let mut draws = Draws::new("bootstrap runs", 0);
        let mut counts = vec![0; ranked.values.len()];
        let drawn: Vec<(f64, f64)> = (0..resamples)
            .map(|_| {
                ranked.draw(&mut counts, &mut |n| draws.index(n));
                ranked.means(Some(&counts))
            })
            .collect();
        mean_interval = percentiles(drawn.iter().map(|means| means.0).collect());
        iqm_interval = percentiles(drawn.iter().map(|means| means.1).collect());
    }
    Some(Aggregate { mean, mean_interval, iqm, iqm_interval })
}

/// The range between the percentiles 2.5 and 97.5.
pub(super) fn percentiles(mut values: Vec<f64>) -> Option<Interval> {
    values.sort_unstable_by(f64::total_cmp);
    Some(Interval { low: quantile(&values, 0.025)?, high: quantile(&values, 0.975)? })
}

/// All values in ascending order, so that a resample need not be sorted: it is how often each was
/// drawn.
pub(super) struct Ranked {
    pub values: Vec<f64>,
    /// Places of each stratum's values in `values`.
    strata: Vec<Vec<usize>>,
}

impl Ranked {
    pub fn new(sample: &Sample) -> Self {
        let strata = sample.strata().enumerate();
        let placed = strata.flat_map(|(at, (_, values))| values.iter().map(move |&v| (v, at)));
        let mut placed: Vec<(f64, usize)> = placed.collect();
        placed.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut strata = vec![Vec::new(); sample.strata().count()];
        for (rank, &(_, stratum)) in placed.iter().enumerate() {
            strata[stratum].push(rank);
        }
        Self { values: placed.into_iter().map(|(value, _)| value).collect(), strata }
    }

    /// Draws each stratum from itself; `pick` gives a number below its argument.
    pub fn draw(&self, counts: &mut [u32], pick: &mut dyn FnMut(usize) -> usize) {
        counts.fill(0);
        for ranks in &self.strata {
            for _ in ranks {
                counts[ranks[pick(ranks.len())]] += 1;
            }
        }
    }

    /// Mean and interquartile mean; without counts, of each value once.
    pub fn means(&self, counts: Option<&[u32]>) -> (f64, f64) {
        let n = self.values.len();
        let (cut, mut before) = (n / 4, 0);
        let (mut all, mut middle) = (0.0, 0.0);
        for (rank, &value) in self.values.iter().enumerate() {
            let count = counts.map_or(1, |counts| counts[rank] as usize);
            // Of the drawn values, these are numbers `before` to `before + count`.
            let kept = (before + count).min(n - cut).saturating_sub(before.max(cut));
            all += value * count as f64;
            middle += value * kept as f64;
            before += count;
        }
        (all / n as f64, middle / (n - 2 * cut) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The interquartile mean as it is written down.
    fn plain_iqm(values: &[f64]) -> f64 {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let cut = sorted.len() / 4;
        let kept = &sorted[cut..sorted.len() - cut];
        kept.iter().sum::<f64>() / kept.len() as f64
    }

    /// Every way to draw each stratum from itself, each as likely as the others.
    fn every_resample(strata: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut all = vec![Vec::new()];
        for values in strata {
            for _ in values {
                let with = |drawn: &Vec<f64>| -> Vec<Vec<f64>> {
                    values.iter().map(|&value| [drawn.as_slice(), &[value]].concat()).collect()
                };
                all = all.iter().flat_map(with).collect();
            }
        }
        all
    }

    fn sample(strata: &[Vec<f64>]) -> Sample {
        let mut sample = Sample::default();
        for (at, values) in strata.iter().enumerate() {
            values.iter().for_each(|&value| sample.push(&at.to_string(), value));
        }
        sample
    }

    #[test]
    fn resamples_are_those_of_the_definition() {
        let strata = [vec![0.3, 0.1, 0.9], vec![0.5, 0.5], vec![7.0]];
        let ranked = Ranked::new(&sample(&strata));
        let mut expected: Vec<(f64, f64)> = every_resample(&strata)
            .iter()
            .map(|drawn| (drawn.iter().sum::<f64>() / 6.0, plain_iqm(drawn)))
            .collect();
        // The same, by all numbers that a draw can pick: 3 · 3 · 3 · 2 · 2 · 1 of them.
        let mut counts = vec![0; 6];
        let mut found: Vec<(f64, f64)> = (0..108)
            .map(|mut number| {
                ranked.draw(&mut counts, &mut |n| {
                    let picked = number % n;
                    number /= n;
                    picked
                });
                ranked.means(Some(&counts))
            })
            .collect();
        let order = |a: &(f64, f64), b: &(f64, f64)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1));
        // Sums in another order may differ in their last bits.
        let round = |(a, b): (f64, f64)| ((a * 1e9).round(), (b * 1e9).round());
        expected = expected.into_iter().map(round).collect();
        found = found.into_iter().map(round).collect();
        expected.sort_by(order);
        found.sort_by(order);
        assert_eq!(found, expected);
    }

    #[test]
    fn intervals_are_near_those_of_all_resamples() {
        let strata = [vec![0.3, 0.1, 0.9, 0.4], vec![1.5, 2.5, 1.75]];
        let of = |statistic: fn(&[f64]) -> f64| {
            let values = every_resample(&strata).iter().map(|drawn| statistic(drawn)).collect();
            percentiles(values).expect("resamples")
        };
        let found = aggregate(&sample(&strata), 20_000).expect("sound");
        let mean = of(|values| values.iter().sum::<f64>() / values.len() as f64);
        for (found, exact) in [(found.mean_interval, mean), (found.iqm_interval, of(plain_iqm))] {
            let found = found.expect("two runs");
            assert!((found.low - exact.low).abs() < 0.03, "{found:?}, not {exact:?}");
            assert!((found.high - exact.high).abs() < 0.03, "{found:?}, not {exact:?}");
        }
    }

    #[test]
    fn few_equal_and_unsound_values() {
        let one = aggregate(&Sample::of(&[2.0]), RESAMPLES).expect("one");
        assert_eq!(
            (one.mean, one.iqm, one.mean_interval, one.iqm_interval),
            (2.0, 2.0, None, None)
        );
        let equal = aggregate(&Sample::of(&[2.0; 5]), 10).expect("equal");
        assert_eq!(equal.iqm_interval, Some(Interval { low: 2.0, high: 2.0 }));
        assert_eq!(aggregate(&Sample::default(), 10), None);
        assert_eq!(aggregate(&Sample::of(&[1.0, f64::NAN]), 10), None);
        assert_eq!((iqm(&[]), iqm(&[f64::INFINITY])), (None, None));
        // One run a stratum: drawing again changes nothing, which is no certainty.
        let singles = aggregate(&sample(&[vec![1.0], vec![2.0]]), 10).expect("sound");
        assert_eq!(singles.mean_interval, None);
        let twice = || aggregate(&Sample::of(&[1.0, 2.0, 4.0]), 50);
        assert_eq!(twice(), twice());
    }

    #[test]
    fn the_interquartile_mean_by_hand() {
        assert_eq!(iqm(&[1.0, 2.0, 3.0]), Some(2.0));
        assert_eq!(iqm(&[100.0, 2.0, 3.0, -50.0]), Some(2.5));
        assert_eq!(iqm(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 100.0]), Some(3.5));
    }

    proptest! {
        #[test]
        fn means_are_the_plain_ones(values in prop::collection::vec(-1e3..1e3_f64, 1..40)) {
            let found = aggregate(&Sample::of(&values), 20).expect("sound");
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            prop_assert!((found.mean - mean).abs() < 1e-9);
            prop_assert!((found.iqm - plain_iqm(&values)).abs() < 1e-9);
            prop_assert_eq!(iqm(&values), Some(found.iqm));
            let (least, most) = values.iter().fold((f64::MAX, f64::MIN), |(l, m), &v| (l.min(v), m.max(v)));
            for interval in [found.mean_interval, found.iqm_interval].into_iter().flatten() {
                prop_assert!(least - 1e-9 <= interval.low && interval.high <= most + 1e-9);
                prop_assert!(interval.low <= interval.high);
            }
        }
    }
}

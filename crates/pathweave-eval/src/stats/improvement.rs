//! The probability of improvement.
//!
//! Source: Agarwal et al. 2021, section 4.3: P(X > Y) of a task is the share of pairs of one run of
//! each algorithm in which X is above Y, ties half (the statistic of Mann and Whitney divided by
//! their number); the probability of improvement is its mean over tasks. Its interval is that of the
//! stratified bootstrap, where the runs of both are drawn again by themselves.
//!
//! # Deviations
//!
//! - The probability of improvement is taken over the strata that both have; those that only one of
//!   them has are left out and counted. `rliable` wants the same tasks of both.
//! - Where less of a metric is better, "improvement" means that X is below Y.

use super::aggregate::{Ranked, percentiles};
use super::{Sample, mean};
use crate::baseline::Interval;
use crate::joint::Draws;

/// How likely a run of the first is above one of the second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Improvement {
    /// P(X > Y) + P(X = Y) / 2, the mean over strata.
    pub probability: f64,
    /// Its bootstrap interval; none where no stratum has two runs of either.
    pub interval: Option<Interval>,
    /// Strata of both.
    pub strata: usize,
    /// Strata of only one, which are left out.
    pub left_out: usize,
}

/// How likely a run of `first` is above one of `second` in the same stratum; none where they share
/// no stratum, or a value is not finite.
pub fn improvement(first: &Sample, second: &Sample, resamples: usize) -> Option<Improvement> {
    if !first.is_sound() || !second.is_sound() {
        return None;
    }
    let shared: Vec<&str> = first
        .strata()
        .map(|(name, _)| name)
        .filter(|name| !second.stratum(name).is_empty())
        .collect();
    let duel = |name: &&str| Duel::new(first.stratum(name), second.stratum(name));
    let duels: Vec<Duel> = shared.iter().map(duel).collect();
    let plain: Vec<f64> = duels.iter().map(Duel::plain).collect();
    let probability = mean(&plain)?;
    let vary = shared.iter().any(|name| first.stratum(name).len() + second.stratum(name).len() > 2);
    let interval = vary.then(|| {
        let mut draws = Draws::new("bootstrap improvement", 0);
        let mut counts = Counts::default();
        let mut drawn = || {
            let of = |duel: &Duel| duel.drawn(&mut counts, &mut |n| draws.index(n));
            duels.iter().map(of).sum::<f64>() / duels.len() as f64
        };
        percentiles((0..resamples).map(|_| drawn()).collect())
    });
    let strata = shared.len();
    let left_out = first.strata().count() + second.strata().count() - 2 * strata;
    Some(Improvement { probability, interval: interval.flatten(), strata, left_out })
}

/// The runs of both in one stratum.
struct Duel {
    sides: [Ranked; 2],
    /// Of each value of the first: how many of the second, in ascending order, are below it, and how
    /// many are not above it.
    below: Vec<(usize, usize)>,
}

/// How often each value was drawn; of the second, cumulated with a leading zero.
#[derive(Default)]
struct Counts {
    first: Vec<u32>,
    second: Vec<u32>,
    cumulated: Vec<u64>,
}

impl Duel {
    fn new(first: &[f64], second: &[f64]) -> Self {
        let sides = [first, second].map(|values| Ranked::new(&Sample::of(values)));
        let others = &sides[1].values;
        let place = |&value: &f64| {
            (others.partition_point(|&o| o < value), others.partition_point(|&o| o <= value))
        };
        let below = sides[0].values.iter().map(place).collect();
        Self { sides, below }
    }

    fn plain(&self) -> f64 {
        let twice: usize = self.below.iter().map(|(less, not_more)| less + not_more).sum();
        twice as f64 / 2.0 / self.pairs()
    }

    fn drawn(&self, counts: &mut Counts, pick: &mut dyn FnMut(usize) -> usize) -> f64 {
        let [first, second] = &self.sides;
        counts.first.resize(first.values.len(), 0);
        counts.second.resize(second.values.len(), 0);
        first.draw(&mut counts.first, pick);
        second.draw(&mut counts.second, pick);
        counts.cumulated.clear();
        counts.cumulated.push(0);
        let mut sum = 0;
        for &count in &counts.second {
            sum += u64::from(count);
            counts.cumulated.push(sum);
        }
        let wins = counts.first.iter().zip(&self.below).map(|(&count, &(less, not_more))| {
            u64::from(count) * (counts.cumulated[less] + counts.cumulated[not_more])
        });
        wins.sum::<u64>() as f64 / 2.0 / self.pairs()
    }

    fn pairs(&self) -> f64 {
        (self.sides[0].values.len() * self.sides[1].values.len()) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample(strata: &[(&str, &[f64])]) -> Sample {
        let mut sample = Sample::default();
        for (name, values) in strata {
            values.iter().for_each(|&value| sample.push(name, value));
        }
        sample
    }

    /// The share of pairs, each looked at.
    fn share(first: &[f64], second: &[f64]) -> f64 {
        let win = |a: f64, b: f64| if a > b { 1.0 } else { f64::from(u8::from(a == b)) / 2.0 };
        let wins = first.iter().flat_map(|&a| second.iter().map(move |&b| win(a, b)));
        wins.sum::<f64>() / (first.len() * second.len()) as f64
    }

    #[test]
    fn certain_even_and_absent_improvement() {
        let of = |a: &[f64], b: &[f64]| improvement(&Sample::of(a), &Sample::of(b), 100);
        let sure = of(&[3.0, 4.0], &[1.0, 2.0]).expect("a value");
        assert_eq!(sure.probability, 1.0);
        assert_eq!(sure.interval, Some(Interval { low: 1.0, high: 1.0 }));
        assert_eq!(of(&[1.0, 1.0], &[1.0]).expect("a value").probability, 0.5);
        let single = of(&[1.0], &[2.0]).expect("a value");
        assert_eq!((single.probability, single.interval), (0.0, None));
        assert_eq!(of(&[], &[1.0]), None);
        assert_eq!(of(&[f64::NAN], &[1.0]), None);
    }

    #[test]
    fn strata_weigh_the_same_and_lonely_ones_are_told() {
        let first = sample(&[("a", &[1.0, 2.0, 3.0]), ("b", &[1.0]), ("c", &[9.0])]);
        let second = sample(&[("a", &[0.0]), ("b", &[2.0, 3.0])]);
        let found = improvement(&first, &second, 100).expect("a value");
        assert_eq!((found.probability, found.strata, found.left_out), (0.5, 2, 1));
        let other = sample(&[("d", &[0.0])]);
        assert_eq!(improvement(&first, &other, 100), None);
    }

    #[test]
    fn the_interval_is_near_that_of_all_resamples() {
        let (first, second) = ([0.2, 0.5, 0.9], [0.1, 0.5, 0.6]);
        let resamples = |of: [f64; 3]| -> Vec<[f64; 3]> {
            (0..27).map(|n| [of[n % 3], of[n / 3 % 3], of[n / 9]]).collect()
        };
        let all = resamples(first)
            .into_iter()
            .flat_map(|a| resamples(second).into_iter().map(move |b| share(&a, &b)));
        let exact = percentiles(all.collect()).expect("resamples");
        let found = improvement(&Sample::of(&first), &Sample::of(&second), 20_000);
        let found = found.and_then(|found| found.interval).expect("an interval");
        assert!(
            (found.low - exact.low).abs() < 0.06 && (found.high - exact.high).abs() < 0.06,
            "{found:?}, not {exact:?}"
        );
    }

    proptest! {
        #[test]
        fn the_probability_is_the_share_of_pairs(
            first in prop::collection::vec(-5_i8..5, 1..12),
            second in prop::collection::vec(-5_i8..5, 1..12),
        ) {
            let floats = |v: Vec<i8>| -> Vec<f64> { v.into_iter().map(f64::from).collect() };
            let (first, second) = (floats(first), floats(second));
            let duel = Duel::new(&first, &second);
            prop_assert!((duel.plain() - share(&first, &second)).abs() < 1e-12);
            // A draw that takes each value once is the sample itself.
            let mut next = 0;
            let mut each = |n: usize| { next += 1; (next - 1) % n };
            let mut counts = Counts::default();
            prop_assert_eq!(duel.drawn(&mut counts, &mut each), duel.plain());
        }
    }
}

//! When a measurement supports or refutes a claim. One set of rules for every experiment; [`RULES`]
//! states it in the reports.

use pathweave_eval::report::Verdict;
use pathweave_eval::stats::{self, Difference};

/// The rules in words.
pub const RULES: &str = "\
Intervals are 95 % intervals over seeds, by Student's t. Two models are compared by the differences \
of runs with the same seed where both were run with the same seeds (paired), by Welch's test \
otherwise. Differences of accuracies are in percentage points.

\"A beats B\" is supported where the whole interval of the difference is above zero, refuted where \
it is below, inconclusive otherwise. \"By x\" is judged apart from the direction: supported where \
the direction is and either x lies in our interval or our difference lies between x/2 and 2x; \
refuted where our whole interval lies outside of x/2 to 2x; inconclusive otherwise. \"No effect\" \
is supported where the interval of the ratio lies within 0.8 to 1.25, refuted where it lies \
outside. A claim about several comparisons is supported where all are, refuted where any is. Fewer \
than two seeds, or a value that is not finite, are inconclusive. At smoke scale, where another data \
set stands in, nothing is tested.";

/// A ratio that counts as no effect; bioequivalence takes the same band.
pub const NO_EFFECT: (f64, f64) = (0.8, 1.25);

/// Values by seed, in ascending seeds.
pub type BySeed = [(u64, f64)];

/// The mean of `first` less that of `second`: paired where the seeds are the same.
pub fn difference(first: &BySeed, second: &BySeed) -> Option<Difference> {
    let values = |of: &BySeed| of.iter().map(|(_, value)| *value).collect::<Vec<_>>();
    if paired(first, second) {
        stats::paired(&values(first), &values(second))
    } else {
        stats::welch(&values(first), &values(second))
    }
}

/// Whether the two were run with the same seeds.
pub fn paired(first: &BySeed, second: &BySeed) -> bool {
    first.iter().map(|(seed, _)| seed).eq(second.iter().map(|(seed, _)| seed))
}

/// Whether the difference is above zero.
pub fn direction(difference: Option<Difference>) -> Verdict {
    difference.map_or(Verdict::Inconclusive, |d| interval(d.mean, d.ci95, (0.0, f64::INFINITY)))
}

/// Whether the difference is as large as `claimed`, which is above zero.
pub fn size(difference: Option<Difference>, claimed: f64) -> Verdict {
    let Some(d) = difference else {
        return Verdict::Inconclusive;
    };
    let (least, most) = (claimed / 2.0, claimed * 2.0);
    let near = (least..=most).contains(&d.mean) || (d.mean - claimed).abs() <= d.ci95;
    if direction(difference) == Verdict::Supported && near {
        Verdict::Supported
    } else if d.mean + d.ci95 < least || d.mean - d.ci95 > most {
        Verdict::Refuted
    } else {
        Verdict::Inconclusive
    }
}

/// Whether the mean of `values` lies between `low` and `high`.
pub fn within(values: &[f64], low: f64, high: f64) -> Verdict {
    match (stats::mean(values), stats::ci95(values)) {
        (Some(mean), Some(half)) => interval(mean, half, (low, high)),
        _ => Verdict::Inconclusive,
    }
}

/// Supported where all are, refuted where any is; without any, inconclusive.
pub fn all(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    let verdicts: Vec<Verdict> = verdicts.into_iter().collect();
    if verdicts.contains(&Verdict::Refuted) {
        Verdict::Refuted
    } else if !verdicts.is_empty() && verdicts.iter().all(|v| *v == Verdict::Supported) {
        Verdict::Supported
    } else {
        Verdict::Inconclusive
    }
}

fn interval(mean: f64, half: f64, (low, high): (f64, f64)) -> Verdict {
    if mean - half > low && mean + half < high {
        Verdict::Supported
    } else if mean + half < low || mean - half > high {
        Verdict::Refuted
    } else {
        Verdict::Inconclusive
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeds(values: &[f64]) -> Vec<(u64, f64)> {
        (1..).zip(values.iter().copied()).collect()
    }

    #[test]
    fn a_clear_gain_is_supported_and_its_mirror_refuted() {
        let (high, low) = (seeds(&[60.0, 61.0, 62.0]), seeds(&[50.0, 51.5, 52.0]));
        assert_eq!(direction(difference(&high, &low)), Verdict::Supported);
        assert_eq!(direction(difference(&low, &high)), Verdict::Refuted);
        assert_eq!(direction(difference(&low, &low)), Verdict::Inconclusive);
    }

    #[test]
    fn noise_one_seed_and_missing_values_are_inconclusive() {
        let noisy = difference(&seeds(&[60.0, 50.0, 40.0]), &seeds(&[41.0, 52.0, 55.0]));
        let one = difference(&seeds(&[60.0]), &seeds(&[50.0]));
        let none = difference(&[], &[]);
        let nan = difference(&seeds(&[f64::NAN, 1.0]), &seeds(&[0.0, 0.0]));
        for d in [noisy, one, none, nan] {
            assert_eq!(direction(d), Verdict::Inconclusive);
            assert_eq!(size(d, 11.0), Verdict::Inconclusive);
        }
    }

    #[test]
    fn the_same_seeds_are_paired_others_are_not() {
        // Seeds differ by far more than the models: only the pairs show it.
        let (first, second) = (seeds(&[10.0, 50.0, 90.0]), seeds(&[9.0, 48.9, 89.1]));
        assert_eq!(direction(difference(&first, &second)), Verdict::Supported);
        let other: Vec<_> = second.iter().map(|&(seed, value)| (seed + 1, value)).collect();
        assert_eq!(direction(difference(&first, &other)), Verdict::Inconclusive);
    }

    #[test]
    fn sizes_are_judged_apart_from_the_direction() {
        let gain = |mean: f64, ci95: f64| Some(Difference { mean, ci95, p: 0.0, dof: 4.0 });
        // Within a factor of two.
        assert_eq!(size(gain(6.0, 1.0), 11.0), Verdict::Supported);
        // Outside of it, but the claimed value is in the interval.
        assert_eq!(size(gain(5.0, 4.9), 9.8), Verdict::Supported);
        // The direction itself is open.
        assert_eq!(size(gain(6.0, 7.0), 11.0), Verdict::Inconclusive);
        // The interval reaches into the allowed range, no more.
        assert_eq!(size(gain(4.0, 3.0), 11.0), Verdict::Inconclusive);
        // Too small, too large, and the other way round.
        assert_eq!(size(gain(2.0, 1.0), 11.0), Verdict::Refuted);
        assert_eq!(size(gain(40.0, 2.0), 11.0), Verdict::Refuted);
        assert_eq!(size(gain(-11.0, 1.0), 11.0), Verdict::Refuted);
    }

    #[test]
    fn bands_are_judged_by_the_whole_interval() {
        let (low, high) = NO_EFFECT;
        assert_eq!(within(&[1.0, 1.02, 0.98], low, high), Verdict::Supported);
        assert_eq!(within(&[3.0, 3.02, 2.98], low, high), Verdict::Refuted);
        assert_eq!(within(&[0.5, 0.51, 0.49], low, high), Verdict::Refuted);
        assert_eq!(within(&[0.7, 1.3, 1.0], low, high), Verdict::Inconclusive);
        assert_eq!(within(&[1.0], low, high), Verdict::Inconclusive);
    }

    #[test]
    fn several_comparisons_need_all_and_fall_by_one() {
        use Verdict::{Inconclusive, Refuted, Supported};
        assert_eq!(all([Supported, Supported]), Supported);
        assert_eq!(all([Supported, Refuted, Inconclusive]), Refuted);
        assert_eq!(all([Supported, Inconclusive]), Inconclusive);
        assert_eq!(all([]), Inconclusive);
    }
}

//! Checks of claims about several models at once. The bounds of "mild" and "random" are ours: no
//! document gives numbers.

use std::collections::BTreeMap;

use pathweave_eval::report::Verdict;
use pathweave_eval::stats::{self, Difference};

use super::ablation::ENTROPY;
use super::claim::{Finding, mean_text};
use super::results::Results;
use super::routes::effective_modules;
use super::runs::{ACCURACY, Measured};
use super::verdict::{self, all, direction, within};

/// Accuracies that differ by less vary mildly, in points.
pub const MILD_POINTS: f64 = 3.0;
/// Entropies that differ by less vary mildly, in nats.
pub const MILD_NATS: f64 = 0.3;
/// Accuracies this near to chance are random, in points.
const NEAR: f64 = 5.0;
/// Chance among the five labels of images, equally frequent, in percent.
const CHANCE: f64 = 20.0;
/// Chance among the three answers to sentence pairs, in percent.
const CHANCE_OF_PAIRS: f64 = 100.0 / 3.0;
/// More modules at a depth than the "one or two" of a collapsed router.
const COLLAPSED: f64 = 2.0;

/// The rules in words, for an experiment's notes.
pub const RULES: &str = "\
Claims about groups of algorithms are judged by the group's mean accuracy, paired by seed. \
Accuracies \"vary mildly\", or do not depend on a setting, where every two settings differ by less \
than 3 points with their whole interval; selection entropies by less than 0.3 nats. \"Random\" is \
within 5 points of the 20 % of always giving one answer, 33.3 % for sentence pairs; \"learns\" is \
more than 5 points above it. \"Sooner\" compares test accuracies averaged over training. A router has collapsed where its effective number of modules at a depth, exp(selection \
entropy) averaged over depths, is below 2. The bounds are ours.";

/// A metric's values by seed, in points where it is an accuracy.
fn by_seed(results: &Results, model: &str, metric: &str) -> Vec<(u64, f64)> {
    let factor = if metric == ACCURACY { 100.0 } else { 1.0 };
    let values = results.runs.by_seed(model, metric);
    values.into_iter().map(|(seed, value)| (seed, factor * value)).collect()
}

/// Accuracies in percent.
fn percent(results: &Results, model: &str) -> Vec<f64> {
    by_seed(results, model, ACCURACY).into_iter().map(|(_, value)| value).collect()
}

/// Mean over a group's models by seed, for seeds that all its models have; models without runs
/// are left out.
fn group(results: &Results, models: &[String], metric: &str) -> Vec<(u64, f64)> {
    mean_by_seed(models.iter().map(|model| by_seed(results, model, metric)).collect())
}

fn mean_by_seed(mut runs: Vec<Vec<(u64, f64)>>) -> Vec<(u64, f64)> {
    runs.retain(|runs| !runs.is_empty());
    let Some(first) = runs.first() else { return Vec::new() };
    let of_seed = |seed: u64| {
        let value = |runs: &Vec<(u64, f64)>| {
            runs.iter().find(|(other, _)| *other == seed).map(|(_, value)| *value)
        };
        let values: Option<Vec<f64>> = runs.iter().map(value).collect();
        values.and_then(|values| stats::mean(&values))
    };
    first.iter().filter_map(|(seed, _)| Some((*seed, of_seed(*seed)?))).collect()
}

/// Mean accuracy of a group by seed, in percent.
pub fn accuracies(results: &Results, models: &[String]) -> Vec<(u64, f64)> {
    group(results, models, ACCURACY)
}

/// The first values less the second, for the seeds of both.
pub fn less(first: &[(u64, f64)], second: &[(u64, f64)]) -> Vec<(u64, f64)> {
    let of_seed = |seed| second.iter().find(|(other, _)| *other == seed).map(|(_, value)| *value);
    first.iter().filter_map(|&(seed, value)| Some((seed, value - of_seed(seed)?))).collect()
}

/// The difference of two groups' mean accuracies, in points.
pub fn gap(results: &Results, first: &[String], second: &[String]) -> Option<Difference> {
    verdict::difference(&accuracies(results, first), &accuracies(results, second))
}

/// A difference in words.
pub fn points(gap: Option<Difference>) -> String {
    let text = gap.map(|gap| format!("{:+.1} ± {:.1} points", gap.mean, gap.ci95));
    text.unwrap_or_else(|| "no interval".into()).replace('-', "−")
}

/// Whether the first group is more accurate than the second.
pub fn above(results: &Results, first: &[String], second: &[String]) -> Finding {
    let gap = gap(results, first, second);
    let best = |models: &[String]| {
        let means = models.iter().filter_map(|model| {
            let mean = stats::mean(&percent(results, model))?;
            Some(format!("{model} {mean:.1} %"))
        });
        means.collect::<Vec<_>>().join(", ")
    };
    let ours = format!("{}: {} against {}", points(gap), best(first), best(second));
    Finding::new(ours, direction(gap))
}

/// Whether no two models differ by more than `bound` in a metric.
pub fn mild(results: &Results, models: &[String], metric: &str, bound: f64) -> Finding {
    let digits = if metric == ACCURACY { 1 } else { 2 };
    let runs: Vec<Vec<(u64, f64)>> =
        models.iter().map(|model| by_seed(results, model, metric)).collect();
    let pairs = (0..runs.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    let verdicts = pairs.map(|(i, j)| match verdict::difference(&runs[i], &runs[j]) {
        Some(d) if d.mean.abs() + d.ci95 < bound => Verdict::Supported,
        Some(d) if d.mean.abs() - d.ci95 > bound => Verdict::Refuted,
        _ => Verdict::Inconclusive,
    });
    let verdict = all(verdicts);
    let texts = models.iter().zip(&runs).map(|(model, runs)| {
        let values: Vec<f64> = runs.iter().map(|(_, value)| *value).collect();
        format!("{model} {}", mean_text(&values, digits))
    });
    Finding::new(texts.collect::<Vec<_>>().join("; "), verdict)
}

/// Whether each model's value, in its words, lies between two bounds.
fn each(models: &[String], values: impl Fn(&str) -> Vec<f64>, bounds: (f64, f64)) -> Finding {
    let found: Vec<(String, Verdict)> = models
        .iter()
        .map(|model| {
            let values = values(model);
            let text = format!("{model} {}", mean_text(&values, 1));
            (text, within(&values, bounds.0, bounds.1))
        })
        .collect();
    let texts: Vec<&str> = found.iter().map(|(text, _)| text.as_str()).collect();
    Finding::new(texts.join("; "), all(found.iter().map(|(_, verdict)| *verdict)))
}

/// Accuracy of giving one answer to all samples, in percent.
fn chance(results: &Results) -> f64 {
    if results.on_pairs() { CHANCE_OF_PAIRS } else { CHANCE }
}

/// Whether each model is as good as chance.
pub fn random(results: &Results, models: &[String]) -> Finding {
    let chance = chance(results);
    each(models, |model| percent(results, model), (chance - NEAR, chance + NEAR))
}

/// Whether each model is better than chance.
pub fn learns(results: &Results, models: &[String]) -> Finding {
    each(models, |model| percent(results, model), (chance(results) + NEAR, f64::INFINITY))
}

/// Whether each model's accuracy is below `bound`, in percent.
pub fn below(results: &Results, models: &[String], bound: f64) -> Finding {
    each(models, |model| percent(results, model), (f64::NEG_INFINITY, bound))
}

/// Whether each model's accuracy on its training samples, in the last epoch, is above `bound`, in
/// percent.
pub fn fits(results: &Results, models: &[String], bound: f64) -> Finding {
    let values = |model: &str| -> Vec<f64> {
        let shares = results.runs.by_seed(model, "train_accuracy");
        shares.into_iter().map(|(_, share)| 100.0 * share).collect()
    };
    each(models, values, (bound, f64::INFINITY))
}

/// Whether the first group is more accurate than the second by more than `bound` points.
pub fn above_by(results: &Results, first: &[String], second: &[String], bound: f64) -> Finding {
    let gap = gap(results, first, second);
    let beyond = gap.map(|gap| Difference { mean: gap.mean - bound, ..gap });
    Finding::new(points(gap), direction(beyond))
}

/// Test accuracy of a model averaged over training, in percent, by seed.
fn over_training(results: &Results, model: &str) -> Vec<(u64, f64)> {
    let mean = |run: &Measured| {
        let values: Vec<f64> = run.curves.points("test/accuracy").map(|p| p.value).collect();
        Some((run.spec.train.seed, 100.0 * stats::mean(&values)?))
    };
    let by_seed: BTreeMap<u64, f64> = results.runs.of(model).filter_map(mean).collect();
    by_seed.into_iter().collect()
}

/// Whether the first group learns sooner than the second: is more accurate, averaged over training.
pub fn sooner(results: &Results, first: &[String], second: &[String]) -> Finding {
    let of = |models: &[String]| {
        mean_by_seed(models.iter().map(|model| over_training(results, model)).collect())
    };
    let gap = verdict::difference(&of(first), &of(second));
    Finding::new(format!("{} over training", points(gap)), direction(gap))
}

/// Whether each model's router has collapsed.
pub fn collapsed(results: &Results, models: &[String]) -> Finding {
    let modules = |model: &str| effective_modules(&results.runs, model);
    let found = each(models, modules, (f64::NEG_INFINITY, COLLAPSED));
    Finding::new(format!("effective modules a depth: {}", found.ours), found.verdict)
}

/// Whether no model's router has collapsed.
pub fn diverse(results: &Results, models: &[String]) -> Finding {
    let modules = |model: &str| effective_modules(&results.runs, model);
    let found = each(models, modules, (COLLAPSED, f64::INFINITY));
    Finding::new(format!("effective modules a depth: {}", found.ours), found.verdict)
}

/// Whether `first` has more selection entropy than `second`.
pub fn more_entropy(results: &Results, first: &str, second: &str) -> Finding {
    let of = |model| by_seed(results, model, ENTROPY);
    let difference = verdict::difference(&of(first), &of(second));
    let text = difference.map(|d| format!("{:+.2} ± {:.2} nats", d.mean, d.ci95));
    let ours = text.unwrap_or_else(|| "no interval".into()).replace('-', "−");
    Finding::new(ours, direction(difference))
}

/// Both findings as one.
pub fn both(first: Finding, second: Finding) -> Finding {
    let verdict = all([first.verdict, second.verdict]);
    Finding::new(format!("{}; {}", first.ours, second.ours), verdict)
}

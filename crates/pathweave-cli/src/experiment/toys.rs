//! What experiments on toys share: repetitions on all cores, and claims about computed numbers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use pathweave::toy::ToyError;
use pathweave_eval::report::{Report, Section, Verdict};
use pathweave_eval::table::Summary;

use super::claim::{Finding, mean_text};
use super::computed::Setting;
use super::results::Results;
use super::{Experiment, compose, verdict};
use crate::error::CliError;

/// Computes every item, several at once, and gives the results in the items' order: they do not
/// depend on how many threads there are.
///
/// # Errors
/// The first item's that fails.
pub fn each<T: Sync, R: Send>(
    setting: &Setting,
    name: &str,
    items: &[T],
    compute: impl Fn(&T) -> Result<R, ToyError> + Sync,
) -> Result<Vec<R>, CliError> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Option<Result<R, ToyError>>>> =
        Mutex::new(items.iter().map(|_| None).collect());
    let bar = Mutex::new((setting.ui.bar(name, items.len() as u64), 0));
    thread::scope(|scope| {
        for _ in 0..setting.threads.min(items.len()) {
            scope.spawn(|| {
                while let Some((index, item)) = take(&next, items) {
                    let result = compute(item);
                    lock(&done)[index] = Some(result);
                    let mut bar = lock(&bar);
                    bar.1 += 1;
                    bar.0.at(bar.1);
                    bar.0.note(&format!("{} of {} repetitions", bar.1, items.len()));
                }
            });
        }
    });
    lock(&bar).0.finish(&format!("{} repetitions", items.len()));
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    let results = done.into_iter().flatten().collect::<Result<Vec<R>, ToyError>>();
    results.map_err(|error| CliError::RunFailed(format!("{name}: {error}")))
}

/// The seed of a repetition, from 0.
pub fn seed(setting: &Setting, repetition: u64) -> u64 {
    setting.seed * 1000 + repetition
}

/// Every model's repetitions, with the same seeds for each.
pub struct Repetitions<R> {
    models: Vec<&'static str>,
    count: usize,
    done: Vec<R>,
}

/// A metric's name and value.
pub type Metric<R> = (&'static str, fn(&R) -> f64);

impl<R: Send> Repetitions<R> {
    /// Computes `count` repetitions of each model.
    ///
    /// # Errors
    /// As [`each`].
    pub fn of(
        setting: &Setting,
        name: &str,
        models: &[&'static str],
        count: u64,
        compute: impl Fn(&str, u64) -> Result<R, ToyError> + Sync,
    ) -> Result<Self, CliError> {
        let seeds = || (0..count).map(|index| seed(setting, index));
        let items: Vec<(&str, u64)> =
            models.iter().flat_map(|model| seeds().map(move |seed| (*model, seed))).collect();
        let done = each(setting, name, &items, |&(model, seed)| compute(model, seed))?;
        Ok(Self { models: models.to_vec(), count: count as usize, done })
    }

    /// Every metric of every model.
    pub fn rows(&self, metrics: &[Metric<R>]) -> Vec<Summary> {
        let models = self.models.iter().zip(self.done.chunks(self.count));
        let of_model = |(model, done): (&&str, &[R])| -> Vec<Summary> {
            let row = |(metric, of): &Metric<R>| {
                Summary::new(*model, *metric, done.iter().map(of).collect())
            };
            metrics.iter().map(row).collect()
        };
        models.flat_map(of_model).collect()
    }

    /// The first repetition of a model.
    pub fn first(&self, model: &str) -> &R {
        let at = self.models.iter().position(|name| *name == model).unwrap_or(0);
        &self.done[at * self.count]
    }
}

/// Names and values of what toys on points are set to: (repetitions, steps), training points.
pub fn settings(
    setting: &Setting,
    (repetitions, steps): (u64, u64),
    points: usize,
) -> Vec<(String, String)> {
    let settings = [
        ("repetitions", repetitions.to_string()),
        ("steps", steps.to_string()),
        ("training points", points.to_string()),
        ("seeds", format!("{} and following", seed(setting, 0))),
    ];
    settings.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

fn take<'a, T>(next: &AtomicUsize, items: &'a [T]) -> Option<(usize, &'a T)> {
    let index = next.fetch_add(1, Ordering::SeqCst);
    items.get(index).map(|item| (index, item))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a metric of one key is above that of another, by repetitions with the same seeds.
pub fn above(results: &Results, metric: &str, high: &str, low: &str) -> Finding {
    let (first, second) = (values(results, high, metric), values(results, low, metric));
    let numbered = |values: &[f64]| (0..).zip(values.iter().copied()).collect::<Vec<_>>();
    let difference = verdict::difference(&numbered(first), &numbered(second));
    let text = format!("{} ({high}), {} ({low})", mean_text(first, 3), mean_text(second, 3));
    Finding::new(text, verdict::direction(difference))
}

/// Whether all of several findings hold.
pub fn all(findings: Vec<Finding>) -> Finding {
    let verdict = verdict::all(findings.iter().map(|finding| finding.verdict));
    let texts: Vec<String> = findings.into_iter().map(|finding| finding.ours).collect();
    Finding::new(texts.join("; "), verdict)
}

/// Whether a metric differs between two keys, in either direction: never refuted.
pub fn differs(results: &Results, metric: &str, one: &str, other: &str) -> Finding {
    let Finding { ours, verdict } = above(results, metric, one, other);
    let verdict = if verdict == Verdict::Refuted { Verdict::Supported } else { verdict };
    Finding::new(ours, verdict)
}

/// The values of a metric, one a repetition.
pub fn values<'a>(results: &'a Results, key: &str, metric: &str) -> &'a [f64] {
    results.computed.as_ref().map_or(&[], |computed| computed.values(key, metric))
}

/// The report of an experiment whose first figure stands above the table and whose others follow.
///
/// # Errors
/// Those of [`compose::report`].
pub fn report(experiment: &Experiment, results: &Results) -> Result<Report, CliError> {
    let figures = results.computed.iter().flat_map(|computed| computed.figures.iter().cloned());
    let mut figures = figures.collect::<Vec<_>>().into_iter();
    let first = figures.next().unwrap_or_else(|| {
        let nothing = "Nothing was computed.".to_owned();
        pathweave_eval::report::Block::Prose(nothing)
    });
    let rest: Vec<_> = figures.collect();
    let sections: Vec<Section> =
        if rest.is_empty() { Vec::new() } else { vec![compose::section("Figures", rest)] };
    compose::report(experiment, results, first, sections)
}

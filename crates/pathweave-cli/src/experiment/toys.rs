//! What experiments on toys share: repetitions on all cores, and claims about computed numbers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use pathweave::toy::ToyError;
use pathweave_eval::report::{Report, Section, Verdict};

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

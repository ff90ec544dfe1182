//! How much of their paths contexts share, over runs (T figures 5.12 and 5.13).

use std::collections::BTreeMap;

use pathweave::spec::RunSpec;
use pathweave_eval::metric::path_overlap;
use pathweave_eval::plot::{HeatMap, HeatPanel};
use pathweave_eval::report::{Block, Report};
use pathweave_eval::stats;
use pathweave_eval::table::Summary;

use crate::error::CliError;
use crate::experiment::claim::{Finding, mean_text};
use crate::experiment::results::Results;
use crate::experiment::runs::ACCURACY;
use crate::experiment::{Experiment, ablation, compose, figures, verdict};

/// One run a seed, each a model of its own: of a model only the first run's log is kept.
///
/// # Panics
/// As [`ablation::with`].
pub fn sweep(base: &RunSpec, seeds: u64, set: &[&str]) -> Vec<RunSpec> {
    let one = |seed| {
        let mut spec = ablation::with(base, set, &format!("routed words, seed {seed}"));
        spec.train.seed = seed;
        spec
    };
    (1..=seeds).map(one).collect()
}

/// Accuracy and mean overlap of each run.
///
/// # Errors
/// Never: the signature is that of [`Experiment::rows`].
pub fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    let models = results.runs.models();
    let of = |metric| models.iter().filter_map(move |model| results.runs.summary(model, metric));
    Ok(of(ACCURACY).chain(of("path_overlap")).collect())
}

/// The map of overlaps, then the table, claims and settings.
///
/// # Errors
/// As [`compose::report`].
pub fn report(experiment: &Experiment, results: &Results) -> Result<Report, CliError> {
    compose::report(experiment, results, picture(results), Vec::new())
}

/// Overlaps of pairs of contexts by their names, one map a run.
fn overlaps(results: &Results) -> Vec<BTreeMap<(String, String), f64>> {
    let logs = results.runs.all().iter().filter_map(|run| run.log.as_ref());
    let of = |log| {
        let found = path_overlap::matrix(log).ok()?;
        let names = &log.header().contexts;
        let name = |at: usize| {
            let context = found.contexts[at];
            names.get(context as usize).cloned().unwrap_or_else(|| context.to_string())
        };
        let cells = found.overlap.iter().enumerate().flat_map(|(first, row)| {
            row.iter().enumerate().map(move |(second, &value)| ((first, second), value))
        });
        Some(cells.map(|((first, second), value)| ((name(first), name(second)), value)).collect())
    };
    logs.filter_map(of).collect()
}

/// Depths of the routed layer.
fn depths(results: &Results) -> usize {
    let log = results.runs.all().iter().find_map(|run| run.log.as_ref());
    log.map_or(0, |log| log.header().depths())
}

fn picture(results: &Results) -> Block {
    let (runs, depths) = (overlaps(results), depths(results) as f64);
    let mut contexts: Vec<&String> = Vec::new();
    let log = results.runs.all().iter().find_map(|run| run.log.as_ref());
    let found =
        |name: &String| runs.iter().any(|run| run.contains_key(&(name.clone(), name.clone())));
    contexts.extend(log.iter().flat_map(|log| &log.header().contexts).filter(|name| found(name)));
    let share = |first: &String, second: &String| {
        let key = (first.clone(), second.clone());
        let values: Vec<f64> = runs.iter().filter_map(|run| run.get(&key).copied()).collect();
        stats::mean(&values).map_or(f64::NAN, |mean| mean / depths)
    };
    let row = |first: &&String| contexts.iter().map(|second| share(first, second)).collect();
    let map = HeatMap {
        title: "Overlap of paths".into(),
        contexts: contexts.iter().map(|name| (*name).clone()).collect(),
        panels: vec![HeatPanel {
            label: format!("share of {depths} decisions"),
            columns: contexts.iter().map(|name| (*name).clone()).collect(),
            shares: contexts.iter().map(row).collect(),
        }],
    };
    let caption = "Depths at which pairs of two contexts take the same module, on the test split, \
                   in percent of all depths; on the diagonal, modules that a context applies. Mean \
                   over seeds. The thesis counts depths.";
    figures::figure("overlap", map.to_svg(), caption)
}

/// Whether pairs of contexts of the first kind overlap more than those of the second, by run.
pub fn more(
    results: &Results,
    first: impl Fn(&str, &str) -> bool,
    second: impl Fn(&str, &str) -> bool,
) -> Finding {
    let mean = |run: &BTreeMap<(String, String), f64>, kind: &dyn Fn(&str, &str) -> bool| {
        let values = run.iter().filter(|((a, b), _)| a != b && kind(a, b)).map(|(_, value)| *value);
        stats::mean(&values.collect::<Vec<_>>())
    };
    let pairs: Vec<(f64, f64)> = overlaps(results)
        .iter()
        .filter_map(|run| Some((mean(run, &first)?, mean(run, &second)?)))
        .collect();
    if pairs.is_empty() {
        return Finding::missing();
    }
    let (ours, others): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    let gap = stats::paired(&ours, &others);
    let text = format!("{} depths shared, others {}", mean_text(&ours, 2), mean_text(&others, 2));
    Finding::new(text, verdict::direction(gap))
}

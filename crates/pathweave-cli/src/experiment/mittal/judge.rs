//! Checks of the document's sentences on the cells of a sweep; see [`super::RULES`].

use pathweave::spec::ModelKind;
use pathweave_eval::report::Verdict;
use pathweave_eval::stats;

use super::cells::Cells;
use super::metrics;
use super::sweep::model_name;
use crate::experiment::claim::{Finding, mean_text};
use crate::experiment::results::Results;
use crate::experiment::verdict::{self, NO_EFFECT};

/// On what side of which bounds a claim puts a number.
pub type Bounds = (f64, f64);
/// Below one as a ratio, below zero as a difference.
pub const LESS: Bounds = (f64::NEG_INFINITY, 0.0);
/// Above.
pub const MORE: Bounds = (0.0, f64::INFINITY);
/// Metrics in [0, 1] below this are as good as zero: the rules of a finite test set are not equally
/// frequent, so that even the oracle's modules are not.
pub const NEARLY_ZERO: Bounds = (f64::NEG_INFINITY, 0.1);

/// The logarithms of 0.8 and 1.25.
pub fn small() -> Bounds {
    (NO_EFFECT.0.ln(), NO_EFFECT.1.ln())
}

/// Above 1.25, as a logarithm.
pub fn substantial() -> Bounds {
    (NO_EFFECT.1.ln(), f64::INFINITY)
}

/// At most 1.25, as a logarithm.
pub fn comparable() -> Bounds {
    (f64::NEG_INFINITY, NO_EFFECT.1.ln())
}

/// All findings as one.
pub fn all(findings: impl IntoIterator<Item = Finding>) -> Finding {
    let findings: Vec<Finding> = findings.into_iter().collect();
    let texts: Vec<&str> = findings.iter().map(|finding| finding.ours.as_str()).collect();
    Finding::new(texts.join("; "), verdict::all(findings.iter().map(|finding| finding.verdict)))
}

/// A number with its interval against bounds.
pub fn within(what: &str, values: &[f64], (low, high): Bounds) -> Finding {
    if values.is_empty() {
        return Finding::new(format!("{what}: not measured"), Verdict::Inconclusive);
    }
    let ours = format!("{what} {}", mean_text(values, 3).replace('-', "−"));
    Finding::new(ours, verdict::within(values, low, high))
}

/// A geometric mean with its interval against bounds of its logarithm.
pub fn ratio(what: &str, logs: &[f64], (low, high): Bounds) -> Finding {
    let Some(mean) = stats::mean(logs) else {
        return Finding::new(format!("{what}: not measured"), Verdict::Inconclusive);
    };
    let interval = stats::ci95(logs)
        .map(|half| format!(" ({:.2} to {:.2})", (mean - half).exp(), (mean + half).exp()));
    let ours = format!("{what} × {:.2}{}", mean.exp(), interval.unwrap_or_default());
    Finding::new(ours, verdict::within(logs, low, high))
}

/// The ratio of two models' performance against bounds of its logarithm.
pub fn performance(
    results: &Results,
    metric: &str,
    (first, second): (ModelKind, ModelKind),
    bounds: Bounds,
) -> Finding {
    let logs = Cells::of(&results.runs, metric).log_ratios(first, second).values(first);
    let what = format!(
        "{} of {} to {}",
        metrics::title(metric).to_lowercase(),
        model_name(first),
        model_name(second)
    );
    ratio(&what, &logs, bounds)
}

/// [`performance`] in and out of distribution.
pub fn performances(results: &Results, models: (ModelKind, ModelKind), bounds: Bounds) -> Finding {
    let of = |metric| performance(results, metric, models, bounds);
    all([metrics::PERFORMANCE, metrics::OUT_OF_DISTRIBUTION].map(of))
}

/// The difference of two models' metrics against bounds, for each metric.
pub fn differences(
    results: &Results,
    metrics: &[&str],
    (first, second): (ModelKind, ModelKind),
    bounds: Bounds,
) -> Finding {
    all(metrics.iter().map(|metric| {
        let values = Cells::of(&results.runs, metric).differences(first, second);
        let pair = format!("{} less {}", model_name(first), model_name(second));
        within(&format!("{}, {pair}:", metrics::title(metric)), &values, bounds)
    }))
}

/// A model's metrics against bounds, each.
pub fn levels(results: &Results, metrics: &[&str], kind: ModelKind, bounds: Bounds) -> Finding {
    all(metrics.iter().map(|metric| {
        let values = Cells::of(&results.runs, metric).values(kind);
        within(&format!("{} of {}", metrics::title(metric), model_name(kind)), &values, bounds)
    }))
}

/// How a model's metrics change as the number of rules doubles, against bounds, each.
pub fn trends(results: &Results, metrics: &[&str], kind: ModelKind, bounds: Bounds) -> Finding {
    all(metrics.iter().map(|metric| {
        let slopes = Cells::of(&results.runs, metric).slopes(kind);
        let what = format!("{} of {} per doubling", metrics::title(metric), model_name(kind));
        within(&what, &slopes, bounds)
    }))
}

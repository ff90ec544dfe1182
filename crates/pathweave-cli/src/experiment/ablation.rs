//! The frame of ablations: figures that train one network under a few settings and draw accuracy
//! and selection entropy over epochs. A figure is data: parts, and in each a line of overrides for
//! every curve.

use pathweave::spec::RunSpec;
use pathweave_eval::plot::{CurvePlot, Line, Panel, Unit};
use pathweave_eval::report::{Block, Report};
use pathweave_eval::stats;
use pathweave_eval::table::Summary;

use super::compose::{self, section};
use super::results::Results;
use super::runs::{ACCURACY, Measured, Runs};
use super::scale::over_seeds;
use super::{Experiment, figures, routes};
use crate::error::CliError;
use crate::spec_file::Plan;

/// The metric beside accuracy.
pub const ENTROPY: &str = "selection_entropy";

/// Overrides as the command line takes them.
pub type Overrides = &'static [&'static str];

/// A curve.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// In legends
    pub label: &'static str,
    /// What it sets
    pub set: Overrides,
}

/// A part of a figure: curves that share axes.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Ends its models' names; empty where there is one part
    pub tag: &'static str,
    /// In a line
    pub what: &'static str,
    /// What all its curves set, over what each sets
    pub set: Overrides,
    /// Its curves
    pub variants: &'static [Variant],
}

impl Part {
    /// Name of a variant among all runs of the figure.
    pub fn name(&self, label: &str) -> String {
        if self.tag.is_empty() { label.to_owned() } else { format!("{label}, {}", self.tag) }
    }

    /// Names of all variants.
    pub fn names(&self) -> Vec<String> {
        self.variants.iter().map(|variant| self.name(variant.label)).collect()
    }

    fn spec(&self, base: &RunSpec, variant: &Variant) -> RunSpec {
        let set: Vec<&'static str> = variant.set.iter().chain(self.set).copied().collect();
        with(base, &set, &self.name(variant.label))
    }
}

/// A base under overrides, as a model of that name.
///
/// # Panics
/// Where an override of ours is faulty; a test goes through all of every scale.
pub fn with(base: &RunSpec, set: &[&str], name: &str) -> RunSpec {
    let spec = || {
        let mut plan = Plan::of(base);
        let set: Vec<String> = set.iter().map(|&text| text.to_owned()).collect();
        plan.apply(&set, None)?;
        Ok::<_, CliError>(plan.specs()?.swap_remove(0))
    };
    match spec() {
        Ok(spec) => RunSpec { name: name.into(), ..spec },
        Err(error) => panic!("{name}: {error}"),
    }
}

/// Every curve with every seed.
///
/// # Panics
/// Where an override of ours is faulty; a test goes through all of every scale.
pub fn sweep(base: &RunSpec, seeds: u64, parts: &[Part]) -> Vec<RunSpec> {
    let curves = parts.iter().flat_map(|part| part.variants.iter().map(move |v| (part, v)));
    let spec = |(part, variant): (&Part, &Variant)| part.spec(base, variant);
    curves.map(spec).flat_map(|spec| over_seeds(spec, seeds)).collect()
}

/// Accuracy and selection entropy of every curve's end.
///
/// # Errors
/// Never: the signature is that of [`Experiment::rows`].
pub fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    let models = results.runs.models();
    let of = |metric| models.iter().filter_map(move |model| results.runs.summary(model, metric));
    let changes = models.iter().filter_map(|model| path_changes(results, model));
    Ok(of(ACCURACY).chain(of(ENTROPY)).chain(changes).collect())
}

/// How many greedy paths changed from one evaluation to the next, averaged over training: whether
/// routes settled.
fn path_changes(results: &Results, model: &str) -> Option<Summary> {
    let mean = |run: &Measured| {
        let series = run.curves.series("routing/path_fluctuation");
        let sum: f64 = series.iter().map(|(_, value)| value).sum();
        (!series.is_empty()).then(|| sum / series.len() as f64)
    };
    let values: Vec<f64> = results.runs.of(model).filter_map(mean).collect();
    (!values.is_empty()).then(|| Summary::new(model, "path_changes", values))
}

/// The figure's parts, then the table, claims and settings.
///
/// # Errors
/// As [`compose::report`].
pub fn report(
    experiment: &Experiment,
    results: &Results,
    parts: &[Part],
) -> Result<Report, CliError> {
    let title = results.accuracy_title();
    let mut pictures: Vec<Block> =
        parts.iter().map(|part| picture(results, part, &title)).collect();
    let first = pictures.remove(0);
    let routed: Vec<&str> =
        results.runs.models().into_iter().filter(|model| results.runs.routes(model)).collect();
    let mut sections = Vec::new();
    if !pictures.is_empty() {
        sections.push(section("Further parts", pictures));
    }
    sections.push(section("Policies", vec![routes::dynamics(&results.runs, &routed)]));
    compose::report(experiment, results, first, sections)
}

fn picture(results: &Results, part: &Part, title: &str) -> Block {
    let panel = |heading: &str, tag: &str, unit| Panel {
        title: heading.into(),
        x_label: "epoch".into(),
        y_label: heading.to_lowercase(),
        unit,
        lines: lines(&results.runs, part, tag),
    };
    let plot = CurvePlot {
        title: if part.tag.is_empty() { title.into() } else { format!("{title}: {}", part.tag) },
        panels: vec![
            panel("Test accuracy", "test/accuracy", Unit::Percent { digits: 1 }),
            panel("Selection entropy", "routing/selection_entropy", Unit::Number { digits: 2 }),
        ],
    };
    let caption = format!(
        "{}. Accuracy and selection entropy (nats) on the test split over training: mean over \
         seeds; bands are 95 % intervals.",
        part.what
    );
    let name =
        if part.tag.is_empty() { "curves".to_owned() } else { format!("curves {}", part.tag) };
    figures::figure(&name, plot.to_svg(), &caption)
}

/// A line for each of a part's variants that has the curve.
pub fn lines(runs: &Runs, part: &Part, tag: &str) -> Vec<Line> {
    let line = |variant: &Variant| {
        let name = part.name(variant.label);
        let points = runs.of(&name).map(|run| {
            run.curves.points(tag).map(|point| (point.epoch, point.value)).collect::<Vec<_>>()
        });
        let line = Line::over_seeds(variant.label, &points.collect::<Vec<_>>(), stats::ci95);
        (!line.points.is_empty()).then_some(line)
    };
    part.variants.iter().filter_map(line).collect()
}

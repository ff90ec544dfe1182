//! Figures of runs on rule data: performance, loss over training, activation of modules by rules.

use pathweave_eval::joint::Joint;
use pathweave_eval::plot::{Bar, BarGroup, Bars, CurvePlot, HeatMap, Line, Panel, Unit};
use pathweave_eval::report::{Block, Section};
use pathweave_eval::stats;

use super::figures::figure;
use super::runs::Runs;

/// The metric that models on rule data are compared by (M section 6).
pub const PERFORMANCE: &str = "performance";
/// Tag of the curves that are drawn.
const LOSS: &str = "validation/loss";

/// Whether all runs are on rule data.
pub fn are_rules(runs: &Runs) -> bool {
    !runs.all().is_empty() && runs.all().iter().all(|run| run.spec.data.rules().is_some())
}

/// Bars of performance in and out of distribution, a bar a model.
pub fn performance_bars(runs: &Runs) -> Block {
    let group = |label: &str, metric: &str| {
        let bar = |model: &str| {
            let summary = runs.summary(model, metric);
            Bar {
                label: model.into(),
                value: summary.as_ref().map_or(f64::NAN, |row| row.mean),
                error: summary.and_then(|row| row.ci95),
                paper: None,
            }
        };
        let bars = runs.models().into_iter().map(bar).collect();
        BarGroup { label: label.into(), bars }
    };
    let bars = Bars {
        title: "Performance after training".into(),
        value_label: "loss, or share of wrong signs".into(),
        unit: Unit::Number { digits: 3 },
        groups: vec![
            group("in distribution", PERFORMANCE),
            group("out of distribution", "performance_ood"),
        ],
    };
    let caption = "L1 loss in regression, share of wrong signs in classification, of the last \
                   model: mean over seeds and 95 % interval; lower is better.";
    figure(PERFORMANCE, bars.to_svg(), caption)
}

/// What stands below the table: curves, and the activation of modules by rules.
pub fn sections(runs: &Runs) -> Vec<Section> {
    let section = |heading: &str, blocks| Section { heading: heading.into(), blocks };
    let mut sections = vec![section("Training", vec![curves(runs)])];
    let maps: Vec<Block> = runs.models().into_iter().filter_map(|model| map(runs, model)).collect();
    if !maps.is_empty() {
        sections.push(section("Activation", maps));
    }
    sections
}

fn curves(runs: &Runs) -> Block {
    let line = |model: &str| {
        let points = |run: &super::runs::Measured| {
            run.curves.points(LOSS).map(|point| (point.epoch, point.value)).collect()
        };
        let seeds: Vec<Vec<(f64, f64)>> = runs.of(model).map(points).collect();
        Line::over_seeds(model, &seeds, stats::ci95)
    };
    let panel = Panel {
        title: String::new(),
        x_label: "epoch".into(),
        y_label: "validation loss".into(),
        unit: Unit::Number { digits: 3 },
        lines: runs.models().into_iter().map(line).collect(),
    };
    let plot = CurvePlot { title: "Validation loss".into(), panels: vec![panel] };
    let caption = "Loss on the validation set over training: mean over seeds; bands are 95 % \
                   intervals.";
    figure("curves", plot.to_svg(), caption)
}

/// p(m | r) of a model's first run.
fn map(runs: &Runs, model: &str) -> Option<Block> {
    let run = runs.of(model).next()?;
    let log = run.log.as_ref()?;
    let joint = Joint::by_depth(log).ok()?.into_iter().flatten().next()?;
    let title = format!("{model}, seed {}", run.spec.train.seed);
    let map = HeatMap::of_joint(title, &joint, &log.header().conditions);
    let caption = format!(
        "{model}: activation of each module on each rule, over the first rows of the test set."
    );
    Some(figure(&format!("activation-{}", slug(model)), map.to_svg(), &caption))
}

/// A model's name as part of a file's.
fn slug(name: &str) -> String {
    let fits = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    name.chars().map(fits).collect()
}

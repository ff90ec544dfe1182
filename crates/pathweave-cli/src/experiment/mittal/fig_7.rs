//! M figure 7: training curves.

use std::collections::BTreeMap;

use pathweave::spec::ModelKind;
use pathweave_data::dataset::rules::RuleTarget;
use pathweave_eval::plot::{CurvePlot, Line, Panel, Unit};
use pathweave_eval::report::Report;
use pathweave_eval::stats;
use pathweave_eval::table::Summary;

use super::cells::{Cells, Repeat, complete};
use super::frame;
use super::judge::{self, LESS};
use super::sweep::{
    GT_MODULAR, MODELS, MODULAR, MONOLITHIC, Part, SETTING, model_name, sweep, target_name,
};
use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::results::Results;
use crate::experiment::runs::Measured;
use crate::experiment::{Experiment, Source};

/// Points of a curve: every twentieth of training.
const POINTS: usize = 20;
/// Mean performance over training.
const AVERAGE: &str = "performance_over_training";

/// Figure 7.
pub static FIG_7: Experiment = Experiment {
    id: "mittal/fig-7",
    title: "training curves",
    shows: "Error of classification and loss of regression on validation samples over training, \
            averaged over architectures, training settings, sizes and numbers of rules.",
    document: "M 6, figure 7",
    notes: &[NOTES, SETTING],
    exclusive: false,
    source: Source::Runs(|scale| sweep(scale, Part::Rules)),
    rows,
    report,
    claims: &[
        ClaimDef {
            text: "good specialization not only leads to better performances …",
            source: "M 6, figure 7",
            paper: "GT-Modular lowest at the end",
            test: |results| against_oracle(results, |curve| curve.last().copied()),
        },
        ClaimDef {
            text: "… but also faster training",
            source: "M 6, figure 7",
            paper: "GT-Modular falls first",
            test: |results| against_oracle(results, stats::mean),
        },
    ],
};

const NOTES: &str = "\
The horizontal axis is the share of training that is done, since MLP are trained for fewer steps \
than MHA and RNN; each curve is read at every twentieth of it, at the last evaluation before. The \
first panel averages errors and losses together, as the document's figure does. Bands are 95 % \
intervals over the tasks and seeds that all settings have, each averaged over the settings first; \
where there is only one such there is no band. \"Faster training\" is \
judged by the mean of the curve over training, the area below it, against Modular and Monolithic.";

/// Error or loss on validation samples at every twentieth of training; none where it was not
/// evaluated by then.
fn curve(run: &Measured) -> Option<Vec<f64>> {
    let tag = match run.spec.data.rules()?.target {
        RuleTarget::Classification => "validation/error",
        RuleTarget::Regression => "validation/loss",
    };
    let end = f64::from(run.spec.train.epochs);
    let points: Vec<(f64, f64)> =
        run.curves.points(tag).map(|point| (point.epoch / end, point.value)).collect();
    let first = points.first()?.1;
    let at = |index: usize| {
        let share = (index + 1) as f64 / POINTS as f64 + 1e-9;
        points.iter().take_while(|(x, _)| *x <= share).last().map_or(first, |point| point.1)
    };
    Some((0..POINTS).map(at).collect())
}

/// A model's curve, averaged over settings by task and seed.
fn line(results: &Results, kind: ModelKind, target: Option<RuleTarget>) -> Line {
    let mut repeats: BTreeMap<Repeat, Vec<Vec<f64>>> = BTreeMap::new();
    for run in results.runs.all().iter().filter(|run| run.spec.model.kind == kind) {
        let Some(data) = run.spec.data.rules() else { continue };
        if target.is_none_or(|target| target == data.target)
            && let Some(curve) = curve(run)
        {
            repeats.entry((data.task, run.spec.train.seed)).or_default().push(curve);
        }
    }
    let share = |index: usize| (index + 1) as f64 / POINTS as f64;
    let mean = |curves: &Vec<Vec<f64>>| {
        let at = |index: usize| {
            let values: Vec<f64> = curves.iter().map(|curve| curve[index]).collect();
            (100.0 * share(index), stats::mean(&values).unwrap_or(f64::NAN))
        };
        (0..POINTS).map(at).collect::<Vec<_>>()
    };
    let means: Vec<Vec<(f64, f64)>> = complete(repeats).values().map(mean).collect();
    Line::over_seeds(model_name(kind), &means, stats::ci95)
}

fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    let cells = Cells::by(&results.runs, |run| stats::mean(&curve(run)?));
    let of = |&kind: &ModelKind| frame::summary(model_name(kind), AVERAGE, &cells, kind);
    Ok(MODELS.iter().filter_map(of).collect())
}

fn report(results: &Results) -> Result<Report, CliError> {
    let panel = |target: Option<RuleTarget>| Panel {
        title: target.map_or("both", target_name).into(),
        x_label: "training done, %".into(),
        y_label: match target {
            None => "error or loss",
            Some(RuleTarget::Classification) => "error",
            Some(RuleTarget::Regression) => "loss",
        }
        .into(),
        unit: Unit::Number { digits: 3 },
        lines: MODELS.iter().map(|&kind| line(results, kind, target)).collect(),
    };
    let targets = [None, Some(RuleTarget::Classification), Some(RuleTarget::Regression)].map(panel);
    let plot = CurvePlot { title: "Training curves".into(), panels: targets.into() };
    let caption = "Error of classification and loss of regression on validation samples over \
                   training: means over all settings; bands, where they repeat, are 95 % \
                   intervals over tasks and seeds.";
    frame::report(&FIG_7, results, vec![frame::figure("curves", plot.to_svg(), caption)])
}

/// Whether a number of GT-Modular's curves is below that of Modular's and Monolithic's.
fn against_oracle(results: &Results, of: fn(&[f64]) -> Option<f64>) -> Finding {
    let cells = Cells::by(&results.runs, |run| of(&curve(run)?));
    judge::all([MODULAR, MONOLITHIC].map(|other| {
        let logs = cells.log_ratios(GT_MODULAR, other).values(GT_MODULAR);
        judge::ratio(&format!("GT-Modular to {}", model_name(other)), &logs, LESS)
    }))
}

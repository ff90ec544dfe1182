//! M figure 6: collapse and specialization by model.

use pathweave::spec::ModelKind;
use pathweave_eval::plot::{Bar, BarGroup, Bars, Unit};
use pathweave_eval::report::Report;
use pathweave_eval::stats;
use pathweave_eval::table::Summary;

use super::cells::Cells;
use super::frame;
use super::judge::{self, LESS, MORE};
use super::metrics::{ALL, COLLAPSE, SPECIALIZATION, of_random, title};
use super::sweep::{
    GT_MODULAR, MODULAR, MODULAR_OP, Part, SETTING, WITH_MODULES, model_name, sweep,
};
use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::results::Results;
use crate::experiment::{Experiment, Source};

/// Figure 6.
pub static FIG_6: Experiment = Experiment {
    id: "mittal/fig-6",
    title: "collapse and specialization by model",
    shows: "The two collapse and three specialization metrics of a uniform activation (Random), \
            Modular, Modular-op and GT-Modular, averaged over all settings, the number of rules \
            included. Lower is better.",
    document: "M 6, figure 6",
    notes: &[NOTES, SETTING],
    exclusive: false,
    source: Source::Runs(|scale| sweep(scale, Part::Rules)),
    rows,
    report,
    claims: &[
        ClaimDef {
            text: "Modular-op has less collapse than Modular in general",
            source: "M 6, figure 6",
            paper: "Modular-op below Modular",
            test: |results| judge::differences(results, &COLLAPSE, (MODULAR_OP, MODULAR), LESS),
        },
        ClaimDef {
            text: "Modular-op has marginally better specialization than standard Modular systems",
            source: "M 6, figure 6",
            paper: "Modular-op below Modular",
            test: |results| {
                judge::differences(results, &SPECIALIZATION, (MODULAR_OP, MODULAR), LESS)
            },
        },
        ClaimDef {
            text: "they are indeed quite sub-optimal when compared to a perfectly specializing \
                   system, i.e. GT-Modular",
            source: "M 6, figure 6",
            paper: "metrics above GT-Modular's",
            test: more_than_oracle,
        },
        ClaimDef {
            text: "end-to-end training of activation decisions leads to … better specialization \
                   (next three columns) than random activations",
            source: "M 6, figure 6 (caption)",
            paper: "metrics below Random's",
            test: less_than_random,
        },
        ClaimDef {
            text: "the models … actually suffer from increased collapse when learned solely \
                   through back-propagation",
            source: "M 6, figure 6 (caption)",
            paper: "collapse above Random's",
            test: more_collapse_than_random,
        },
    ],
};

const NOTES: &str = "\
Bars are means over all settings; their intervals are over the tasks and seeds that all of \
them have, each averaged over the settings first. Random is the uniform activation of all modules: its metrics follow from the number \
of rules alone and are averaged over the settings' numbers without a run. The caption says both \
that training reduces collapse against random activations and that it increases collapse; a uniform \
activation has no collapse, so only the second can hold and is judged.";

/// Random's metric averaged over the settings.
fn random(cells: &Cells, metric: &str) -> Vec<f64> {
    cells.settings().iter().map(|setting| of_random(metric, setting.rules)).collect()
}

fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    let mut rows = Vec::new();
    for metric in ALL {
        let cells = Cells::of(&results.runs, metric);
        if let Some(mean) = stats::mean(&random(&cells, metric)) {
            rows.push(Summary::new(model_name(ModelKind::Random), metric, vec![mean]));
        }
        let of = |&kind: &ModelKind| frame::summary(model_name(kind), metric, &cells, kind);
        rows.extend(WITH_MODULES.iter().filter_map(of));
    }
    Ok(rows)
}

fn report(results: &Results) -> Result<Report, CliError> {
    let group = |metric: &str| {
        let cells = Cells::of(&results.runs, metric);
        let bar = |label: &str, values: &[f64], error| Bar {
            label: label.into(),
            value: stats::mean(values).unwrap_or(f64::NAN),
            error,
            paper: None,
        };
        let mut bars = vec![bar(model_name(ModelKind::Random), &random(&cells, metric), None)];
        bars.extend(WITH_MODULES.iter().map(|&kind| {
            let values = cells.by_repeat(kind);
            bar(model_name(kind), &values, stats::ci95(&values))
        }));
        BarGroup { label: title(metric).into(), bars }
    };
    let bars = Bars {
        title: "Metrics by model".into(),
        value_label: "metric".into(),
        unit: Unit::Number { digits: 3 },
        groups: ALL.map(group).into(),
    };
    let caption = "Collapse and specialization by model: means over all settings and 95 % \
                   intervals over tasks and seeds. Lower is better.";
    frame::report(&FIG_6, results, vec![frame::figure("metrics", bars.to_svg(), caption)])
}

fn more_than_oracle(results: &Results) -> Finding {
    let of = |kind| judge::differences(results, &SPECIALIZATION, (kind, GT_MODULAR), MORE);
    judge::all([MODULAR, MODULAR_OP].map(of))
}

/// The models' metrics less Random's, against bounds.
fn against_random(results: &Results, metrics: &[&'static str], bounds: judge::Bounds) -> Finding {
    judge::all(metrics.iter().flat_map(|&metric| {
        let cells = Cells::by(&results.runs, |run| {
            let rules = run.spec.data.rules()?.rules;
            Some(run.entry.record.metrics.get(metric)? - of_random(metric, rules))
        });
        [MODULAR, MODULAR_OP].map(|kind| {
            let what = format!("{}, {} less Random:", title(metric), model_name(kind));
            judge::within(&what, &cells.values(kind), bounds)
        })
    }))
}

fn less_than_random(results: &Results) -> Finding {
    against_random(results, &SPECIALIZATION, LESS)
}

fn more_collapse_than_random(results: &Results) -> Finding {
    against_random(results, &COLLAPSE, MORE)
}

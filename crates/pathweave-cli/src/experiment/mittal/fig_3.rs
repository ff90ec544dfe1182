//! M figure 3: which model wins how many settings.

use pathweave::spec::ModelKind;
use pathweave_eval::plot::{Pie, Pies, Slice};
use pathweave_eval::report::Report;
use pathweave_eval::table::Summary;

use super::cells::Cells;
use super::frame;
use super::judge::{self, LESS, small, substantial};
use super::metrics::{OUT_OF_DISTRIBUTION, PERFORMANCE, title};
use super::sweep::{GT_MODULAR, MODELS, MODULAR, MONOLITHIC, Part, SETTING, model_name, sweep};
use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::results::Results;
use crate::experiment::{Experiment, Source};

/// Those that are told no specialization.
const WITHOUT_ORACLE: &[ModelKind] = &[MODELS[0], MODELS[1], MODELS[2]];
/// Which models compete, in words and by name of the table's rows.
const FIELDS: [(&str, &str, &[ModelKind]); 2] = [
    ("all models", "of all", &MODELS),
    ("without GT-Modular", "without GT-Modular", WITHOUT_ORACLE),
];
const BOTH: [&str; 2] = [PERFORMANCE, OUT_OF_DISTRIBUTION];

/// Figure 3.
pub static FIG_3: Experiment = Experiment {
    id: "mittal/fig-3",
    title: "ranking of models",
    shows: "The share of settings in which each model has the best mean performance over tasks and \
            seeds, among all models and among those that are trained without explicit \
            specialization, in and out of distribution.",
    document: "M 6, figure 3",
    notes: &[NOTES, SETTING],
    exclusive: false,
    source: Source::Runs(|scale| sweep(scale, Part::Rules)),
    rows,
    report,
    claims: &[
        ClaimDef {
            text: "GT-Modular system wins most of the times, indicating the benefits of perfect \
                   specialization",
            source: "M 6, figure 3",
            paper: "more than half of the settings",
            test: oracle_wins,
        },
        ClaimDef {
            text: "between standard end-to-end trained Modular and Monolithic systems, the former \
                   outperforms",
            source: "M 6, figure 3",
            paper: "Modular better",
            test: |results| judge::performance(results, PERFORMANCE, (MODULAR, MONOLITHIC), LESS),
        },
        ClaimDef {
            text: "but not by a huge gap",
            source: "M 6, figure 3",
            paper: "small margin",
            test: |results| {
                judge::performance(results, PERFORMANCE, (MODULAR, MONOLITHIC), small())
            },
        },
        ClaimDef {
            text: "current end-to-end trained modular systems do not achieve good specialization \
                   and are thus sub-optimal by a substantial margin",
            source: "M 6, figure 3",
            paper: "Modular far behind GT-Modular",
            test: |results| {
                judge::performance(results, PERFORMANCE, (MODULAR, GT_MODULAR), substantial())
            },
        },
    ],
};

const NOTES: &str = "\
The document counts experiments in which a model \"did better\" and does not say whether single \
runs or means: here the mean over tasks and seeds of a setting decides, and equal means share the \
setting. A setting in which a competing model has no finite result is left out. Out of \
distribution is the mean over all tests out of distribution: inputs of twice the scale and, for MHA \
and RNN, other lengths. \"Most of the times\" is judged as more than half of the settings.";

fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    let mut rows = Vec::new();
    for metric in BOTH {
        let cells = Cells::of(&results.runs, metric);
        let name =
            if metric == PERFORMANCE { "won_in_distribution" } else { "won_out_of_distribution" };
        for (_, field, models) in FIELDS {
            let wins = cells.wins(models).into_iter().filter(|(_, won)| !won.is_empty());
            rows.extend(wins.map(|(kind, won)| {
                Summary::new(format!("{}, {field}", model_name(kind)), name, won)
            }));
        }
    }
    Ok(rows)
}

fn report(results: &Results) -> Result<Report, CliError> {
    let mut pies = Vec::new();
    for metric in BOTH {
        let cells = Cells::of(&results.runs, metric);
        for (field, _, models) in FIELDS {
            let slice = |(kind, won): (ModelKind, Vec<f64>)| Slice {
                label: model_name(kind).into(),
                value: won.iter().sum(),
            };
            let slices = cells.wins(models).into_iter().map(slice).collect();
            pies.push(Pie { title: format!("{}, {field}", title(metric)), slices });
        }
    }
    let count = Cells::of(&results.runs, PERFORMANCE).settings().len();
    let picture = Pies { title: "Settings won".into(), pies };
    let caption = format!(
        "Share of {count} settings in which a model has the best mean performance. Left: all \
         models; right: models trained without explicit specialization."
    );
    frame::report(&FIG_3, results, vec![frame::figure("ranking", picture.to_svg(), &caption)])
}

fn oracle_wins(results: &Results) -> Finding {
    let wins = Cells::of(&results.runs, PERFORMANCE).wins(&MODELS);
    let of_oracle = wins.into_iter().find(|(kind, _)| *kind == GT_MODULAR);
    let won = of_oracle.map_or_else(Vec::new, |(_, won)| won);
    judge::within("share of settings won by GT-Modular", &won, (0.5, f64::INFINITY))
}

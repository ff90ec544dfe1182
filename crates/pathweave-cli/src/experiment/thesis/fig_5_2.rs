//! T figure 5.2: routing-all-fc against the baselines on CIFAR-MTL.

use pathweave::spec::RunSpec;
use pathweave_data::DatasetSpec;
use pathweave_data::dataset::CifarMtlSpec;
use pathweave_eval::report::Report;
use pathweave_eval::table::Summary;

use super::domain;
use super::models::{BASE, CROSS_STITCH, ROUTING, SOFT, TASK_1, TASK_ALL};
use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, beats, by};
use crate::experiment::compose::{self, section};
use crate::experiment::results::Results;
use crate::experiment::scale::{SMOKE, Scale, Size, Sizes, THESIS};
use crate::experiment::{Experiment, Source, figures};

const SIZES: Sizes = Sizes { smoke: SMOKE, small: SMALL, paper: THESIS };

/// At most 15 minutes on two cores. The rates are those that were best, after so few epochs, on a
/// tenth of CIFAR-MTL's training samples held out (of 0.01, 0.05, 0.1 for all models; of 0.001,
/// 0.004, 0.01, 0.03 for WPL).
pub(super) const SMALL: Size = Size {
    seeds: 3,
    epochs: 6,
    batch: 100,
    learning_rate: 0.1,
    wpl_rate: 0.03,
    decay_every: 4,
    evaluate_every: 2,
    train_per_task: None,
    test_per_task: None,
};

/// The text's numbers, in points.
const OVER_CROSS_STITCH: f64 = 7.0;
const OVER_TASK_1: f64 = 11.0;

/// Figure 5.2.
pub static FIG_5_2: Experiment = Experiment {
    id: "thesis/fig-5.2",
    title: "routing-all-fc against the baselines on CIFAR-MTL",
    shows: "Accuracy over training of routing-all-fc, cross-stitch, soft mixture and the two \
            task-specific baselines where tasks are natural: the 20 superclasses of CIFAR-100.",
    document: "T 5.2.3, figure 5.2",
    notes: &[domain::BASELINES, domain::SETTING],
    exclusive: false,
    source: Source::Runs(sweep),
    rows,
    report,
    claims: &[
        ClaimDef {
            text: "routing-all-fc performs consistently better than the cross-stitch networks \
                   and the baselines",
            source: "T 5.2.3",
            paper: "above all",
            test: |results| beats(results, ROUTING, &[CROSS_STITCH, TASK_1, TASK_ALL]),
        },
        ClaimDef {
            text: "beats cross-stitch networks",
            source: "T 5.2.3",
            paper: "+7 %",
            test: |results| beats(results, ROUTING, &[CROSS_STITCH]),
        },
        ClaimDef {
            text: "beats cross-stitch networks by 7%",
            source: "T 5.2.3",
            paper: "+7 %",
            test: |results| by(results, ROUTING, CROSS_STITCH, OVER_CROSS_STITCH),
        },
        ClaimDef {
            text: "beats the next closest baseline task-specific-1-fc",
            source: "T 5.2.3",
            paper: "+11 %",
            test: |results| beats(results, ROUTING, &[TASK_1]),
        },
        ClaimDef {
            text: "beats the next closest baseline task-specific-1-fc by 11%",
            source: "T 5.2.3",
            paper: "+11 %",
            test: |results| by(results, ROUTING, TASK_1, OVER_TASK_1),
        },
    ],
};

fn sweep(scale: Scale) -> Vec<RunSpec> {
    let size = SIZES.at(scale);
    let data = CifarMtlSpec {
        train_per_task: size.train_per_task.unwrap_or(2500),
        test_per_task: size.test_per_task.unwrap_or(500),
        ..CifarMtlSpec::default()
    };
    domain::sweep(scale, size, DatasetSpec::CifarMtl(data), 0.0)
}

fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    let gains = [
        (CROSS_STITCH, Some(OVER_CROSS_STITCH)),
        (TASK_1, Some(OVER_TASK_1)),
        (TASK_ALL, None),
        (SOFT, None),
        (BASE, None),
    ];
    Ok(domain::rows(results, &gains))
}

fn report(results: &Results) -> Result<Report, CliError> {
    let title = results.accuracy_title();
    let bars = figures::accuracy_bars(&results.runs, &title);
    let curves = section("Training", vec![figures::accuracy_curves(&results.runs, &title)]);
    compose::report(&FIG_5_2, results, bars, vec![curves])
}

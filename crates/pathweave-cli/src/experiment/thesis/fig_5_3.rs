//! T figure 5.3: routing-all-fc against the baselines on MIN-MTL.

use pathweave::spec::RunSpec;
use pathweave_data::DatasetSpec;
use pathweave_data::dataset::MinMtlSpec;
use pathweave_eval::report::Report;
use pathweave_eval::table::Summary;

use super::models::{BASE, CROSS_STITCH, ROUTING, SOFT, TASK_1, TASK_ALL};
use super::{domain, fig_5_2};
use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, beats, by};
use crate::experiment::compose::{self, section};
use crate::experiment::results::Results;
use crate::experiment::scale::{SMOKE, Scale, Sizes, THESIS};
use crate::experiment::{Experiment, Source, figures};

const SIZES: Sizes = Sizes { smoke: SMOKE, small: fig_5_2::SMALL, paper: THESIS };

/// The text's numbers, in points.
const OVER_CROSS_STITCH: f64 = 2.0;
const OVER_TASK_1: f64 = 6.0;

/// Figure 5.3.
pub static FIG_5_3: Experiment = Experiment {
    id: "thesis/fig-5.3",
    title: "routing-all-fc against the baselines on MIN-MTL",
    shows: "Accuracy over training of routing-all-fc, cross-stitch, soft mixture and the two \
            task-specific baselines where tasks are ten random sets of five classes.",
    document: "T 5.2.3, figure 5.3",
    notes: &[NOTES, domain::BASELINES, domain::SETTING],
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
            paper: "about +2 %",
            test: |results| beats(results, ROUTING, &[CROSS_STITCH]),
        },
        ClaimDef {
            text: "beats cross-stitch networks by about 2%",
            source: "T 5.2.3",
            paper: "about +2 %",
            test: |results| by(results, ROUTING, CROSS_STITCH, OVER_CROSS_STITCH),
        },
        ClaimDef {
            text: "beats the nearest baseline task-specific-1-fc",
            source: "T 5.2.3",
            paper: "about +6 %",
            test: |results| beats(results, ROUTING, &[TASK_1]),
        },
        ClaimDef {
            text: "beats the nearest baseline task-specific-1-fc by about 6%",
            source: "T 5.2.3",
            paper: "about +6 %",
            test: |results| by(results, ROUTING, TASK_1, OVER_TASK_1),
        },
    ],
};

const NOTES: &str = "\
The thesis takes 50 random labels of mini-ImageNet, 84×84 pixels, with 800 training and 50 test \
images each. CIFAR-100's fine labels stand in here: 50 of them at random in ten tasks of five, \
32×32 pixels, with 500 training and 50 test images each.";

fn sweep(scale: Scale) -> Vec<RunSpec> {
    let size = SIZES.at(scale);
    let data = MinMtlSpec {
        train_per_task: size.train_per_task,
        test_per_task: size.test_per_task,
        ..MinMtlSpec::default()
    };
    domain::sweep(scale, size, DatasetSpec::MinMtl(data), 0.0)
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
    compose::report(&FIG_5_3, results, bars, vec![curves])
}

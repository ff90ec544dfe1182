//! T figure 5.4: routing-all-fc against the baselines on MNIST-MTL.

use pathweave::spec::RunSpec;
use pathweave_data::DatasetSpec;
use pathweave_data::dataset::MnistMtlSpec;
use pathweave_eval::report::{Report, Verdict};
use pathweave_eval::table::Summary;

use super::models::{BASE, CROSS_STITCH, ROUTING, SOFT, TASK_1, TASK_ALL};
use super::{domain, fig_5_2};
use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, Finding, beats, by, mean_text};
use crate::experiment::compose::{self, section};
use crate::experiment::results::Results;
use crate::experiment::runs::ACCURACY;
use crate::experiment::scale::{SMOKE, Scale, Size, Sizes, THESIS};
use crate::experiment::{Experiment, Source, figures, verdict};

const SIZES: Sizes = Sizes { smoke: SMOKE, small: SMALL, paper: THESIS };

/// As figure 5.2, with fewer epochs: the samples are twice as many. Figure 5.6 shows the routes of
/// the same runs.
pub(super) const SMALL: Size =
    Size { epochs: 3, decay_every: 2, evaluate_every: 1, ..fig_5_2::SMALL };

/// T 5.2.3's ρ for MNIST-MTL.
pub(super) const COLLABORATION: f32 = 0.3;

/// The text's numbers, in points and as a share.
const OVER_CROSS_STITCH: f64 = 9.0;
const OVER_TASK_ALL: f64 = 3.0;
const RANDOM: f64 = 0.9;

/// Figure 5.4.
pub static FIG_5_4: Experiment = Experiment {
    id: "thesis/fig-5.4",
    title: "routing-all-fc against the baselines on MNIST-MTL",
    shows: "Accuracy over training of routing-all-fc, cross-stitch, soft mixture and the two \
            task-specific baselines where tasks contradict each other: each of ten tasks tells \
            one digit from the other nine, so one image has different labels in different tasks.",
    document: "T 5.2.3, figure 5.4",
    notes: &[NOTES, domain::BASELINES, domain::SETTING],
    exclusive: false,
    source: Source::Runs(sweep),
    rows,
    report,
    claims: &[
        ClaimDef {
            text: "the random baseline is 90%",
            source: "T 5.2.3",
            paper: "90 %",
            test: random_baseline,
        },
        ClaimDef {
            text: "routing networks beat cross-stitch networks",
            source: "T 5.2.3",
            paper: "+9 %",
            test: |results| beats(results, ROUTING, &[CROSS_STITCH]),
        },
        ClaimDef {
            text: "routing networks beat cross-stitch networks by 9%",
            source: "T 5.2.3",
            paper: "+9 %",
            test: |results| by(results, ROUTING, CROSS_STITCH, OVER_CROSS_STITCH),
        },
        ClaimDef {
            text: "beat the nearest baseline (task-specific-all-fc)",
            source: "T 5.2.3",
            paper: "+3 %",
            test: |results| beats(results, ROUTING, &[TASK_ALL]),
        },
        ClaimDef {
            text: "beat the nearest baseline (task-specific-all-fc) by 3%",
            source: "T 5.2.3",
            paper: "+3 %",
            test: |results| by(results, ROUTING, TASK_ALL, OVER_TASK_ALL),
        },
        ClaimDef {
            text: "The soft version also had trouble learning on this dataset",
            source: "T 5.2.3",
            paper: "below routing",
            test: soft_has_trouble,
        },
    ],
};

const NOTES: &str = "\
Always answering \"not this digit\" is right for 90 % of the samples: the thesis calls this the \
random baseline, the table the majority answer. That the soft version has trouble is judged by \
whether routing-all-fc beats it.

The collaboration reward is ρ = 0.3. The text's counts of training samples, \"1k instances of the \
positive class and 1k each of the remaining nine … for a total of 10k\", are read as 1,000 and \
9 × 1,000 a task.";

pub(super) fn data(size: &Size) -> DatasetSpec {
    let spec = MnistMtlSpec { train_per_task: size.train_per_task, ..MnistMtlSpec::default() };
    DatasetSpec::MnistMtl(MnistMtlSpec {
        test_per_task: size.test_per_task.unwrap_or(spec.test_per_task),
        ..spec
    })
}

fn sweep(scale: Scale) -> Vec<RunSpec> {
    let size = SIZES.at(scale);
    domain::sweep(scale, size, data(size), COLLABORATION)
}

fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    let gains = [
        (CROSS_STITCH, Some(OVER_CROSS_STITCH)),
        (TASK_ALL, Some(OVER_TASK_ALL)),
        (TASK_1, None),
        (SOFT, None),
        (BASE, None),
    ];
    let mut rows = domain::rows(results, &gains);
    let majority = results
        .majority()?
        .map(|share| Summary::new("majority answer", ACCURACY, vec![share]).with_paper(RANDOM));
    rows.extend(majority);
    Ok(rows)
}

fn report(results: &Results) -> Result<Report, CliError> {
    let title = results.accuracy_title();
    let bars = figures::accuracy_bars(&results.runs, &title);
    let curves = section("Training", vec![figures::accuracy_curves(&results.runs, &title)]);
    compose::report(&FIG_5_4, results, bars, vec![curves])
}

fn random_baseline(results: &Results) -> Finding {
    let Ok(Some(share)) = results.majority() else {
        return Finding::missing();
    };
    // A property of the test samples, without an interval.
    let equal = (share - RANDOM).abs() < 0.005;
    let verdict = if equal { Verdict::Supported } else { Verdict::Refuted };
    Finding::new(format!("{:.1} %", 100.0 * share), verdict)
}

fn soft_has_trouble(results: &Results) -> Finding {
    let soft: Vec<f64> =
        results.runs.values(SOFT, ACCURACY).iter().map(|accuracy| 100.0 * accuracy).collect();
    let gain = results.runs.gain(ROUTING, SOFT);
    let below = beats(results, ROUTING, &[SOFT]).ours;
    let ours = format!("soft mixture {} %; {ROUTING} {below}", mean_text(&soft, 1));
    Finding::new(ours, verdict::direction(gain))
}

//! T figure 7.1: decision-making algorithms on a single-agent architecture.

use super::chapter_7::{self, LEARNERS, PERCEPTRON, SETTING, names};
use crate::experiment::ablation::{self, Part};
use crate::experiment::claim::ClaimDef;
use crate::experiment::{Experiment, Source, compare};

/// One recursive sub-router that sees activations alone and may stop at any depth.
pub(super) const SINGLE_ROUTER: Part = Part {
    tag: "",
    what: "One sub-router, which sees the activation and the depth and may end a sample's path",
    set: &[
        "router.dispatcher=single",
        "router.sub_routers=single",
        "router.policy=mlp",
        PERCEPTRON,
        "router.sees_context=false",
        "router.terminate=true",
        "router.max_depth=6",
        "model.banks=shared",
        "model.output=shared",
    ],
    variants: LEARNERS,
};

const PARTS: &[Part] = &[SINGLE_ROUTER];

/// Figure 7.1.
pub static FIG_7_1: Experiment = Experiment {
    id: "thesis/fig-7.1",
    title: "decision-making algorithms on a single-agent architecture",
    shows: "Accuracy and selection entropy over training where one sub-router decides for all \
            samples and depths by the activation alone, for each decision-making algorithm.",
    document: "T 7.1.3, figure 7.1",
    notes: &[NOTES, SETTING, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_1, results, PARTS),
    claims: &[ClaimDef {
        text: "performance for single agent architectures … is basically the same as random",
        source: "T 7.1.3",
        paper: "all algorithms near 20 %",
        test: |results| compare::random(results, &names(&SINGLE_ROUTER, LEARNERS)),
    }],
};

const NOTES: &str = "\
Part (a) of the figure; part (b), on language inference, is thesis/fig-7.1-sci. The router \"may decide to apply an arbitrary number of transformations before stopping\": here at \
most six. Modules are the same at every depth, so a projection before them and an output layer \
after them are shared by all samples.";

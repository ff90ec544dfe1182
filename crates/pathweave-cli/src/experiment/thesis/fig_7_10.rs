//! T figure 7.10: squashing the training of exploratory trajectories.

use super::chapter_7::{self, SETTING};
use crate::experiment::ablation::{self, ENTROPY, Part, Variant};
use crate::experiment::claim::ClaimDef;
use crate::experiment::compare::{MILD_NATS, MILD_POINTS};
use crate::experiment::runs::ACCURACY;
use crate::experiment::{Experiment, Source, compare};

const PART: Part = Part {
    tag: "",
    what: "A table for each task and depth, Q-learning; κ of equation 7.4",
    set: &["router.algorithm=q_learning"],
    variants: &[
        Variant { label: "κ = 0", set: &["train.squash=0.0"] },
        Variant { label: "κ = 1", set: &["train.squash=1.0"] },
        Variant { label: "κ = 2", set: &["train.squash=2.0"] },
        Variant { label: "κ = 10", set: &["train.squash=10.0"] },
    ],
};

const PARTS: &[Part] = &[PART];

/// Figure 7.10.
pub static FIG_7_10: Experiment = Experiment {
    id: "thesis/fig-7.10",
    title: "squashing the training of exploratory trajectories",
    shows: "Accuracy and selection entropy over training where the modules learn less from paths \
            with exploratory actions, by the factor (1 − exploratory actions / length)^κ.",
    document: "T 7.4.2, figure 7.10",
    notes: &[NOTES, SETTING, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_10, results, PARTS),
    claims: &[
        ClaimDef {
            text: "κ has very little effect on the overall performance",
            source: "T 7.4.2",
            paper: "curves close together",
            test: |results| compare::mild(results, &PART.names(), ACCURACY, MILD_POINTS),
        },
        ClaimDef {
            text: "and only mild effect on the entropy",
            source: "T 7.4.2",
            paper: "entropies close together",
            test: |results| compare::mild(results, &PART.names(), ENTROPY, MILD_NATS),
        },
    ],
};

const NOTES: &str = "\
The text names neither the values of κ nor the algorithm: 0 to 10 of Q-learning, whose exploratory \
actions are those that are not greedy.";

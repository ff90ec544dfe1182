//! T figure 7.9: per-action rewards.

use super::chapter_7::{self, SETTING};
use crate::experiment::ablation::{self, ENTROPY, Part, Variant};
use crate::experiment::claim::ClaimDef;
use crate::experiment::compare::{MILD_NATS, MILD_POINTS};
use crate::experiment::runs::ACCURACY;
use crate::experiment::{Experiment, Source, compare};

/// Values of ρ.
pub(super) const PART: Part = Part {
    tag: "",
    what: "A table for each task and depth, Q-learning; ρ of the collaboration reward",
    set: &["router.algorithm=q_learning"],
    variants: &[
        Variant { label: "ρ = −0.3", set: &["reward.collaboration=-0.3"] },
        Variant { label: "ρ = −0.1", set: &["reward.collaboration=-0.1"] },
        Variant { label: "ρ = 0", set: &["reward.collaboration=0.0"] },
        Variant { label: "ρ = 0.1", set: &["reward.collaboration=0.1"] },
        Variant { label: "ρ = 0.3", set: &["reward.collaboration=0.3"] },
    ],
};

const PARTS: &[Part] = &[PART];

/// Figure 7.9.
pub static FIG_7_9: Experiment = Experiment {
    id: "thesis/fig-7.9",
    title: "per-action rewards",
    shows: "Accuracy and selection entropy over training for five values of the collaboration \
            reward: above zero it rewards shared modules, below zero diversity.",
    document: "T 7.3.2, figure 7.9",
    notes: &[NOTES, SETTING, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_9, results, PARTS),
    claims: &[
        ClaimDef {
            text: "the reward has no discernable effect on CIFAR",
            source: "T 7.3.2",
            paper: "curves close together",
            test: |results| compare::mild(results, &PART.names(), ACCURACY, MILD_POINTS),
        },
        ClaimDef {
            text: "negative reward values, meant to increase diversity, … have no effect on the \
                   routing entropy",
            source: "T 7.3.2",
            paper: "entropies close together; said of SCI",
            test: |results| {
                let names = ["ρ = −0.3", "ρ = −0.1", "ρ = 0"].map(str::to_owned);
                compare::mild(results, &names, ENTROPY, MILD_NATS)
            },
        },
    ],
};

const NOTES: &str = "\
Part (a) of the figure; part (b), on language inference, is thesis/fig-7.9-sci. The text names neither the values of ρ nor the algorithm: the values are around those that the thesis \
uses elsewhere, 0.3 on MNIST-MTL and −0.1 in figure 7.4, the algorithm is Q-learning.";

//! T figure 7.9 (b): per-action rewards, on language.

use super::chapter_7_sci::{self, SETTING};
use super::fig_7_9::PART;
use super::language;
use crate::experiment::ablation::{self, ENTROPY, Part};
use crate::experiment::claim::ClaimDef;
use crate::experiment::compare::{MILD_NATS, MILD_POINTS};
use crate::experiment::runs::ACCURACY;
use crate::experiment::{Experiment, Source, compare};

const PARTS: &[Part] = &[PART];
const NEGATIVE: [&str; 2] = ["ρ = −0.3", "ρ = −0.1"];
const NONE: &str = "ρ = 0";

/// Figure 7.9 (b).
pub static FIG_7_9_SCI: Experiment = Experiment {
    id: "thesis/fig-7.9-sci",
    title: "per-action rewards, on implicatives",
    shows: "Accuracy and selection entropy over training on implicatives for five values of the \
            collaboration reward: above zero it rewards shared modules, below zero diversity.",
    document: "T 7.3.2, figure 7.9 (b)",
    notes: &[NOTES, SETTING, language::GENERATED, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7_sci::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_9_SCI, results, PARTS),
    claims: &[
        ClaimDef {
            text: "negative reward values … appear to stabilize learning as the model learns much \
                   faster",
            source: "T 7.3.2",
            paper: "negative values above 0 over training",
            test: |results| {
                compare::sooner(results, &NEGATIVE.map(str::to_owned), &[NONE.to_owned()])
            },
        },
        ClaimDef {
            text: "it dramatically changes the convergence behavior – if not the final performance",
            source: "T 7.3.2",
            paper: "final accuracies close together",
            test: |results| compare::mild(results, &PART.names(), ACCURACY, MILD_POINTS),
        },
        ClaimDef {
            text: "negative reward values, meant to increase diversity, … have no effect on the \
                   routing entropy",
            source: "T 7.3.2",
            paper: "entropies close together",
            test: |results| {
                let names = [NEGATIVE[0], NEGATIVE[1], NONE].map(str::to_owned);
                compare::mild(results, &names, ENTROPY, MILD_NATS)
            },
        },
    ],
};

const NOTES: &str = "\
Part (b) of the figure, with the values of ρ and the algorithm, Q-learning, of thesis/fig-7.9: the \
text names neither.";

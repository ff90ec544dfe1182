//! T figure 7.8: final rewards.

use super::chapter_7::{self, DISPATCHED, PERCEPTRON, SETTING, names};
use crate::experiment::ablation::{self, Part, Variant};
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::results::Results;
use crate::experiment::{Experiment, Source, compare};

/// ±1.
pub(super) const CORRECT: Variant = Variant { label: "correct", set: &["reward.final=correct"] };
/// −L.
pub(super) const NEGATIVE_LOSS: Variant =
    Variant { label: "negative loss", set: &["reward.final=negative-loss"] };
/// Both final rewards.
pub(super) const REWARDS: &[Variant] = &[CORRECT, NEGATIVE_LOSS];

const Q_LEARNING: Part = Part {
    tag: "QLearning",
    what: "(a) A table for each task and depth, Q-learning",
    set: &["router.algorithm=q_learning"],
    variants: REWARDS,
};

const ADVANTAGE: Part = Part {
    tag: "AdvantageL",
    what: "(a) A table for each task and depth, advantage learning",
    set: &["router.algorithm=advantage_learning", chapter_7::ADVANTAGES],
    variants: REWARDS,
};

const ADVANTAGE_DISPATCHED: Part = Part {
    tag: "AdvantageL dispatched",
    what: "(c) A dispatcher on the activation, tabular agents, advantage learning",
    set: &["router.algorithm=advantage_learning", DISPATCHED, PERCEPTRON],
    variants: REWARDS,
};

const Q_LEARNING_DISPATCHED: Part = Part {
    tag: "QLearning dispatched",
    what: "(d) A dispatcher on the activation, tabular agents, Q-learning",
    set: &["router.algorithm=q_learning", DISPATCHED, PERCEPTRON],
    variants: REWARDS,
};

const PARTS: &[Part] = &[Q_LEARNING, ADVANTAGE, ADVANTAGE_DISPATCHED, Q_LEARNING_DISPATCHED];

/// Figure 7.8.
pub static FIG_7_8: Experiment = Experiment {
    id: "thesis/fig-7.8",
    title: "final rewards",
    shows: "Accuracy and selection entropy over training where the final reward is ±1 for a right \
            or wrong prediction, and where it is the sample's negative loss.",
    document: "T 7.3.1, figure 7.8",
    notes: &[NOTES, SETTING, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_8, results, PARTS),
    claims: &[
        ClaimDef {
            text: "the correct/incorrect final reward strategy … appears clearly superior to the \
                   negative downstream task loss reward",
            source: "T 7.3.1",
            paper: "correct above negative loss",
            test: |results| {
                compare::both(correct_wins(results, &Q_LEARNING), correct_wins(results, &ADVANTAGE))
            },
        },
        ClaimDef {
            text: "the bias-corrected Advantage Learning can learn a good routing strategy even \
                   for the negative loss reward, Q-Learning fails to do so",
            source: "T 7.3.1",
            paper: "advantage learning above Q-learning, dispatched",
            test: |results| {
                let of = |part| names(part, &[NEGATIVE_LOSS]);
                compare::above(results, &of(&ADVANTAGE_DISPATCHED), &of(&Q_LEARNING_DISPATCHED))
            },
        },
    ],
};

const NOTES: &str = "\
Part (a) of the figure, whose algorithm the text does not name: both value-based ones are shown. \
Parts (b) to (d), on language inference, are thesis/fig-7.8-sci; the dispatched ones, (c) and (d), \
are on CIFAR-MTL here.";

fn correct_wins(results: &Results, part: &Part) -> Finding {
    compare::above(results, &names(part, &[CORRECT]), &names(part, &[NEGATIVE_LOSS]))
}

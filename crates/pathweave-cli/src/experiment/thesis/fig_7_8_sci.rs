//! T figure 7.8 (b) to (d): final rewards, on language.

use super::chapter_7::names;
use super::chapter_7_sci::{
    self, ADVANTAGES, AGENTS, ATTENTION, DISPATCHED, DISPATCHED_RATE, DISPATCHER, SETTING,
};
use super::fig_7_8::{CORRECT, NEGATIVE_LOSS, REWARDS};
use super::language;
use crate::experiment::ablation::{self, Part};
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::results::Results;
use crate::experiment::{Experiment, Source, compare};

const Q_LEARNING: Part = Part {
    tag: "QLearning",
    what: "(b) A table for each signature and depth, Q-learning",
    set: &["router.algorithm=q_learning"],
    variants: REWARDS,
};

const ADVANTAGE: Part = Part {
    tag: "AdvantageL",
    what: "(b) A table for each signature and depth, advantage learning",
    set: &["router.algorithm=advantage_learning", ADVANTAGES],
    variants: REWARDS,
};

const ADVANTAGE_DISPATCHED: Part = Part {
    tag: "AdvantageL dispatched",
    what: "(c) Dispatched by attention over the premise, tabular agents, advantage learning",
    set: &[
        "router.algorithm=advantage_learning",
        DISPATCHED,
        DISPATCHER,
        AGENTS,
        ATTENTION,
        DISPATCHED_RATE,
    ],
    variants: REWARDS,
};

const Q_LEARNING_DISPATCHED: Part = Part {
    tag: "QLearning dispatched",
    what: "(d) Dispatched by attention over the premise, tabular agents, Q-learning",
    set: &[
        "router.algorithm=q_learning",
        DISPATCHED,
        DISPATCHER,
        AGENTS,
        ATTENTION,
        DISPATCHED_RATE,
    ],
    variants: REWARDS,
};

const PARTS: &[Part] = &[Q_LEARNING, ADVANTAGE, ADVANTAGE_DISPATCHED, Q_LEARNING_DISPATCHED];

/// Figure 7.8 (b) to (d).
pub static FIG_7_8_SCI: Experiment = Experiment {
    id: "thesis/fig-7.8-sci",
    title: "final rewards, on implicatives",
    shows: "Accuracy and selection entropy over training on implicatives where the final reward is \
            ±1 for a right or wrong prediction, and where it is the pair's negative loss.",
    document: "T 7.3.1, figure 7.8 (b) to (d)",
    notes: &[NOTES, SETTING, language::GENERATED, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7_sci::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_8_SCI, results, PARTS),
    claims: &[
        ClaimDef {
            text: "multi-task: the correct/incorrect final reward strategy … appears clearly \
                   superior to the negative downstream task loss reward",
            source: "T 7.3.1",
            paper: "correct above negative loss",
            test: |results| {
                compare::both(correct_wins(results, &Q_LEARNING), correct_wins(results, &ADVANTAGE))
            },
        },
        ClaimDef {
            text: "dispatched: the correct/incorrect final reward strategy … appears clearly \
                   superior to the negative downstream task loss reward",
            source: "T 7.3.1",
            paper: "correct above negative loss",
            test: |results| {
                compare::both(
                    correct_wins(results, &ADVANTAGE_DISPATCHED),
                    correct_wins(results, &Q_LEARNING_DISPATCHED),
                )
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
Parts (b), whose algorithm the text does not name, so that both value-based ones are shown, (c) and \
(d); part (a) is thesis/fig-7.8. \"AE Attn\" is the autoencoder with attention of T 6.2.5.";

fn correct_wins(results: &Results, part: &Part) -> Finding {
    compare::above(results, &names(part, &[CORRECT]), &names(part, &[NEGATIVE_LOSS]))
}

//! T figure 7.4: decision-making algorithms on dispatched architectures, on language.

use super::chapter_7::names;
use super::chapter_7_sci::{
    self, AAC, ADVANTAGE, AGENTS, ATTENTION, DISPATCHED, DISPATCHED_RATE, DISPATCHER, GUMBEL,
    LEARNERS, ONE_HOT, POLICY_BASED, Q_LEARNING, REINFORCE, RELAX, SETTING, VALUE_BASED, WPL,
};
use super::language;
use crate::experiment::ablation::{self, Part};
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::compare::MILD_POINTS;
use crate::experiment::results::Results;
use crate::experiment::runs::ACCURACY;
use crate::experiment::{Experiment, Source, compare};

const NEGATIVE_LOSS: Part = Part {
    tag: "attention",
    what: "(a) Dispatched by attention over the premise, the final reward is the negative loss",
    set: &[
        DISPATCHED,
        DISPATCHER,
        AGENTS,
        ATTENTION,
        DISPATCHED_RATE,
        "reward.final=negative-loss",
    ],
    variants: LEARNERS,
};

const CORRECT: Part = Part {
    tag: "one-hot",
    what: "(b) Dispatched by counts of the premise's words, the final reward is ±1, ρ = −0.1",
    set: &[
        DISPATCHED,
        DISPATCHER,
        AGENTS,
        ONE_HOT,
        DISPATCHED_RATE,
        "reward.final=correct",
        "reward.collaboration=-0.1",
    ],
    variants: LEARNERS,
};

const PARTS: &[Part] = &[NEGATIVE_LOSS, CORRECT];

/// Figure 7.4 on implicatives.
pub static FIG_7_4_SCI: Experiment = Experiment {
    id: "thesis/fig-7.4-sci",
    title: "decision-making algorithms on dispatched architectures, on implicatives",
    shows: "Accuracy and selection entropy over training on implicatives where a dispatcher, which \
            compresses the premise, names a tabular agent for each pair, for each decision-making \
            algorithm and two settings of encoding and rewards.",
    document: "T 7.1.5, figure 7.4",
    notes: &[NOTES, SETTING, language::GENERATED, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7_sci::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_4_SCI, results, PARTS),
    claims: &[
        ClaimDef {
            text: "value-based approaches to learning reliably outperform policy gradient based \
                   approaches, including reparameterization approaches",
            source: "T 7.1.5",
            paper: "value-based above, in both parts",
            test: |results| {
                let wins = |part: &Part| {
                    compare::above(results, &names(part, VALUE_BASED), &names(part, POLICY_BASED))
                };
                compare::both(wins(&NEGATIVE_LOSS), wins(&CORRECT))
            },
        },
        ClaimDef {
            text: "Advantage learning learns more reliably and reaches comparable performance in \
                   nearly all cases, as e.g., in Figure 7.4(a)",
            source: "T 7.1.5",
            paper: "advantage learning not below Q-learning",
            test: |results| advantage_over_q(results, &NEGATIVE_LOSS),
        },
        ClaimDef {
            text: "Q-Learning may outperform Advantage learning for specific combinations of \
                   hyperparameters, as for Figure 7.4(b)",
            source: "T 7.1.5",
            paper: "Q-learning above advantage learning",
            test: |results| {
                let of = |learner| names(&CORRECT, &[learner]);
                compare::above(results, &of(Q_LEARNING), &of(ADVANTAGE))
            },
        },
        ClaimDef {
            text: "Gumbel and WPL have problems learning",
            source: "T 7.1.5",
            paper: "below AAC, REINFORCE and RELAX",
            test: |results| {
                let loses = |part: &Part| {
                    let others = names(part, &[AAC, REINFORCE, RELAX]);
                    compare::above(results, &others, &names(part, &[GUMBEL, WPL]))
                };
                compare::both(loses(&NEGATIVE_LOSS), loses(&CORRECT))
            },
        },
        ClaimDef {
            text: "AAC, REINFORCE and RELAX generally work comparatively",
            source: "T 7.1.5",
            paper: "curves close together",
            test: |results| {
                let close = |part: &Part| {
                    let models = names(part, &[AAC, REINFORCE, RELAX]);
                    compare::mild(results, &models, ACCURACY, MILD_POINTS)
                };
                compare::both(close(&NEGATIVE_LOSS), close(&CORRECT))
            },
        },
    ],
};

const NOTES: &str = "\
\"Attention\" and \"one-hot\" dispatchers are taken to be the autoencoders of T 6.2.5 and 6.2.6. The \
caption's collaboration reward of part (a) is cut off in the text at hand: 0 is taken.";

fn advantage_over_q(results: &Results, part: &Part) -> Finding {
    let of = |learner| names(part, &[learner]);
    compare::above(results, &of(ADVANTAGE), &of(Q_LEARNING))
}

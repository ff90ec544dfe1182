//! T figure 7.4: decision-making algorithms on dispatched architectures.

use super::chapter_7::{
    self, AAC, ADVANTAGE, DISPATCHED, GUMBEL, LEARNERS, PERCEPTRON, POLICY_BASED, Q_LEARNING,
    REINFORCE, RELAX, SETTING, VALUE_BASED, WPL, names,
};
use crate::experiment::ablation::{self, Part};
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::compare::MILD_POINTS;
use crate::experiment::results::Results;
use crate::experiment::runs::ACCURACY;
use crate::experiment::{Experiment, Source, compare};

const NEGATIVE_LOSS: Part = Part {
    tag: "negative loss",
    what: "(a) Dispatched, the final reward is the negative loss",
    set: &[DISPATCHED, PERCEPTRON, "reward.final=negative-loss"],
    variants: LEARNERS,
};

const CORRECT: Part = Part {
    tag: "correct",
    what: "(b) Dispatched, the final reward is ±1, ρ = −0.1",
    set: &[DISPATCHED, PERCEPTRON, "reward.final=correct", "reward.collaboration=-0.1"],
    variants: LEARNERS,
};

const PARTS: &[Part] = &[NEGATIVE_LOSS, CORRECT];

/// Figure 7.4.
pub static FIG_7_4: Experiment = Experiment {
    id: "thesis/fig-7.4",
    title: "decision-making algorithms on dispatched architectures",
    shows: "Accuracy and selection entropy over training where a dispatcher, which sees the \
            activation, names a tabular agent for each sample, for each decision-making algorithm \
            and two settings of the rewards.",
    document: "T 7.1.5, figure 7.4",
    notes: &[NOTES, SETTING, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_4, results, PARTS),
    claims: &[
        ClaimDef {
            text: "value-based approaches to learning reliably outperform policy gradient based \
                   approaches, including reparameterization approaches",
            source: "T 7.1.5",
            paper: "value-based above, in both parts",
            test: values_win,
        },
        ClaimDef {
            text: "Advantage learning learns more reliably and reaches comparable performance",
            source: "T 7.1.5",
            paper: "not below Q-learning, but for some settings",
            test: |results| {
                let wins = |part: &Part| {
                    let of = |learner| names(part, &[learner]);
                    compare::above(results, &of(ADVANTAGE), &of(Q_LEARNING))
                };
                compare::both(wins(&NEGATIVE_LOSS), wins(&CORRECT))
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
The figure is on language inference, with encodings of sentences for dispatchers: that is \
thesis/fig-7.4-sci. Here is the same comparison on CIFAR-MTL, dispatched by a policy on the activation after the \
convolutions, trained by the returns alone. The caption's collaboration reward of part (a) is cut \
off in the text at hand: 0 is taken.";

fn values_win(results: &Results) -> Finding {
    let wins = |part: &Part| {
        compare::above(results, &names(part, VALUE_BASED), &names(part, POLICY_BASED))
    };
    compare::both(wins(&NEGATIVE_LOSS), wins(&CORRECT))
}

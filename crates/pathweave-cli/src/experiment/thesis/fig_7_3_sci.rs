//! T figure 7.3 (c): decision-making algorithms with meta-information, on language.

use super::chapter_7::names;
use super::chapter_7_sci::{
    self, AAC, ADVANTAGE, GUMBEL, LEARNERS, POLICY_BASED, Q_LEARNING, REINFORCE, RELAX, SETTING,
    VALUE_BASED, WPL,
};
use super::language;
use crate::experiment::ablation::{self, Part};
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::results::Results;
use crate::experiment::{Experiment, Source, compare};

const DEPTH_3: Part = Part {
    tag: "",
    what: "(c) A table for each signature and depth, words projected up to three times",
    set: &[],
    variants: LEARNERS,
};

const PARTS: &[Part] = &[DEPTH_3];

/// Figure 7.3 (c).
pub static FIG_7_3_SCI: Experiment = Experiment {
    id: "thesis/fig-7.3-sci",
    title: "decision-making algorithms with meta-information, on implicatives",
    shows: "Accuracy and selection entropy over training on implicatives where each signature has \
            tables of its own, for each decision-making algorithm and up to three routed \
            projections of words.",
    document: "T 7.1.4, figure 7.3 (c)",
    notes: &[NOTES, SETTING, language::GENERATED, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7_sci::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_3_SCI, results, PARTS),
    claims: &[
        ClaimDef {
            text: "the value-based approaches Q-Learning and Advantage learning have a clear edge \
                   over the policy gradient based approaches",
            source: "T 7.1.4",
            paper: "value-based above",
            test: |results| {
                let of = |learners| names(&DEPTH_3, learners);
                compare::above(results, &of(VALUE_BASED), &of(POLICY_BASED))
            },
        },
        ClaimDef {
            text: "the weighted policy learner is the best performing policy gradient algorithm",
            source: "T 7.1.4",
            paper: "WPL above AAC, Gumbel, REINFORCE and RELAX",
            test: wpl_is_best,
        },
        ClaimDef {
            text: "until Advantage learning, and 20 epochs later, Q-Learning, stabilize to then \
                   quickly leave the other algorithms behind",
            source: "T 7.1.4",
            paper: "advantage learning above Q-learning over training",
            test: |results| {
                let of = |learner| names(&DEPTH_3, &[learner]);
                compare::sooner(results, &of(ADVANTAGE), &of(Q_LEARNING))
            },
        },
    ],
};

const NOTES: &str = "\
Part (c) of the figure; parts (a) and (b) are thesis/fig-7.3. WPL is named the best policy gradient \
algorithm of the whole figure.";

fn wpl_is_best(results: &Results) -> Finding {
    let of = |learner| names(&DEPTH_3, &[learner]);
    let each =
        [AAC, GUMBEL, REINFORCE, RELAX].map(|other| compare::above(results, &of(WPL), &of(other)));
    each.into_iter().reduce(compare::both).unwrap_or_else(Finding::missing)
}

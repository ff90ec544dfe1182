//! T figure 7.6: exploration schedules, on language.

use super::chapter_7_sci::{
    self, ADVANTAGES, AGENTS, ATTENTION, DISPATCHED, DISPATCHED_RATE, DISPATCHER, SETTING,
};
use super::fig_7_6::SCHEDULES;
use super::language;
use crate::experiment::ablation::{self, ENTROPY, Part};
use crate::experiment::claim::ClaimDef;
use crate::experiment::compare::{MILD_NATS, MILD_POINTS};
use crate::experiment::runs::ACCURACY;
use crate::experiment::{Experiment, Source, compare};

const SIGNATURES: Part = Part {
    tag: "signatures",
    what: "(a) A table for each signature and depth, advantage learning",
    set: &["router.algorithm=advantage_learning", ADVANTAGES],
    variants: SCHEDULES,
};

const WITH_DISPATCHER: Part = Part {
    tag: "dispatched",
    what: "(b) Dispatched by attention over the premise, tabular agents, advantage learning",
    set: &[
        "router.algorithm=advantage_learning",
        DISPATCHED,
        DISPATCHER,
        AGENTS,
        ATTENTION,
        DISPATCHED_RATE,
    ],
    variants: SCHEDULES,
};

const PARTS: &[Part] = &[SIGNATURES, WITH_DISPATCHER];

/// Figure 7.6 on implicatives.
pub static FIG_7_6_SCI: Experiment = Experiment {
    id: "thesis/fig-7.6-sci",
    title: "exploration schedules, on implicatives",
    shows: "Accuracy and selection entropy over training on implicatives of an advantage learning \
            router for three levels of exploration.",
    document: "T 7.2.1, figure 7.6",
    notes: &[NOTES, SETTING, language::GENERATED, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7_sci::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_6_SCI, results, PARTS),
    claims: &[
        ClaimDef {
            text: "multi-task: the performance only varies mildly for three different exploration \
                   schedules",
            source: "T 7.2.1",
            paper: "curves close together",
            test: |results| compare::mild(results, &SIGNATURES.names(), ACCURACY, MILD_POINTS),
        },
        ClaimDef {
            text: "dispatched: the performance only varies mildly for three different exploration \
                   schedules",
            source: "T 7.2.1",
            paper: "curves close together",
            test: |results| compare::mild(results, &WITH_DISPATCHER.names(), ACCURACY, MILD_POINTS),
        },
        ClaimDef {
            text: "higher exploration yields higher entropy policies",
            source: "T 7.2.1",
            paper: "high above low, in both parts",
            test: |results| {
                let more = |part: &Part| {
                    compare::more_entropy(results, &part.name("high"), &part.name("low"))
                };
                compare::both(more(&SIGNATURES), more(&WITH_DISPATCHER))
            },
        },
        ClaimDef {
            text: "it only does so by a negligible margin",
            source: "T 7.2.1",
            paper: "entropies close together, in both parts",
            test: |results| {
                let mild = |part: &Part| compare::mild(results, &part.names(), ENTROPY, MILD_NATS);
                compare::both(mild(&SIGNATURES), mild(&WITH_DISPATCHER))
            },
        },
    ],
};

const NOTES: &str = "\
Both parts of the figure. High starts at 0.5 and falls to 0.01, med from 0.25 to 0.005, low from \
0.1 to 0.002, each divided by four every fifth epoch. The encoding of the dispatched part is not \
named: attention, as in figures 7.4 and 7.8.";

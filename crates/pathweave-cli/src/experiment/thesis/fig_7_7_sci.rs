//! T figure 7.7: the router's learning rate in ratio to that of the modules, on language.

use super::chapter_7::names;
use super::chapter_7_sci::{self, AGENTS, ATTENTION, DISPATCHED, DISPATCHER, SETTING};
use super::language;
use crate::experiment::ablation::{self, ENTROPY, Part, Variant};
use crate::experiment::claim::ClaimDef;
use crate::experiment::compare::MILD_NATS;
use crate::experiment::{Experiment, Source, compare};

const SLOWER: &[Variant] = &[
    Variant { label: "ratio 0.01", set: &["train.router_learning_rate=0.00001"] },
    Variant { label: "ratio 0.1", set: &["train.router_learning_rate=0.0001"] },
];
const AS_FAST: &[Variant] = &[
    Variant { label: "ratio 1", set: &["train.router_learning_rate=0.001"] },
    Variant { label: "ratio 5", set: &["train.router_learning_rate=0.005"] },
    Variant { label: "ratio 20", set: &["train.router_learning_rate=0.02"] },
];
const RATIOS: &[Variant] = &[SLOWER[0], SLOWER[1], AS_FAST[0], AS_FAST[1], AS_FAST[2]];

const SIGNATURES: Part = Part {
    tag: "signatures",
    what: "(a) A table for each signature and depth, advantage learning; ratio of the rates",
    set: &["router.algorithm=advantage_learning"],
    variants: RATIOS,
};

const WITH_DISPATCHER: Part = Part {
    tag: "dispatched",
    what: "(b) Dispatched by attention over the premise, advantage learning; ratio of the rates",
    set: &["router.algorithm=advantage_learning", DISPATCHED, DISPATCHER, AGENTS, ATTENTION],
    variants: RATIOS,
};

const PARTS: &[Part] = &[SIGNATURES, WITH_DISPATCHER];

/// Figure 7.7 on implicatives.
pub static FIG_7_7_SCI: Experiment = Experiment {
    id: "thesis/fig-7.7-sci",
    title: "the router's learning rate in ratio to that of the modules, on implicatives",
    shows: "Accuracy and selection entropy over training on implicatives of an advantage learning \
            router for ratios of its learning rate to that of the modules.",
    document: "T 7.2.2, figure 7.7",
    notes: &[NOTES, SETTING, language::GENERATED, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7_sci::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_7_SCI, results, PARTS),
    claims: &[
        ClaimDef {
            text: "the learning rate of the router should be at least as large as the learning \
                   rate of the modules",
            source: "T 7.2.2",
            paper: "ratios of at least 1 above smaller ones",
            test: |results| {
                let wins = |part: &Part| {
                    compare::above(results, &names(part, AS_FAST), &names(part, SLOWER))
                };
                compare::both(wins(&SIGNATURES), wins(&WITH_DISPATCHER))
            },
        },
        ClaimDef {
            text: "Smaller learning rates delay learning",
            source: "T 7.2.2",
            paper: "ratios of at least 1 above smaller ones over training",
            test: |results| {
                let sooner = |part: &Part| {
                    compare::sooner(results, &names(part, AS_FAST), &names(part, SLOWER))
                };
                compare::both(sooner(&SIGNATURES), sooner(&WITH_DISPATCHER))
            },
        },
        ClaimDef {
            text: "the learning rate does not seem to affect the selection entropy",
            source: "T 7.2.2",
            paper: "entropies close together",
            test: |results| {
                let mild = |part: &Part| compare::mild(results, &part.names(), ENTROPY, MILD_NATS);
                compare::both(mild(&SIGNATURES), mild(&WITH_DISPATCHER))
            },
        },
    ],
};

const NOTES: &str = "\
Both parts of the figure, \"in ratio to the module learning rate of 0.001\". The text does not name \
the ratios; they are those of thesis/fig-7.7. The dispatcher learns at the router's rate.";

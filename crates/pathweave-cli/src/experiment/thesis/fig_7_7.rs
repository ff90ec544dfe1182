//! T figure 7.7: the router's learning rate in ratio to that of the modules.

use pathweave::spec::RunSpec;

use super::chapter_7::{self, DISPATCHED, SETTING, names};
use crate::experiment::ablation::{self, ENTROPY, Part, Variant};
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::compare::MILD_NATS;
use crate::experiment::results::Results;
use crate::experiment::scale::Scale;
use crate::experiment::{Experiment, Source, compare};

const SLOWER: &[Variant] =
    &[Variant { label: "ratio 0.01", set: &[] }, Variant { label: "ratio 0.1", set: &[] }];
const AS_FAST: &[Variant] = &[
    Variant { label: "ratio 1", set: &[] },
    Variant { label: "ratio 5", set: &[] },
    Variant { label: "ratio 20", set: &[] },
];

/// More would make a table that all samples are sent to diverge.
const AS_FAST_DISPATCHED: &[Variant] = &[AS_FAST[0], AS_FAST[1]];

const MULTI_TASK: Part = Part {
    tag: "multi-task",
    what: "(a) A table for each task and depth, advantage learning; ratio of the learning rates",
    set: &["router.algorithm=advantage_learning"],
    variants: &[SLOWER[0], SLOWER[1], AS_FAST[0], AS_FAST[1], AS_FAST[2]],
};

const WITH_DISPATCHER: Part = Part {
    tag: "dispatched",
    what: "(b) A dispatcher on the activation, tabular agents; ratio of the learning rates",
    set: &["router.algorithm=advantage_learning", DISPATCHED],
    variants: &[SLOWER[0], SLOWER[1], AS_FAST[0], AS_FAST[1]],
};

const PARTS: &[Part] = &[MULTI_TASK, WITH_DISPATCHER];

/// Figure 7.7.
pub static FIG_7_7: Experiment = Experiment {
    id: "thesis/fig-7.7",
    title: "the router's learning rate in ratio to that of the modules",
    shows: "Accuracy and selection entropy over training of an advantage learning router for \
            ratios of its learning rate to that of the modules.",
    document: "T 7.2.2, figure 7.7",
    notes: &[NOTES, SETTING, compare::RULES],
    exclusive: false,
    source: Source::Runs(sweep),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_7, results, PARTS),
    claims: &[
        ClaimDef {
            text: "the learning rate of the router should be at least as large as the learning \
                   rate of the modules",
            source: "T 7.2.2",
            paper: "ratios of at least 1 above smaller ones",
            test: |results| {
                compare::both(
                    faster_wins(results, &MULTI_TASK, AS_FAST),
                    faster_wins(results, &WITH_DISPATCHER, AS_FAST_DISPATCHED),
                )
            },
        },
        ClaimDef {
            text: "the learning rate does not seem to affect the selection entropy",
            source: "T 7.2.2",
            paper: "entropies close together",
            test: |results| {
                let mild = |part: &Part| compare::mild(results, &part.names(), ENTROPY, MILD_NATS);
                compare::both(mild(&MULTI_TASK), mild(&WITH_DISPATCHER))
            },
        },
    ],
};

const NOTES: &str = "\
The figure is on language inference, with signatures as task labels and with a dispatcher: that is \
thesis/fig-7.7-sci. Here is the same comparison on CIFAR-MTL. The text does not name the ratios. A table's entry is moved by the \
few samples of a batch that are its own, so ratios above 1 are of more interest here than where a \
perceptron is trained by all of them.";

fn faster_wins(results: &Results, part: &Part, fast: &[Variant]) -> Finding {
    compare::above(results, &names(part, fast), &names(part, SLOWER))
}

/// The router's rate follows from the label and the modules' rate of the scale.
fn sweep(scale: Scale) -> Vec<RunSpec> {
    let mut specs = chapter_7::sweep(scale, PARTS);
    for spec in &mut specs {
        let label = spec.name.trim_start_matches("ratio ").split(',').next();
        let ratio: f64 = label.and_then(|label| label.parse().ok()).expect("a ratio for a label");
        spec.train.router_learning_rate = ratio * spec.train.learning_rate;
    }
    specs
}

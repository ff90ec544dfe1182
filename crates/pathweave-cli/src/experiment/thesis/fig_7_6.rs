//! T figure 7.6: exploration schedules.

use super::chapter_7::{self, DISPATCHED, PERCEPTRON, SETTING};
use crate::experiment::ablation::{self, ENTROPY, Part, Variant};
use crate::experiment::claim::ClaimDef;
use crate::experiment::compare::{MILD_NATS, MILD_POINTS};
use crate::experiment::runs::ACCURACY;
use crate::experiment::{Experiment, Source, compare};

/// The three levels of exploration.
pub(super) const SCHEDULES: &[Variant] = &[
    Variant { label: "high", set: &["exploration.start=0.5", "exploration.floor=0.01"] },
    Variant { label: "med", set: &["exploration.start=0.25", "exploration.floor=0.005"] },
    Variant { label: "low", set: &["exploration.start=0.1", "exploration.floor=0.002"] },
];

const MULTI_TASK: Part = Part {
    tag: "multi-task",
    what: "(a) A table for each task and depth",
    set: &["router.algorithm=advantage_learning", chapter_7::ADVANTAGES],
    variants: SCHEDULES,
};

const WITH_DISPATCHER: Part = Part {
    tag: "dispatched",
    what: "(b) A dispatcher on the activation, tabular agents",
    set: &["router.algorithm=advantage_learning", DISPATCHED, PERCEPTRON],
    variants: SCHEDULES,
};

const PARTS: &[Part] = &[MULTI_TASK, WITH_DISPATCHER];

/// Figure 7.6.
pub static FIG_7_6: Experiment = Experiment {
    id: "thesis/fig-7.6",
    title: "exploration schedules",
    shows: "Accuracy and selection entropy over training of an advantage learning router for \
            three levels of exploration.",
    document: "T 7.2.1, figure 7.6",
    notes: &[NOTES, SETTING, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_6, results, PARTS),
    claims: &[
        ClaimDef {
            text: "multi-task: the performance only varies mildly for three different exploration \
                   schedules",
            source: "T 7.2.1",
            paper: "curves close together",
            test: |results| compare::mild(results, &MULTI_TASK.names(), ACCURACY, MILD_POINTS),
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
            paper: "high above low",
            test: |results| {
                let name = |label| MULTI_TASK.name(label);
                compare::more_entropy(results, &name("high"), &name("low"))
            },
        },
        ClaimDef {
            text: "it only does so by a negligible margin",
            source: "T 7.2.1",
            paper: "entropies close together",
            test: |results| compare::mild(results, &MULTI_TASK.names(), ENTROPY, MILD_NATS),
        },
    ],
};

const NOTES: &str = "\
The figure is on language inference, with signatures as task labels and with a dispatcher: that is \
thesis/fig-7.6-sci. Here is the same comparison on CIFAR-MTL. Claims about entropy are judged by the \
multi-task router. High starts at 0.5 and falls to 0.01, med from 0.25 to 0.005, low \
from 0.1 to 0.002, each divided by four at every step.";

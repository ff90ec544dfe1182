//! T figure 7.12: the choice of the optimizer.

use super::chapter_7::{self, SETTING, names};
use crate::experiment::ablation::{self, Part, Variant};
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::results::Results;
use crate::experiment::{Experiment, Source, compare};

const SGD: Variant = Variant { label: "SGD", set: &["train.optimizer=sgd"] };

/// Rates of the modules.
const OTHERS: &[Variant] = &[
    Variant { label: "ASGD", set: &["train.optimizer=asgd"] },
    Variant { label: "Adadelta", set: &["train.optimizer=adadelta", "train.learning_rate=1.0"] },
    Variant { label: "Adagrad", set: &["train.optimizer=adagrad", "train.learning_rate=0.01"] },
    Variant { label: "Adam", set: &["train.optimizer=adam", "train.learning_rate=0.001"] },
    Variant { label: "Adamax", set: &["train.optimizer=adamax", "train.learning_rate=0.002"] },
    Variant { label: "RMSprop", set: &["train.optimizer=rmsprop", "train.learning_rate=0.001"] },
    Variant { label: "Rprop", set: &["train.optimizer=rprop", "train.learning_rate=0.001"] },
];

const PART: Part = Part {
    tag: "",
    what: "A table for each task and depth, Q-learning; optimizer of the modules",
    set: &["router.algorithm=q_learning"],
    variants: &[OTHERS[0], OTHERS[1], OTHERS[2], OTHERS[3], OTHERS[4], OTHERS[5], OTHERS[6], SGD],
};

const PARTS: &[Part] = &[PART];

/// Figure 7.12.
pub static FIG_7_12: Experiment = Experiment {
    id: "thesis/fig-7.12",
    title: "the choice of the optimizer",
    shows: "Accuracy and selection entropy over training for eight optimizers of the modules.",
    document: "T 7.4.4, figure 7.12",
    notes: &[NOTES, SETTING, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_12, results, PARTS),
    claims: &[ClaimDef {
        text: "routing … consistently yields the best performance for 'plain' SGD",
        source: "T 7.4.4",
        paper: "SGD above all others",
        test: sgd_is_best,
    }],
};

const NOTES: &str = "\
The text names neither rates nor the algorithm: Q-learning, whose tables are trained by SGD in all \
runs, since the text's argument is about the modules. SGD and ASGD take the rate of the chapter's \
other runs, Adadelta, Adagrad, Adam and Adamax PyTorch's default, RMSprop and Rprop a tenth of it.";

fn sgd_is_best(results: &Results) -> Finding {
    let wins = OTHERS
        .iter()
        .map(|&other| compare::above(results, &names(&PART, &[SGD]), &names(&PART, &[other])));
    wins.reduce(compare::both).unwrap_or_else(Finding::missing)
}

//! T figure 7.11: splitting the training data between modules and router.

use super::chapter_7::{self, SETTING, names};
use crate::experiment::ablation::{self, Part, Variant};
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::results::Results;
use crate::experiment::{Experiment, Source, compare};

const FULL: Variant = Variant { label: "1.0", set: &["train.module_share=1.0"] };
const MOST: Variant = Variant { label: "0.7", set: &["train.module_share=0.7"] };
const HALF: Variant = Variant { label: "0.5", set: &["train.module_share=0.5"] };

const PART: Part = Part {
    tag: "",
    what: "A table for each task and depth, Q-learning; share of the samples that train modules",
    set: &["router.algorithm=q_learning"],
    variants: &[HALF, MOST, FULL],
};

const PARTS: &[Part] = &[PART];

/// Figure 7.11.
pub static FIG_7_11: Experiment = Experiment {
    id: "thesis/fig-7.11",
    title: "splitting the training data between modules and router",
    shows: "Accuracy and selection entropy over training where a share of the samples trains the \
            modules and the others the router; 1.0 is training both with all.",
    document: "T 7.4.3, figure 7.11",
    notes: &[NOTES, SETTING, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_11, results, PARTS),
    claims: &[
        ClaimDef {
            text: "using the full data benefits … performance",
            source: "T 7.4.3",
            paper: "1.0 above 0.7 and 0.5",
            test: |results| {
                compare::above(results, &names(&PART, &[FULL]), &names(&PART, &[MOST, HALF]))
            },
        },
        ClaimDef {
            text: "using the full data benefits … entropy",
            source: "T 7.4.3",
            paper: "1.0 above 0.7 and 0.5, read as more entropy",
            test: full_has_more_entropy,
        },
    ],
};

const NOTES: &str = "\
The text does not name the algorithm: Q-learning. Nor does it say what is a benefit to entropy: \
more of it, since the chapter fears collapse.";

fn full_has_more_entropy(results: &Results) -> Finding {
    let more = |other: Variant| {
        let of = |variant: Variant| PART.name(variant.label);
        compare::more_entropy(results, &of(FULL), &of(other))
    };
    compare::both(more(MOST), more(HALF))
}

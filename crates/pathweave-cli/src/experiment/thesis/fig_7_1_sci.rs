//! T figure 7.1 (b): decision-making algorithms on a single-agent architecture, on language.

use super::chapter_7::names;
use super::chapter_7_sci::{self, LEARNERS, PERCEPTRON, SETTING};
use super::language;
use crate::experiment::ablation::{self, Part};
use crate::experiment::claim::ClaimDef;
use crate::experiment::{Experiment, Source, compare};

const SINGLE_ROUTER: Part = Part {
    tag: "",
    what: "(b) One sub-router, which sees the mean of the words as the modules have changed them \
           and the depth, and may end a pair's path",
    set: &[
        "router.dispatcher=single",
        "router.sub_routers=single",
        "router.policy=mlp",
        PERCEPTRON,
        "router.sees_context=false",
        "router.max_depth=6",
        "model.banks=shared",
    ],
    variants: LEARNERS,
};

const PARTS: &[Part] = &[SINGLE_ROUTER];

/// Figure 7.1 (b).
pub static FIG_7_1_SCI: Experiment = Experiment {
    id: "thesis/fig-7.1-sci",
    title: "decision-making algorithms on a single-agent architecture, on implicatives",
    shows: "Accuracy and selection entropy over training on implicatives where one sub-router \
            decides for all pairs and depths by the words alone, for each decision-making \
            algorithm.",
    document: "T 7.1.3, figure 7.1 (b)",
    notes: &[NOTES, SETTING, language::GENERATED, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7_sci::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_1_SCI, results, PARTS),
    claims: &[
        ClaimDef {
            text: "performance for single agent architectures on both CIFAR and SCI … is basically \
                   the same as random",
            source: "T 7.1.3",
            paper: "no algorithm above the 33 % of the random baseline",
            test: |results| compare::random(results, &names(&SINGLE_ROUTER, LEARNERS)),
        },
        ClaimDef {
            text: "the router even picks a fourth class … thereby consistently achieving 0% \
                   accuracy",
            source: "T 7.1.3",
            paper: "0 %",
            test: |results| compare::below(results, &names(&SINGLE_ROUTER, LEARNERS), 5.0),
        },
    ],
};

const NOTES: &str = "\
The router \"may decide to apply an arbitrary number of transformations before stopping\": here at \
most six, from one bank. The thesis's networks have a fourth class \"for implementation reasons\", \
by whose choice accuracy falls to 0 %; here there are three classes, so that accuracy can only fall \
to that of guessing, and a classifier behind words that arbitrary modules have changed may still \
learn. 0 % counts as reached below 5 %.";

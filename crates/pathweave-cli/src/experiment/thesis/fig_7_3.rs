//! T figure 7.3: decision-making algorithms with meta-information.

use super::chapter_7::{
    self, AAC, GUMBEL, LEARNERS, POLICY_BASED, REINFORCE, RELAX, SETTING, VALUE_BASED, WPL, names,
};
use crate::experiment::ablation::{self, Part};
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::results::Results;
use crate::experiment::{Experiment, Source, compare, verdict};

const DEPTH_1: Part = Part {
    tag: "depth 1",
    what: "(a) A table for each task, one routed layer",
    set: &["model.hidden=[128]", "model.output=shared"],
    variants: LEARNERS,
};

const DEPTH_2: Part = Part {
    tag: "depth 2",
    what: "(b) A table for each task and depth, two routed layers",
    set: &["model.hidden=[128,128]", "model.output=shared"],
    variants: LEARNERS,
};

const PARTS: &[Part] = &[DEPTH_1, DEPTH_2];

/// Figure 7.3.
pub static FIG_7_3: Experiment = Experiment {
    id: "thesis/fig-7.3",
    title: "decision-making algorithms with meta-information",
    shows: "Accuracy and selection entropy over training where each task has tables of its own, \
            for each decision-making algorithm and for one and two routed layers.",
    document: "T 7.1.4, figure 7.3",
    notes: &[NOTES, SETTING, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_3, results, PARTS),
    claims: &[
        ClaimDef {
            text: "depth of 1: policy gradient-based approaches (including Gumbel and RELAX, but \
                   excluding WPL) are consistently outperformed by value-based …",
            source: "T 7.1.4",
            paper: "value-based above",
            test: |results| values_win(results, &DEPTH_1),
        },
        ClaimDef {
            text: "depth of 2: policy gradient-based approaches … are consistently outperformed \
                   by value-based …",
            source: "T 7.1.4",
            paper: "value-based above",
            test: |results| values_win(results, &DEPTH_2),
        },
        ClaimDef {
            text: "this difference grows with routing depth",
            source: "T 7.1.4",
            paper: "larger in (b) than in (a)",
            test: difference_grows,
        },
        ClaimDef {
            text: "the weighted policy learner is the best performing policy gradient algorithm",
            source: "T 7.1.4",
            paper: "WPL above AAC, Gumbel, REINFORCE and RELAX",
            test: wpl_is_best,
        },
    ],
};

const NOTES: &str = "\
Parts (a) and (b) of the figure; part (c), on language inference, is thesis/fig-7.3-sci. The routed layers have 128 units; one output layer, shared by all tasks, follows them, so \
that the depths differ in nothing but the number of routed layers.";

fn values_win(results: &Results, part: &Part) -> Finding {
    compare::above(results, &names(part, VALUE_BASED), &names(part, POLICY_BASED))
}

/// The difference in the second part less that in the first, by seed.
fn difference_grows(results: &Results) -> Finding {
    let gap = |part: &Part| {
        let of = |learners| compare::accuracies(results, &names(part, learners));
        compare::less(&of(VALUE_BASED), &of(POLICY_BASED))
    };
    let growth = verdict::difference(&gap(&DEPTH_2), &gap(&DEPTH_1));
    Finding::new(compare::points(growth), verdict::direction(growth))
}

fn wpl_is_best(results: &Results) -> Finding {
    let wins = |part: &Part| {
        let each = [AAC, GUMBEL, REINFORCE, RELAX]
            .map(|other| compare::above(results, &names(part, &[WPL]), &names(part, &[other])));
        each.into_iter().reduce(compare::both).unwrap_or_else(Finding::missing)
    };
    compare::both(wins(&DEPTH_1), wins(&DEPTH_2))
}

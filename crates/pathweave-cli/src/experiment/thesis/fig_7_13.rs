//! T figure 7.13: collapse on a dispatched architecture.

use super::chapter_7::{
    self, AAC, ADVANTAGE, DISPATCHED, GUMBEL, LEARNERS, PERCEPTRON, Q_LEARNING, REINFORCE, RELAX,
    SETTING, UNROUTED, WPL, names,
};
use crate::experiment::ablation::{self, Part};
use crate::experiment::claim::ClaimDef;
use crate::experiment::compare::MILD_POINTS;
use crate::experiment::runs::ACCURACY;
use crate::experiment::{Experiment, Source, compare};

const NAIVE: Part = Part {
    tag: "",
    what: "A dispatcher on the activation after the convolutions, tabular agents",
    set: &[DISPATCHED, PERCEPTRON],
    variants: LEARNERS,
};

const REFERENCE: Part =
    Part { tag: "reference", what: "The network without routing", set: &[], variants: &[UNROUTED] };

const PARTS: &[Part] = &[NAIVE, REFERENCE];

/// Figure 7.13.
pub static FIG_7_13: Experiment = Experiment {
    id: "thesis/fig-7.13",
    title: "collapse on a dispatched architecture",
    shows: "Accuracy and selection entropy over training where a dispatcher that no external loss \
            regularizes names a tabular agent for each sample, for each decision-making algorithm.",
    document: "T 7.5.2, figure 7.13",
    notes: &[NOTES, SETTING, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_13, results, PARTS),
    claims: &[
        ClaimDef {
            text: "the test-time selection entropy of nearly all algorithms going to zero",
            source: "T 7.5.2",
            paper: "Q-learning, AAC and REINFORCE collapse",
            test: |results| {
                compare::collapsed(results, &names(&NAIVE, &[Q_LEARNING, AAC, REINFORCE]))
            },
        },
        ClaimDef {
            text: "this extends to the stochastic reparameterization algorithms Gumbel and RELAX",
            source: "T 7.5.2",
            paper: "Gumbel and RELAX collapse",
            test: |results| compare::collapsed(results, &names(&NAIVE, &[GUMBEL, RELAX])),
        },
        ClaimDef {
            text: "The only algorithms that do not collapse completely are WPL and Advantage \
                   learning",
            source: "T 7.5.2",
            paper: "WPL and advantage learning keep entropy",
            test: |results| compare::diverse(results, &names(&NAIVE, &[WPL, ADVANTAGE])),
        },
        ClaimDef {
            text: "the results achieved are good, reaching standard non-routed performance",
            source: "T 7.5.2",
            paper: "as the network without routing",
            test: |results| {
                let all = [NAIVE.names(), REFERENCE.names()].concat();
                compare::mild(results, &all, ACCURACY, MILD_POINTS)
            },
        },
    ],
};

const NOTES: &str = "\
The dispatcher's own algorithm is not named in the text: it is REINFORCE with a running mean of \
returns, the program's default. The network without routing stands beside the figure's curves.";

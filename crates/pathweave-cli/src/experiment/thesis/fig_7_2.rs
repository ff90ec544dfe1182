//! T figure 7.2: decision-making algorithms on restricted single-agent architectures.

use super::chapter_7::{
    self, ADVANTAGE, LEARNERS, PERCEPTRON, Q_LEARNING, RELAX, SETTING, UNROUTED, names,
};
use crate::experiment::ablation::{self, Part, Variant};
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::results::Results;
use crate::experiment::verdict;
use crate::experiment::{Experiment, Source, compare};

const FIXED_DEPTH: Part = Part {
    tag: "fixed depth",
    what: "(a) One sub-router for all layers, always three modules",
    set: &[
        "router.dispatcher=single",
        "router.sub_routers=single",
        "router.policy=mlp",
        PERCEPTRON,
        "router.sees_context=false",
        "router.max_depth=3",
        "model.banks=shared",
        "model.output=shared",
    ],
    variants: LEARNERS,
};

const PER_LAYER: Part = Part {
    tag: "a sub-router a layer",
    what: "(b) A sub-router for each of at most three layers, each of which may end the path",
    set: &[
        "router.dispatcher=single",
        "router.sub_routers=per-depth",
        "router.policy=mlp",
        PERCEPTRON,
        "router.sees_context=false",
        "router.terminate=true",
        "router.max_depth=3",
        "model.banks=shared",
        "model.output=shared",
    ],
    variants: LEARNERS,
};

/// With the task given, and without routing.
const REFERENCES: Part = Part {
    tag: "reference",
    what: "A table for each task and depth, and the network without routing",
    set: &[],
    variants: &[Q_LEARNING, UNROUTED],
};

const PARTS: &[Part] = &[FIXED_DEPTH, PER_LAYER, REFERENCES];

/// What models without meta-information stay below those with it, in points.
const BELOW_META: f64 = 30.0;

/// Figure 7.2.
pub static FIG_7_2: Experiment = Experiment {
    id: "thesis/fig-7.2",
    title: "decision-making algorithms on restricted single-agent architectures",
    shows: "As figure 7.1, where the single sub-router's depth is fixed, and where each layer has \
            a sub-router of its own.",
    document: "T 7.1.3, figure 7.2",
    notes: &[NOTES, SETTING, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_2, results, PARTS),
    claims: &[
        ClaimDef {
            text: "fixing the routing depth …: the (Q-)value-based approaches start learning",
            source: "T 7.1.3",
            paper: "above random",
            test: |results| compare::learns(results, &value_based(&FIXED_DEPTH)),
        },
        ClaimDef {
            text: "RELAX is able to stabilize, although at the cost of complete collapse",
            source: "T 7.1.3",
            paper: "above random, entropy 0",
            test: relax_collapses,
        },
        ClaimDef {
            text: "a separate subrouter for each layer: Q-Learning and Advantage learning learn \
                   while maintaining selection entropy",
            source: "T 7.1.3",
            paper: "above random, entropy above 0",
            test: values_stay_diverse,
        },
        ClaimDef {
            text: "it does not achieve non-routed performance, not even when it collapses",
            source: "T 7.1.3",
            paper: "below the network without routing",
            test: below_unrouted,
        },
        ClaimDef {
            text: "the final performance stays about 30% below the performance achieved by models \
                   relying on meta-information",
            source: "T 7.1.3",
            paper: "−30 %",
            test: below_meta,
        },
    ],
};

const NOTES: &str = "\
Both parts keep the modules of figure 7.1, the same at every depth, so that only the router \
differs. The text compares with models that rely on meta-information and with non-routed \
performance: Q-learning with a table for each task and depth, and the network without routing, \
stand beside the figure's curves.";

fn value_based(part: &Part) -> Vec<String> {
    names(part, &[ADVANTAGE, Q_LEARNING])
}

fn all() -> Vec<String> {
    [FIXED_DEPTH.names(), PER_LAYER.names()].concat()
}

fn reference(variant: Variant) -> Vec<String> {
    names(&REFERENCES, &[variant])
}

fn relax_collapses(results: &Results) -> Finding {
    let relax = names(&FIXED_DEPTH, &[RELAX]);
    compare::both(compare::learns(results, &relax), compare::collapsed(results, &relax))
}

fn values_stay_diverse(results: &Results) -> Finding {
    let models = value_based(&PER_LAYER);
    compare::both(compare::learns(results, &models), compare::diverse(results, &models))
}

fn below_unrouted(results: &Results) -> Finding {
    compare::above(results, &reference(UNROUTED), &all())
}

fn below_meta(results: &Results) -> Finding {
    let gap = compare::gap(results, &reference(Q_LEARNING), &all());
    let ours = format!("{} over the mean of all", compare::points(gap));
    Finding::new(ours, verdict::size(gap, BELOW_META))
}

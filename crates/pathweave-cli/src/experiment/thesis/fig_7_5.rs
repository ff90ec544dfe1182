//! T figure 7.5: an ε-greedy version of REINFORCE.

use super::chapter_7::{self, SETTING, names};
use crate::experiment::ablation::{self, Part, Variant};
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::results::Results;
use crate::experiment::{Experiment, Source, compare, verdict};

const EPSILON: Variant = Variant {
    label: "ε-greedy REINFORCE",
    set: &[
        "router.algorithm=epsilon_reinforce",
        "router.epsilon_reinforce.baseline=none",
        chapter_7::POLICY_TABLE,
    ],
};

const PART: Part = Part {
    tag: "",
    what: "A table for each task and depth",
    set: &["exploration.start=0.5", "exploration.floor=0.01"],
    variants: &[EPSILON, chapter_7::Q_LEARNING, chapter_7::REINFORCE],
};

const PARTS: &[Part] = &[PART];

/// Figure 7.5.
pub static FIG_7_5: Experiment = Experiment {
    id: "thesis/fig-7.5",
    title: "an ε-greedy version of REINFORCE",
    shows: "Accuracy and selection entropy over training of REINFORCE, of REINFORCE whose actions \
            are drawn ε-greedily, and of Q-learning.",
    document: "T 7.1.6, figure 7.5",
    notes: &[NOTES, SETTING, compare::RULES],
    exclusive: false,
    source: Source::Runs(|scale| chapter_7::sweep(scale, PARTS)),
    rows: ablation::rows,
    report: |results| ablation::report(&FIG_7_5, results, PARTS),
    claims: &[
        ClaimDef {
            text: "this indeed changes the behavior of REINFORCE to act more like a value-based \
                   approach",
            source: "T 7.1.6",
            paper: "nearer to Q-learning than REINFORCE is",
            test: acts_like_values,
        },
        ClaimDef {
            text: "the exploitation strategy dominates the results",
            source: "T 7.1.6",
            paper: "ε-greedy REINFORCE above REINFORCE",
            test: |results| compare::above(results, &of(EPSILON), &of(chapter_7::REINFORCE)),
        },
    ],
};

const NOTES: &str = "\
\"Exploration for the Q-Learning experiments is very high, with over 0.4 for the first 5 epochs\": \
figure 7.6's high schedule, from 0.5. That a curve is more like Q-learning's is judged by the \
distance of final accuracies, by seed.";

fn of(variant: Variant) -> Vec<String> {
    names(&PART, &[variant])
}

/// Whether REINFORCE is farther from Q-learning than its ε-greedy version is.
fn acts_like_values(results: &Results) -> Finding {
    let values = compare::accuracies(results, &of(chapter_7::Q_LEARNING));
    let distance = |variant| {
        let difference = compare::less(&compare::accuracies(results, &of(variant)), &values);
        difference.into_iter().map(|(seed, points)| (seed, points.abs())).collect::<Vec<_>>()
    };
    let nearer = verdict::difference(&distance(chapter_7::REINFORCE), &distance(EPSILON));
    Finding::new(format!("nearer by {}", compare::points(nearer)), verdict::direction(nearer))
}

//! The registry of decision algorithms.

use super::AlgorithmKind;

/// A line of the registry of algorithms.
#[derive(Clone, Copy, Debug)]
pub struct AlgorithmEntry {
    /// Which
    pub kind: AlgorithmKind,
    /// As specs write it
    pub name: &'static str,
    /// What it does
    pub what: &'static str,
    /// Where it is described
    pub source: &'static str,
    /// Works for approximated policies too
    pub approximated: bool,
    /// Learns at all
    pub trained: bool,
}

/// Every decision algorithm.
pub const ALGORITHMS: &[AlgorithmEntry] = &[
    AlgorithmEntry {
        kind: AlgorithmKind::QLearning,
        name: "q_learning",
        what: "off-policy action values, explores ε-greedily",
        source: "T 3.1.3.1, eqs. 3.2, 3.3",
        approximated: true,
        trained: true,
    },
    AlgorithmEntry {
        kind: AlgorithmKind::Sarsa,
        name: "sarsa",
        what: "on-policy action values, explores ε-greedily",
        source: "T 3.1.3.1",
        approximated: true,
        trained: true,
    },
    AlgorithmEntry {
        kind: AlgorithmKind::AdvantageLearning,
        name: "advantage_learning",
        what: "state value and advantages apart, from returns or bootstrapped; ε-greedy",
        source: "T 7.1.2, eqs. 3.4, 7.1, 7.2",
        approximated: true,
        trained: true,
    },
    AlgorithmEntry {
        kind: AlgorithmKind::Reinforce,
        name: "reinforce",
        what: "policy gradient; baseline none, running mean or learned value",
        source: "T 3.1.3.2, eqs. 3.6-3.12",
        approximated: true,
        trained: true,
    },
    AlgorithmEntry {
        kind: AlgorithmKind::EpsilonReinforce,
        name: "epsilon_reinforce",
        what: "policy gradient on ε-greedy samples, importance-weighted",
        source: "T 7.1.6, eq. 7.3",
        approximated: true,
        trained: true,
    },
    AlgorithmEntry {
        kind: AlgorithmKind::AdvantageActorCritic,
        name: "advantage_actor_critic",
        what: "policy gradient with a critic's advantage, from returns or bootstrapped",
        source: "T 3.1.3.2",
        approximated: true,
        trained: true,
    },
    AlgorithmEntry {
        kind: AlgorithmKind::Ppo,
        name: "ppo",
        what: "clipped policy gradient, several epochs a batch",
        source: "T 2.7, 3.1.3.3 (Chang et al. 2019)",
        approximated: true,
        trained: true,
    },
    AlgorithmEntry {
        kind: AlgorithmKind::Wpl,
        name: "wpl",
        what: "weighted policy learner: probabilities, moved and projected to the simplex",
        source: "T 5.1, 7.1.1, algs. 5.1, 7.1",
        approximated: true,
        trained: true,
    },
    AlgorithmEntry {
        kind: AlgorithmKind::Assigned,
        name: "assigned",
        what: "control: module = context modulo modules",
        source: "T 5.2.3 (task-specific baselines)",
        approximated: true,
        trained: false,
    },
    AlgorithmEntry {
        kind: AlgorithmKind::Uniform,
        name: "uniform",
        what: "control: a module at random",
        source: "control",
        approximated: true,
        trained: false,
    },
    AlgorithmEntry {
        kind: AlgorithmKind::Hashed,
        name: "hashed",
        what: "control: module by a hash of the sample",
        source: "control",
        approximated: true,
        trained: false,
    },
];

impl AlgorithmKind {
    /// Its line of the registry.
    pub fn entry(self) -> &'static AlgorithmEntry {
        ALGORITHMS.iter().find(|entry| entry.kind == self).expect("every kind is registered")
    }
}

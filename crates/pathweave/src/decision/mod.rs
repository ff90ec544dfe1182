//! Decision algorithms: how a sub-router chooses and how it learns from what followed. One a file,
//! the same sections in the same order; none knows of another.

mod assigned;
mod choose;
mod hashed;
mod q_learning;
mod reinforce;
mod uniform;
mod wpl;

pub use assigned::Assigned;
use burn::module::Module;
use burn::tensor::{Int, Tensor};
pub use hashed::Hashed;
pub use q_learning::QLearning;
pub use reinforce::{Baseline, Reinforce, ReinforceSpec};
use serde::{Deserialize, Serialize};
pub use uniform::Uniform;
pub use wpl::{Weighting, Wpl, WplSpec, project};

use crate::init::Init;
use crate::noise::Noise;
use crate::policy::PolicyShape;
use crate::trajectory::{Choice, Heads, Mode, Seen, Site, upload};

/// One way to decide.
pub trait DecisionAlgorithm: Module {
    /// What the sub-router computes at a site: action head [R, A], critic \[R\] if it has one.
    fn heads(&self, site: &Site) -> Heads;

    /// Chooses an action a row. Carries no gradient.
    fn choose(&self, heads: &Heads, site: &Site, mode: Mode, noise: &Noise) -> Choice;

    /// Loss of each row's decision at one depth, not reduced and not masked \[R\]; `None` where the
    /// algorithm is not trained by gradient. `next` are the heads at the following depth, if any.
    fn loss(&self, now: &Heads, next: Option<&Heads>, seen: &Seen) -> Option<Tensor<1>>;

    /// Updates that are not gradient steps: tables, running means. Called once a depth and step.
    fn observe(&mut self, _site: &Site, _seen: &Seen) {}

    /// π(·|s), with gradient, where the algorithm learns a stochastic policy. [R, A]
    fn policy(&self, _heads: &Heads) -> Option<Tensor<2>> {
        None
    }
}

/// Names of the algorithms, as specs write them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlgorithmKind {
    /// [`QLearning`]
    QLearning,
    /// [`Reinforce`]
    Reinforce,
    /// [`Wpl`]
    #[default]
    Wpl,
    /// [`Assigned`]
    Assigned,
    /// [`Uniform`]
    Uniform,
    /// [`Hashed`]
    Hashed,
}

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
        kind: AlgorithmKind::Reinforce,
        name: "reinforce",
        what: "policy gradient; baseline none, running mean or learned value",
        source: "T 3.1.3.2, eqs. 3.6-3.12",
        approximated: true,
        trained: true,
    },
    AlgorithmEntry {
        kind: AlgorithmKind::Wpl,
        name: "wpl",
        what: "weighted policy learner: a table of probabilities, projected to the simplex",
        source: "T 5.1, alg. 5.1",
        approximated: false,
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

/// A sub-router's algorithm, of any kind.
#[derive(Module, Debug)]
pub enum Decision {
    /// Q-learning
    QLearning(QLearning),
    /// REINFORCE
    Reinforce(Reinforce),
    /// Weighted policy learner
    Wpl(Wpl),
    /// By context
    Assigned(Assigned),
    /// At random
    Uniform(Uniform),
    /// By hash
    Hashed(Hashed),
}

/// Settings of the algorithms that have some.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlgorithmSettings {
    /// Of REINFORCE
    pub reinforce: ReinforceSpec,
    /// Of WPL
    pub wpl: WplSpec,
}

macro_rules! each {
    ($decision:expr, $algorithm:ident => $call:expr) => {
        match $decision {
            Decision::QLearning($algorithm) => $call,
            Decision::Reinforce($algorithm) => $call,
            Decision::Wpl($algorithm) => $call,
            Decision::Assigned($algorithm) => $call,
            Decision::Uniform($algorithm) => $call,
            Decision::Hashed($algorithm) => $call,
        }
    };
}

impl Decision {
    /// An algorithm for a sub-router of this shape; `modules` ≤ actions are the first actions.
    pub fn new(
        kind: AlgorithmKind,
        settings: &AlgorithmSettings,
        shape: &PolicyShape,
        modules: usize,
        init: &Init,
    ) -> Self {
        let actions = shape.actions;
        match kind {
            AlgorithmKind::QLearning => Self::QLearning(QLearning::new(shape, init)),
            AlgorithmKind::Reinforce => {
                Self::Reinforce(Reinforce::new(shape, settings.reinforce.clone(), init))
            }
            AlgorithmKind::Wpl => Self::Wpl(Wpl::new(shape, settings.wpl.clone(), init)),
            AlgorithmKind::Assigned => Self::Assigned(Assigned::new(modules, actions)),
            AlgorithmKind::Uniform => Self::Uniform(Uniform::new(modules, actions)),
            AlgorithmKind::Hashed => Self::Hashed(Hashed::new(modules, actions)),
        }
    }
}

impl DecisionAlgorithm for Decision {
    fn heads(&self, site: &Site) -> Heads {
        each!(self, algorithm => algorithm.heads(site))
    }

    fn choose(&self, heads: &Heads, site: &Site, mode: Mode, noise: &Noise) -> Choice {
        each!(self, algorithm => algorithm.choose(heads, site, mode, noise))
    }

    fn loss(&self, now: &Heads, next: Option<&Heads>, seen: &Seen) -> Option<Tensor<1>> {
        each!(self, algorithm => algorithm.loss(now, next, seen))
    }

    fn observe(&mut self, site: &Site, seen: &Seen) {
        each!(self, algorithm => algorithm.observe(site, seen));
    }

    fn policy(&self, heads: &Heads) -> Option<Tensor<2>> {
        each!(self, algorithm => algorithm.policy(heads))
    }
}

/// Name of the random streams of a site.
fn stream(site: &Site) -> String {
    format!("route/{}", site.depth)
}

/// The entry of each row's action. [R, A], \[R\] → \[R\]
fn pick(values: Tensor<2>, action: &Tensor<1, Int>) -> Tensor<1> {
    values.gather(1, action.clone().unsqueeze_dim(1)).squeeze_dim(1)
}

/// The action head of an algorithm that computes nothing. [R, A]
fn no_heads(site: &Site, actions: usize) -> Heads {
    let action = Tensor::zeros([site.rows.len(), actions], &site.agents.device());
    Heads { action, critic: None }
}

/// A choice that is made on the host.
fn given(site: &Site, actions: impl Iterator<Item = u32>) -> Choice {
    let actions: Vec<u32> = actions.collect();
    Choice::certain(upload(&actions, &site.agents.device()))
}

/// A number in 0..modules from each row's sample and the depth.
fn hashes<'a>(site: &'a Site, modules: usize) -> impl Iterator<Item = u32> + 'a {
    hashed_modules(&site.rows.samples, site.depth, modules)
}

/// As [`hashes`], of samples at a depth.
pub(crate) fn hashed_modules(
    samples: &[u64],
    depth: usize,
    modules: usize,
) -> impl Iterator<Item = u32> + '_ {
    let depth = depth as u64;
    samples.iter().map(move |&sample| {
        // SplitMix64's finaliser: neighbouring samples land far apart.
        let mut z = sample.wrapping_add((depth + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % modules as u64) as u32
    })
}

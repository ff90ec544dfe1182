//! Settings of the formula learners.

use pathweave_data::dataset::FormulaSpec;

use crate::decision::{AlgorithmKind, AlgorithmSettings};
use crate::reward::RewardSpec;
use crate::spec::{OptimizerKind, TrainSpec};

/// Algorithms that draw from a softmax of the scores.
const SAMPLING: [AlgorithmKind; 3] =
    [AlgorithmKind::Reinforce, AlgorithmKind::AdvantageActorCritic, AlgorithmKind::Ppo];

/// Who learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learner {
    /// A recursive router over modules that replace three tokens by one
    Routed,
    /// A gated recurrent unit that reads the tokens: no routing, no modules
    Recurrent,
}

/// In which order training formulas come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// From length 2, a digit longer after each equal share of the steps; what was learned stays
    Curriculum,
    /// All lengths from 2 to k throughout
    Shuffled,
    /// Length k alone throughout
    LongestOnly,
}

impl Order {
    /// The lengths of a step's formulas, k being the longest.
    pub fn lengths(self, step: u64, steps: u64, longest: usize) -> Vec<usize> {
        match self {
            Self::Curriculum => {
                let stages = longest.saturating_sub(1) as u64;
                let stage = (step * stages / steps.max(1)).min(stages.saturating_sub(1));
                (2..=2 + stage as usize).collect()
            }
            Self::Shuffled => (2..=longest).collect(),
            Self::LongestOnly => vec![longest],
        }
    }
}

/// Settings of a formula learner.
#[derive(Clone, Debug, PartialEq)]
pub struct FormulaToySpec {
    /// Which formulas
    pub data: FormulaSpec,
    /// Who learns
    pub learner: Learner,
    /// In which order
    pub order: Order,
    /// M, modules
    pub modules: usize,
    /// Hidden width of a module, and of the recurrent unit
    pub hidden: usize,
    /// Hidden width of the router
    pub router_hidden: usize,
    /// How the router decides
    pub algorithm: AlgorithmKind,
    /// Settings of the algorithms
    pub settings: AlgorithmSettings,
    /// Rewards; `cost` by action: one entry is the cost of every step
    pub reward: RewardSpec,
    /// Seed, batch, optimizers and their rates; the rest means nothing here
    pub train: TrainSpec,
    /// Steps
    pub steps: u64,
}

impl Default for FormulaToySpec {
    fn default() -> Self {
        Self {
            data: FormulaSpec::default(),
            learner: Learner::Routed,
            order: Order::Curriculum,
            modules: 3,
            hidden: 64,
            router_hidden: 32,
            algorithm: AlgorithmKind::Ppo,
            settings: AlgorithmSettings::default(),
            reward: RewardSpec { cost: vec![0.01], ..RewardSpec::default() },
            train: TrainSpec {
                batch: 64,
                optimizer: OptimizerKind::Adam,
                learning_rate: 0.003,
                router_optimizer: OptimizerKind::Adam,
                router_learning_rate: 0.001,
                clip_norm: 1.0,
                ..TrainSpec::default()
            },
            steps: 6000,
        }
    }
}

impl FormulaToySpec {
    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut faults = self.data.faults();
        faults.extend(self.reward.faults());
        let sizes = [
            ("modules", self.modules),
            ("hidden", self.hidden),
            ("router_hidden", self.router_hidden),
            ("batch", self.train.batch),
        ];
        for (key, _) in sizes.into_iter().filter(|(_, size)| *size == 0) {
            faults.push((key, "0".into(), "a whole number of at least 1"));
        }
        // Others explore evenly over the actions, and so over windows that a row does not have.
        if !SAMPLING.contains(&self.algorithm) {
            let name = self.algorithm.entry().name.into();
            faults.push(("algorithm", name, "reinforce, advantage_actor_critic or ppo"));
        }
        faults
    }
}

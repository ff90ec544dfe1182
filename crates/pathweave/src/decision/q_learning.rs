//! Q-learning (T 3.1.3.1, equations 3.2 and 3.3).

use burn::module::Module;
use burn::tensor::Tensor;

use super::{DecisionAlgorithm, choose};
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::{Policy, PolicyShape};
use crate::trajectory::{Choice, Heads, Mode, Seen, Site};

/// Learns Q(s, a) off policy; greedy on Q, explores ε-greedily.
#[derive(Module, Debug)]
pub struct QLearning {
    /// Q(s, ·)
    pub policy: Policy,
    actions: usize,
}

impl QLearning {
    /// Q starts at zero for tables.
    pub fn new(shape: &PolicyShape, init: &Init) -> Self {
        Self { policy: Policy::new(shape, shape.actions, init), actions: shape.actions }
    }
}

impl DecisionAlgorithm for QLearning {
    fn heads(&self, site: &Site) -> Heads {
        self.policy.heads(site, self.actions)
    }

    fn choose(&self, heads: &Heads, site: &Site, mode: Mode, noise: &Noise) -> Choice {
        let values = heads.action.clone().detach();
        match mode {
            Mode::Train { exploration } => {
                choose::epsilon_greedy(values, exploration, &super::stream(site), noise)
            }
            Mode::Greedy => choose::greedy(values),
        }
    }

    /// (Q(s,a) − \[r + γ max_a' Q(s',a')\])², the target constant; r alone at the end.
    ///
    /// # Deviations
    /// Equation 3.2 states the table's update; its squared error is minimised here, which for a
    /// table and gradient descent at rate α/2 is the same step.
    fn loss(&self, now: &Heads, next: Option<&Heads>, seen: &Seen) -> Option<Tensor<1>> {
        let q = super::pick(now.action.clone(), &seen.choice.action);
        let best = next.map(|next| next.action.clone().max_dim(1).squeeze_dim(1));
        let target = super::bootstrapped(seen, best);
        Some((q - target).square())
    }
}

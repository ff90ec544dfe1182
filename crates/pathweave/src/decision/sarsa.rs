//! SARSA (T 3.1.3.1; Rummery and Niranjan 1994).

use burn::module::Module;
use burn::tensor::Tensor;

use super::{DecisionAlgorithm, choose};
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::{Policy, PolicyShape};
use crate::trajectory::{Choice, Heads, Mode, Seen, Site};

/// Learns Q(s, a) of the policy that acts; greedy on Q, explores ε-greedily.
#[derive(Module, Debug)]
pub struct Sarsa {
    /// Q(s, ·)
    pub policy: Policy,
    actions: usize,
}

impl Sarsa {
    /// Q starts at zero for tables.
    pub fn new(shape: &PolicyShape, init: &Init) -> Self {
        Self { policy: Policy::new(shape, shape.actions, init), actions: shape.actions }
    }
}

impl DecisionAlgorithm for Sarsa {
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

    /// (Q(s,a) − \[r + γ Q(s',a')\])², a' the action taken at s', the target constant; r alone at
    /// the end.
    ///
    /// # Deviations
    /// - T 3.1.3.1 names SARSA without writing it out: the update is Rummery and Niranjan's, stated
    ///   as a squared error, which for a table and gradient descent at rate α/2 is the same step.
    fn loss(&self, now: &Heads, next: Option<&Heads>, seen: &Seen) -> Option<Tensor<1>> {
        let q = super::pick(now.action.clone(), &seen.choice.action);
        let taken = next
            .zip(seen.next_action.as_ref())
            .map(|(next, action)| super::pick(next.action.clone(), action));
        Some((q - super::bootstrapped(seen, taken)).square())
    }
}

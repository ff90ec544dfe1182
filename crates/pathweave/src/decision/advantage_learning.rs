//! Advantage learning (T 3.1.3.1, equations 3.4 and 3.5; T 7.1.2, equations 7.1 and 7.2; after
//! Baird 1993).

use burn::module::Module;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::{DecisionAlgorithm, choose};
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::{Policy, PolicyShape};
use crate::trajectory::{Choice, Heads, Mode, Seen, Site};

/// Settings of [`AdvantageLearning`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AdvantageLearningSpec {
    /// Learns from r + γ V(s') in the place of the return G
    pub bootstrap: bool,
}

/// Learns the on-policy value V(s) and, apart from it, each action's advantage A(s, a); greedy on
/// A, explores ε-greedily.
///
/// # Deviations
/// - T 7.1.2 has "a learner for the on-policy value function, and a separate learner for the
///   advantage": approximated, they are two perceptrons that share nothing.
#[derive(Module, Debug)]
pub struct AdvantageLearning {
    /// A(s, ·)
    pub advantages: Policy,
    /// V(s)
    pub values: Policy,
    actions: usize,
    #[module(skip)]
    spec: AdvantageLearningSpec,
}

impl AdvantageLearning {
    /// A and V start at zero for tables.
    pub fn new(shape: &PolicyShape, spec: AdvantageLearningSpec, init: &Init) -> Self {
        Self {
            advantages: Policy::new(shape, shape.actions, &init.at("advantages")),
            values: Policy::new(shape, 1, &init.at("values")),
            actions: shape.actions,
            spec,
        }
    }
}

impl DecisionAlgorithm for AdvantageLearning {
    fn heads(&self, site: &Site) -> Heads {
        let Heads { action, .. } = self.advantages.heads(site, self.actions);
        Heads { action, critic: Some(self.values.forward(site).squeeze_dim(1)) }
    }

    fn choose(&self, heads: &Heads, site: &Site, mode: Mode, noise: &Noise) -> Choice {
        let advantages = heads.action.clone().detach();
        match mode {
            Mode::Train { exploration } => {
                choose::epsilon_greedy(advantages, exploration, &super::stream(site), noise)
            }
            Mode::Greedy => choose::greedy(advantages),
        }
    }

    /// (V(s) − G)² + (A(s,a) − (G − V(s)))², V constant in the second; with `bootstrap`
    /// r + γ V(s'), constant, stands for G.
    ///
    /// # Deviations
    /// - Equations 7.1 and 7.2 state updates of tables; their squared errors are minimised, which
    ///   for a table and gradient descent at rate α/2 are the same steps.
    /// - Equation 7.2 reads V̂(s) after the update of equation 7.1; here both are made at once, from
    ///   V̂(s) before it.
    /// - T 7.1.2 says that its bootstrapped version "learns the value function by temporal
    ///   differences" and no more: the advantage learns from the same r + γ V(s').
    fn loss(&self, now: &Heads, next: Option<&Heads>, seen: &Seen) -> Option<Tensor<1>> {
        let advantage = super::pick(now.action.clone(), &seen.choice.action);
        let value = now.critic.clone()?;
        let target = match self.spec.bootstrap {
            true => super::bootstrapped(seen, next.and_then(|next| next.critic.clone())),
            false => seen.returns.clone(),
        };
        let better = target.clone() - value.clone().detach();
        Some((value - target).square() + (advantage - better).square())
    }
}

//! Advantage actor-critic (T 3.1.3.2, the baseline that is "a more sophisticated estimation of the
//! current state's expected reward").

use burn::module::Module;
use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

use super::{DecisionAlgorithm, choose};
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::{Policy, PolicyShape};
use crate::trajectory::{Choice, Heads, Mode, Seen, Site};

/// Settings of [`AdvantageActorCritic`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AdvantageActorCriticSpec {
    /// Learns from r + γ V(s') in the place of the return G
    pub bootstrap: bool,
    /// c_v, weight of the critic's squared error
    pub value_coefficient: f32,
}

impl Default for AdvantageActorCriticSpec {
    fn default() -> Self {
        Self { bootstrap: false, value_coefficient: 0.5 }
    }
}

/// Policy gradient with the critic's advantage; greedy on the logits, explores by sampling π.
///
/// # Deviations
/// - T names actor-critic learning without writing it out. Actor and critic are two heads of one
///   policy, as in Mnih et al. 2016, and not two perceptrons.
#[derive(Module, Debug)]
pub struct AdvantageActorCritic {
    /// Logits and V(s)
    pub policy: Policy,
    actions: usize,
    #[module(skip)]
    spec: AdvantageActorCriticSpec,
}

impl AdvantageActorCritic {
    /// Logits and V start at zero for tables: a uniform policy.
    pub fn new(shape: &PolicyShape, spec: AdvantageActorCriticSpec, init: &Init) -> Self {
        let policy = Policy::new(shape, shape.actions + 1, init);
        Self { policy, actions: shape.actions, spec }
    }
}

impl DecisionAlgorithm for AdvantageActorCritic {
    fn heads(&self, site: &Site) -> Heads {
        self.policy.heads(site, self.actions)
    }

    fn choose(&self, heads: &Heads, site: &Site, mode: Mode, noise: &Noise) -> Choice {
        let logits = heads.action.clone().detach();
        match mode {
            Mode::Train { .. } => choose::sample(logits, &super::stream(site), noise),
            Mode::Greedy => choose::greedy(logits),
        }
    }

    /// −log π(a|s) (G − V(s)) + c_v (V(s) − G)², V constant in the first; with `bootstrap`
    /// r + γ V(s'), constant, stands for G.
    fn loss(&self, now: &Heads, next: Option<&Heads>, seen: &Seen) -> Option<Tensor<1>> {
        let log_pi =
            super::pick(activation::log_softmax(now.action.clone(), 1), &seen.choice.action);
        let value = now.critic.clone()?;
        let target = match self.spec.bootstrap {
            true => super::bootstrapped(seen, next.and_then(|next| next.critic.clone())),
            false => seen.returns.clone(),
        };
        let advantage = target.clone() - value.clone().detach();
        let critic = (value - target).square() * self.spec.value_coefficient;
        Some(-log_pi * advantage + critic)
    }

    fn policy(&self, heads: &Heads) -> Option<Tensor<2>> {
        Some(activation::softmax(heads.action.clone(), 1))
    }
}

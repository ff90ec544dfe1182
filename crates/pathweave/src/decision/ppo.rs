//! Proximal policy optimization (Schulman et al. 2017, equation 7; used for routing by Chang et
//! al. 2019, T 2.7 and 3.1.3.3).

use burn::module::Module;
use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

use super::{DecisionAlgorithm, choose};
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::{Policy, PolicyShape};
use crate::trajectory::{Choice, Heads, Mode, Seen, Site};

/// Settings of [`Ppo`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PpoSpec {
    /// k, updates of the router from the decisions of one batch
    pub epochs: u32,
    /// ϵ of the clipped ratio: beyond 1 ± ϵ an update gains nothing
    pub clip: f32,
    /// Weight of (V − G)²
    pub value_coefficient: f32,
}

impl Default for PpoSpec {
    fn default() -> Self {
        Self { epochs: 4, clip: 0.2, value_coefficient: 0.5 }
    }
}

/// Clipped policy gradient over k epochs of the same decisions; greedy on the logits, explores by
/// sampling π.
///
/// # Deviations
/// - Neither T nor Chang et al. write PPO out; it is Schulman's clipped objective. Advantages are
///   G − V(s) of the decision's own pass: no generalised estimation, no normalisation. Each epoch
///   takes the whole batch, not parts of it.
/// - Epochs after the first train the router alone: modules, their running statistics and their
///   optimizer do not move, and the router's loss does not reach the activations it saw, even where
///   `router.gradient_to_modules` is set (its first epoch does reach them).
/// - π_old is the policy as it was when it chose, also where somebody else decided in its place.
#[derive(Module, Debug)]
pub struct Ppo {
    /// Logits and V(s)
    pub policy: Policy,
    actions: usize,
    #[module(skip)]
    spec: PpoSpec,
}

impl Ppo {
    /// Logits and V start at zero for tables: a uniform policy.
    pub fn new(shape: &PolicyShape, spec: PpoSpec, init: &Init) -> Self {
        let policy = Policy::new(shape, shape.actions + 1, init);
        Self { policy, actions: shape.actions, spec }
    }
}

impl DecisionAlgorithm for Ppo {
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

    /// The first epoch, where π is π_old still and the ratio is 1.
    fn loss(&self, now: &Heads, _next: Option<&Heads>, seen: &Seen) -> Option<Tensor<1>> {
        self.again(now, now, seen)
    }

    fn epochs(&self) -> u32 {
        self.spec.epochs
    }

    /// −min(ρ Â, clip(ρ, 1 − ϵ, 1 + ϵ) Â) + c (V − G)², ρ = π(a|s) / π_old(a|s) and
    /// Â = G − V_old(s), π_old and V_old constant.
    fn again(&self, now: &Heads, then: &Heads, seen: &Seen) -> Option<Tensor<1>> {
        let log_pi = |heads: &Heads| {
            super::pick(activation::log_softmax(heads.action.clone(), 1), &seen.choice.action)
        };
        let (value, old_value) = (now.critic.clone()?, then.critic.clone()?.detach());
        let ratio = (log_pi(now) - log_pi(then).detach()).exp();
        let advantage = seen.returns.clone() - old_value;
        let (low, high) = (1.0 - self.spec.clip, 1.0 + self.spec.clip);
        let clipped = ratio.clone().clamp(low, high) * advantage.clone();
        let surrogate = (ratio * advantage).min_pair(clipped);
        let critic = (value - seen.returns.clone()).square() * self.spec.value_coefficient;
        Some(critic - surrogate)
    }

    fn policy(&self, heads: &Heads) -> Option<Tensor<2>> {
        Some(activation::softmax(heads.action.clone(), 1))
    }
}

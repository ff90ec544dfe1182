//! REINFORCE (T 3.1.3.2, equations 3.6 to 3.12) with its baselines.

use burn::module::{Module, Param};
use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

use super::{DecisionAlgorithm, choose};
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::{Policy, PolicyShape};
use crate::trajectory::{Choice, Heads, Mode, Seen, Site};

/// What is subtracted from the return.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// Nothing
    None,
    /// Running mean of returns: b ← (1 − α) b + α G (T figure 3.2)
    #[default]
    RunningMean,
    /// A state value V(s) learned beside the policy
    Value,
}

/// Settings of [`Reinforce`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReinforceSpec {
    /// Baseline
    pub baseline: Baseline,
    /// α of the running mean, in (0, 1]
    pub alpha: f32,
    /// Weight of (V − G)² where the baseline is a learned value
    pub value_coefficient: f32,
}

impl Default for ReinforceSpec {
    fn default() -> Self {
        Self { baseline: Baseline::default(), alpha: 0.1, value_coefficient: 0.5 }
    }
}

/// Policy gradient on sampled actions; greedy on the logits.
#[derive(Module, Debug)]
pub struct Reinforce {
    /// Logits, and V(s) where the baseline is a value
    pub policy: Policy,
    /// Running mean of returns. \[1\]
    pub mean_return: Param<Tensor<1>>,
    actions: usize,
    #[module(skip)]
    spec: ReinforceSpec,
}

impl Reinforce {
    /// Logits start at zero for tables: a uniform policy.
    pub fn new(shape: &PolicyShape, spec: ReinforceSpec, init: &Init) -> Self {
        let critic = usize::from(spec.baseline == Baseline::Value);
        Self {
            policy: Policy::new(shape, shape.actions + critic, init),
            mean_return: init.state([1], 0.0),
            actions: shape.actions,
            spec,
        }
    }
}

impl DecisionAlgorithm for Reinforce {
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

    /// −log π(a|s) · (G − b), b constant; plus c · (V − G)² where b = V is learned.
    fn loss(&self, now: &Heads, _next: Option<&Heads>, seen: &Seen) -> Option<Tensor<1>> {
        let log_pi =
            super::pick(activation::log_softmax(now.action.clone(), 1), &seen.choice.action);
        let returns = seen.returns.clone();
        let (advantage, value_loss) = match (self.spec.baseline, &now.critic) {
            (Baseline::Value, Some(v)) => {
                let loss = (v.clone() - returns.clone()).square() * self.spec.value_coefficient;
                (returns - v.clone().detach(), Some(loss))
            }
            (Baseline::RunningMean, _) => (returns - self.mean_return.val().detach(), None),
            _ => (returns, None),
        };
        let loss = -log_pi * advantage;
        Some(match value_loss {
            Some(value_loss) => loss + value_loss,
            None => loss,
        })
    }

    /// Moves the running mean by one step of α towards the batch's mean return.
    fn observe(&mut self, _site: &Site, seen: &Seen) {
        if self.spec.baseline != Baseline::RunningMean {
            return;
        }
        let count = seen.alive.clone().sum();
        // Without a living row the mean stays: 0/1 is added with weight 0.
        let weight = count.clone().clamp(0.0, 1.0) * self.spec.alpha;
        let mean = (seen.returns.clone() * seen.alive.clone()).sum() / count.clamp_min(1.0);
        self.mean_return = self.mean_return.clone().map(|old| {
            let kept = (-weight.clone() + 1.0) * old;
            kept + weight * mean
        });
    }

    fn policy(&self, heads: &Heads) -> Option<Tensor<2>> {
        Some(activation::softmax(heads.action.clone(), 1))
    }
}

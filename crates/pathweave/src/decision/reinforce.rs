//! REINFORCE (T 3.1.3.2, equations 3.6 to 3.12) with its baselines.

use burn::module::{Module, Param};
use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

use super::baseline::{Baseline, with_value};
use super::{DecisionAlgorithm, choose};
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::{Policy, PolicyShape};
use crate::trajectory::{Choice, Heads, Mode, Seen, Site};

/// Settings of [`Reinforce`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
        Self {
            policy: Policy::new(shape, shape.actions + spec.baseline.columns(), init),
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
        let (advantage, value_loss) = self.spec.baseline.advantage(now, seen, &self.mean_return);
        Some(with_value(-log_pi * advantage, value_loss, self.spec.value_coefficient))
    }

    /// Moves the running mean by one step of α towards the batch's mean return.
    fn observe(&mut self, _site: &Site, seen: &Seen) {
        let mean = self.mean_return.clone();
        self.mean_return = self.spec.baseline.moved(mean, self.spec.alpha, seen);
    }

    fn policy(&self, heads: &Heads) -> Option<Tensor<2>> {
        Some(activation::softmax(heads.action.clone(), 1))
    }
}

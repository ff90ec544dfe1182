//! ε-greedy REINFORCE (T 7.1.6, equation 7.3).

use burn::module::{Module, Param};
use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

use super::baseline::{Baseline, with_value};
use super::{DecisionAlgorithm, choose};
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::{Policy, PolicyShape};
use crate::trajectory::{Choice, Heads, Mode, Seen, Site};

/// Settings of [`EpsilonReinforce`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct EpsilonReinforceSpec {
    /// Baseline
    pub baseline: Baseline,
    /// α of the running mean, in (0, 1]
    pub alpha: f32,
    /// Weight of (V − G)² where the baseline is a learned value
    pub value_coefficient: f32,
}

impl Default for EpsilonReinforceSpec {
    fn default() -> Self {
        Self { baseline: Baseline::default(), alpha: 0.1, value_coefficient: 0.5 }
    }
}

/// Policy gradient of π on actions drawn from π^ε, corrected by importance weights; greedy on the
/// logits. ε is the exploration rate.
#[derive(Module, Debug)]
pub struct EpsilonReinforce {
    /// Logits, and V(s) where the baseline is a value
    pub policy: Policy,
    /// Running mean of returns. \[1\]
    pub mean_return: Param<Tensor<1>>,
    actions: usize,
    #[module(skip)]
    spec: EpsilonReinforceSpec,
}

impl EpsilonReinforce {
    /// Logits start at zero for tables: a uniform policy.
    pub fn new(shape: &PolicyShape, spec: EpsilonReinforceSpec, init: &Init) -> Self {
        Self {
            policy: Policy::new(shape, shape.actions + spec.baseline.columns(), init),
            mean_return: init.state([1], 0.0),
            actions: shape.actions,
            spec,
        }
    }
}

impl DecisionAlgorithm for EpsilonReinforce {
    fn heads(&self, site: &Site) -> Heads {
        self.policy.heads(site, self.actions)
    }

    fn choose(&self, heads: &Heads, site: &Site, mode: Mode, noise: &Noise) -> Choice {
        let logits = heads.action.clone().detach();
        match mode {
            Mode::Train { exploration } => {
                choose::epsilon_sample(logits, exploration, &super::stream(site), noise)
            }
            Mode::Greedy => choose::greedy(logits),
        }
    }

    /// −log π(a|s) · (G − b) · π(a|s) / π^ε(a|s), weight and b constant; plus c · (V − G)² where
    /// b = V is learned.
    ///
    /// # Deviations
    /// - T 7.1.6 weighs "the magnitude of the gradient updates" and is silent on baselines: the
    ///   running mean and V are not weighted, so both follow the returns of π^ε. A baseline may be
    ///   any function of the state.
    /// - The weight is that of the decision alone, not a product over the trajectory.
    fn loss(&self, now: &Heads, _next: Option<&Heads>, seen: &Seen) -> Option<Tensor<1>> {
        let log_pi =
            super::pick(activation::log_softmax(now.action.clone(), 1), &seen.choice.action);
        let weight = log_pi.clone().detach().exp() / seen.choice.probability.clone();
        let (advantage, value_loss) = self.spec.baseline.advantage(now, seen, &self.mean_return);
        let loss = -log_pi * advantage * weight;
        Some(with_value(loss, value_loss, self.spec.value_coefficient))
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

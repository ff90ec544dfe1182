//! RELAX (Grathwohl et al. 2018; T 3.2, 7.1.2).

use burn::module::{Module, Param};
use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

use super::relaxed::{self, Pair, soft_value};
use super::{DecisionAlgorithm, choose};
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::{Policy, PolicyShape, part};
use crate::trajectory::{Choice, Heads, Mode, Seen, Site};

/// Settings of [`Relax`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RelaxSpec {
    /// τ of the relaxation; where it starts, if it is learned
    pub temperature: f32,
    /// Whether τ is trained with the control variate
    pub learn_temperature: bool,
    /// Weight of the control variate's loss, the estimate's square
    pub value_coefficient: f32,
    /// Weight of the policy's entropy
    pub entropy_coefficient: f32,
}

impl Default for RelaxSpec {
    fn default() -> Self {
        Self {
            temperature: 0.5,
            learn_temperature: false,
            value_coefficient: 0.5,
            entropy_coefficient: 0.01,
        }
    }
}

impl RelaxSpec {
    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<(&'static str, String, &'static str)> {
        let weights = [
            ("value_coefficient", self.value_coefficient),
            ("entropy_coefficient", self.entropy_coefficient),
        ];
        relaxed::faults(self.temperature, &weights)
    }
}

/// Policy gradient with a control variate that is trained to lower the variance; greedy on the
/// logits. The heads are logits ⧺ Q(s,·): [R, 2A].
///
/// # Deviations
/// - Grathwohl et al. model the control variate by any network on z; T gives no shape. Here it is
///   c(z) = Σ_a softmax(z/τ)_a Q(s,a), with Q beside the logits in the policy.
/// - The control variate goes down the square of each row's estimate by that row's logits, not of
///   the whole parameter gradient, which would need a backward pass a row. For a table it is the
///   same but for rows of one agent in one batch, which are taken as independent.
/// - "Value coefficient 0.5" (T 7.1.2) is taken as the weight of the control variate's loss; the
///   published method has no such weight.
/// - τ is a setting, as in T 7.1.2; `learn_temperature` trains log τ as Grathwohl et al. do.
/// - A decision that somebody else made (replay, intervention) has no noise to be relaxed with: it
///   is trained as in REINFORCE, and the control variate is not.
#[derive(Module, Debug)]
pub struct Relax {
    /// Logits and action values
    pub policy: Policy,
    /// log τ. \[1\]
    pub log_temperature: Param<Tensor<1>>,
    actions: usize,
    #[module(skip)]
    spec: RelaxSpec,
}

impl Relax {
    /// Logits start at zero for tables: a uniform policy.
    pub fn new(shape: &PolicyShape, spec: RelaxSpec, init: &Init) -> Self {
        let log = spec.temperature.ln();
        let log_temperature =
            if spec.learn_temperature { init.full([1], log) } else { init.state([1], log) };
        let policy = Policy::new(shape, 2 * shape.actions, init);
        Self { policy, log_temperature, actions: shape.actions, spec }
    }

    /// ∂ of the expected return by each logit, as RELAX estimates it:
    /// ĝ = (G − c(z̃)) ∇ log π_b + ∇c(z) − ∇c(z̃), written out, since a derivative of it is wanted:
    /// by log π_i, ∇c is h_i = w_i (Q_i − c)/τ · ∂z_i/∂ log π_i; by logit i, h_i − π_i Σ_j h_j.
    /// `log_pi` constant; differentiable in `values` and `temperature`.
    /// [R, A], [R, A], [1, 1], \[R\] → [R, A]
    fn estimate(
        log_pi: &Tensor<2>,
        pair: Pair,
        values: &Tensor<2>,
        temperature: &Tensor<2>,
        returns: Tensor<1>,
    ) -> Tensor<2> {
        let soft = |z: Tensor<2>| {
            let weights = activation::softmax(z / temperature.clone(), 1);
            let value = soft_value(&weights, values);
            (weights * (values.clone() - value.clone()) / temperature.clone(), value)
        };
        let (free, _) = soft(pair.z);
        let (conditional, value) = soft(pair.conditional);
        let h = free - conditional * pair.slope;
        let pi = log_pi.clone().exp();
        let score = pair.chosen - pi.clone();
        (returns.unsqueeze_dim::<2>(1) - value) * score + h.clone() - pi * h.sum_dim(1)
    }
}

impl DecisionAlgorithm for Relax {
    fn heads(&self, site: &Site) -> Heads {
        Heads { action: self.policy.forward(site), critic: None }
    }

    fn choose(&self, heads: &Heads, site: &Site, mode: Mode, noise: &Noise) -> Choice {
        let logits = part(&heads.action, 0, self.actions).detach();
        match mode {
            Mode::Train { .. } => choose::sample_relaxed(logits, &super::stream(site), noise),
            Mode::Greedy => choose::greedy(logits),
        }
    }

    /// −[(G − c(z̃)) log π(a|s) + c(z) − c(z̃)] − c_e H(π), first bracket, Q and τ constant: by the
    /// logits its gradient is −ĝ. Plus c_v Σ_i ĝ_i², logits constant: by Q and τ its gradient is
    /// that of the estimate's variance, from one draw.
    fn loss(&self, now: &Heads, _next: Option<&Heads>, seen: &Seen) -> Option<Tensor<1>> {
        let (spec, actions) = (&self.spec, self.actions);
        let log_pi = activation::log_softmax(part(&now.action, 0, actions), 1);
        let log_chosen = super::pick(log_pi.clone(), &seen.choice.action);
        let returns = seen.returns.clone();
        let bonus = relaxed::entropy(&log_pi) * spec.entropy_coefficient;
        let Some(uniform) = &seen.choice.relaxed else {
            return Some(-(returns * log_chosen) - bonus);
        };
        let values = part(&now.action, actions, actions);
        let temperature = self.log_temperature.val().exp().unsqueeze::<2>();
        let pair = Pair::new(&log_pi, &seen.choice, uniform);
        let soft = |z: Tensor<2>| {
            let weights = activation::softmax(z / temperature.clone().detach(), 1);
            soft_value(&weights, &values.clone().detach()).squeeze_dim::<1>(1)
        };
        let (free, conditional) = (soft(pair.z), soft(pair.conditional));
        let left = returns.clone() - conditional.clone().detach();
        let gain = left * log_chosen + free - conditional;

        let log_pi = log_pi.detach();
        let pair = Pair::new(&log_pi, &seen.choice, uniform);
        let estimate = Self::estimate(&log_pi, pair, &values, &temperature, returns);
        let variance = estimate.square().sum_dim(1).squeeze_dim::<1>(1);
        Some(variance * spec.value_coefficient - gain - bonus)
    }

    fn policy(&self, heads: &Heads) -> Option<Tensor<2>> {
        Some(activation::softmax(part(&heads.action, 0, self.actions), 1))
    }
}

//! REBAR (Tucker et al. 2017; T 3.2).

use burn::module::Module;
use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

use super::relaxed::{self, Pair, soft_value};
use super::{DecisionAlgorithm, choose};
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::{Policy, PolicyShape, part};
use crate::trajectory::{Choice, Heads, Mode, Seen, Site};

/// Settings of [`Rebar`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RebarSpec {
    /// τ of the relaxation
    pub temperature: f32,
    /// η, weight of the control variate; 0 is REINFORCE
    pub scale: f32,
    /// Weight of (Q(s,a) − G)²
    pub value_coefficient: f32,
    /// Weight of the policy's entropy
    pub entropy_coefficient: f32,
}

impl Default for RebarSpec {
    fn default() -> Self {
        Self { temperature: 0.5, scale: 1.0, value_coefficient: 0.5, entropy_coefficient: 0.01 }
    }
}

impl RebarSpec {
    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<(&'static str, String, &'static str)> {
        let weights = [
            ("scale", self.scale),
            ("value_coefficient", self.value_coefficient),
            ("entropy_coefficient", self.entropy_coefficient),
        ];
        relaxed::faults(self.temperature, &weights)
    }
}

/// Policy gradient with a control variate of relaxed actions; greedy on the logits. The heads are
/// logits ⧺ Q(s,·): [R, 2A].
///
/// # Deviations
/// - REBAR's control variate is the objective itself at the relaxed action. In routing the return G
///   of the chosen action alone is known, so that the control variate is
///   c(z) = Σ_a softmax(z/τ)_a Q(s,a), with Q regressed on G. The estimate of the gradient is
///   unbiased whatever Q is.
/// - Tucker et al. train η and τ to lower the variance; both are settings here. T names τ, the
///   value coefficient and the entropy coefficient for RELAX alone; REBAR takes the same.
/// - A decision that somebody else made (replay, intervention) has no noise to be relaxed with: it
///   is trained as in REINFORCE.
#[derive(Module, Debug)]
pub struct Rebar {
    /// Logits and action values
    pub policy: Policy,
    actions: usize,
    #[module(skip)]
    spec: RebarSpec,
}

impl Rebar {
    /// Logits start at zero for tables: a uniform policy.
    pub fn new(shape: &PolicyShape, spec: RebarSpec, init: &Init) -> Self {
        let policy = Policy::new(shape, 2 * shape.actions, init);
        Self { policy, actions: shape.actions, spec }
    }
}

impl DecisionAlgorithm for Rebar {
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

    /// −[(G − η c(z̃)) log π(a|s) + η c(z) − η c(z̃)] + c_v (Q(s,a) − G)² − c_e H(π), the first
    /// bracket constant and Q constant outside of its own square: the gradient by the logits is
    /// minus the estimator of Tucker et al.
    fn loss(&self, now: &Heads, _next: Option<&Heads>, seen: &Seen) -> Option<Tensor<1>> {
        let (spec, actions) = (&self.spec, self.actions);
        let log_pi = activation::log_softmax(part(&now.action, 0, actions), 1);
        let values = part(&now.action, actions, actions);
        let log_chosen = super::pick(log_pi.clone(), &seen.choice.action);
        let returns = seen.returns.clone();
        let gain = match &seen.choice.relaxed {
            None => returns.clone() * log_chosen,
            Some(uniform) => {
                let pair = Pair::new(&log_pi, &seen.choice, uniform);
                let q = values.clone().detach();
                let soft = |z: Tensor<2>| {
                    let weights = activation::softmax(z / spec.temperature, 1);
                    soft_value(&weights, &q).squeeze_dim::<1>(1) * spec.scale
                };
                let (free, conditional) = (soft(pair.z), soft(pair.conditional));
                let left = returns.clone() - conditional.clone().detach();
                left * log_chosen + free - conditional
            }
        };
        let error = super::pick(values, &seen.choice.action) - returns;
        let value_loss = error.square() * spec.value_coefficient;
        Some(value_loss - gain - relaxed::entropy(&log_pi) * spec.entropy_coefficient)
    }

    fn policy(&self, heads: &Heads) -> Option<Tensor<2>> {
        Some(activation::softmax(part(&heads.action, 0, self.actions), 1))
    }
}

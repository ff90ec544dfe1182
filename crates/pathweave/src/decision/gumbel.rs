//! Straight-through Gumbel-softmax (Maddison et al. 2016, Jang et al. 2016; T 3.2, 7.1.2).

use burn::module::Module;
use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

use super::{DecisionAlgorithm, choose, relaxed};
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::{Policy, PolicyShape};
use crate::trajectory::{Choice, Gate, Heads, Mode, Seen, Site};

/// Which blocks the gradient of a decision passes through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum GumbelGate {
    /// The chosen block's alone: the others do not run, so the cost follows the batch
    #[default]
    Chosen,
    /// Every block's: the full straight-through sum, which runs all blocks on all rows
    All,
}

/// Settings of [`Gumbel`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct GumbelSpec {
    /// τ of the first epoch
    pub temperature: f32,
    /// Factor on τ an epoch; 1 keeps it
    pub anneal: f32,
    /// Least τ
    pub floor: f32,
    /// Which blocks run
    pub gate: GumbelGate,
}

impl Default for GumbelSpec {
    fn default() -> Self {
        Self { temperature: 1.0, anneal: 1.0, floor: 0.1, gate: GumbelGate::default() }
    }
}

impl GumbelSpec {
    /// τ after `epoch` epochs, fractions counting: max(temperature · annealᵉᵖᵒᶜʰ, floor).
    pub fn at(&self, epoch: f64) -> f32 {
        let annealed = f64::from(self.temperature) * f64::from(self.anneal).powf(epoch);
        (annealed as f32).max(self.floor)
    }

    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<(&'static str, String, &'static str)> {
        let (t, anneal, floor) = (self.temperature, self.anneal, self.floor);
        let rows = [
            ("temperature", t, t > 0.0 && t.is_finite(), "a number above 0"),
            ("anneal", anneal, anneal > 0.0 && anneal <= 1.0, "a number above 0, at most 1"),
            ("floor", floor, floor > 0.0 && floor <= t, "a number above 0, at most temperature"),
        ];
        let bad = rows.into_iter().filter(|(.., good, _)| !good);
        bad.map(|(key, found, _, allowed)| (key, found.to_string(), allowed)).collect()
    }
}

/// Takes b = argmax z, z = logits + Gumbel noise, and multiplies the block's output with a gate that
/// equals the hard choice and has the gradient of y = softmax(z/τ): trained by the module loss
/// alone. Greedy on the logits.
///
/// # Deviations
/// - T 7.1.2 names the temperature 1 and not the gate. By default the chosen block alone runs and
///   its gate is 1 + y_b − y_b, the second y_b constant: the other blocks' part of the gradient is
///   left out, which adds bias to that of the relaxation and keeps the cost of hard routing.
///   `gate = "all"` is the full straight-through estimator.
/// - The temperature has a schedule of its own; T gives it none.
/// - A decision that somebody else makes (replay, intervention) has no gate and trains no router.
#[derive(Module, Debug)]
pub struct Gumbel {
    /// Logits
    pub policy: Policy,
    actions: usize,
    #[module(skip)]
    temperature: f32,
    #[module(skip)]
    spec: GumbelSpec,
}

impl Gumbel {
    /// Logits start at zero for tables: a uniform policy.
    pub fn new(shape: &PolicyShape, spec: GumbelSpec, init: &Init) -> Self {
        Self {
            policy: Policy::new(shape, shape.actions, init),
            actions: shape.actions,
            temperature: spec.at(0.0),
            spec,
        }
    }
}

impl DecisionAlgorithm for Gumbel {
    fn heads(&self, site: &Site) -> Heads {
        self.policy.heads(site, self.actions)
    }

    fn choose(&self, heads: &Heads, site: &Site, mode: Mode, noise: &Noise) -> Choice {
        let logits = heads.action.clone();
        if mode == Mode::Greedy {
            return choose::greedy(logits.detach());
        }
        let choice = choose::sample_relaxed(logits.clone().detach(), &super::stream(site), noise);
        let uniform = relaxed::inside(&choice.relaxed.as_ref().expect("a relaxed draw").uniform);
        let z = logits - (-uniform.log()).log();
        let soft = activation::softmax(z / self.temperature, 1);
        let gate = match self.spec.gate {
            GumbelGate::Chosen => {
                let soft = super::pick(soft, &choice.action);
                Gate::Chosen(soft.clone() - soft.detach() + 1.0)
            }
            GumbelGate::All => {
                let hard = relaxed::one_hot(&choice, self.actions);
                Gate::All(soft.clone() - soft.detach() + hard)
            }
        };
        Choice { gate: Some(gate), relaxed: None, ..choice }
    }

    /// None: the gradient comes through the gate.
    fn loss(&self, _now: &Heads, _next: Option<&Heads>, _seen: &Seen) -> Option<Tensor<1>> {
        None
    }

    fn at_epoch(&mut self, epoch: f64) {
        self.temperature = self.spec.at(epoch);
    }

    fn policy(&self, heads: &Heads) -> Option<Tensor<2>> {
        Some(activation::softmax(heads.action.clone(), 1))
    }
}

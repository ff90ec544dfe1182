//! Weighted policy learner, approximated (T 7.1.1, algorithm 7.1).

use burn::module::Module;
use burn::tensor::{Int, Tensor, activation};

use super::wpl::{WplSpec, project, scaled};
use super::{DecisionAlgorithm, choose};
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::{Policy, PolicyShape};
use crate::trajectory::{Choice, Heads, Mode, Seen, Site};

/// A perceptron of action probabilities that is drawn to projected targets, and a critic R̂(s).
///
/// # Deviations
/// - T algorithm 7.1 maps "states to action distributions" and leaves open how: π is the softmax of
///   a perceptron's logits.
/// - Algorithm 7.1 has no step λ_π in its target, unlike algorithm 5.1: `router.wpl.rate` is void
///   here and the router's learning rate sets the pace.
/// - MSE(π(s), target) is the mean over the actions of the squared differences, as the name says;
///   the text does not tell a mean from a sum.
/// - Critic and actor are two perceptrons that share nothing: T has "another neural network" for
///   the policy.
#[derive(Module, Debug)]
pub struct WplApproximated {
    /// Logits of π(· | s)
    pub actor: Policy,
    /// R̂(s)
    pub critic: Policy,
    actions: usize,
    #[module(skip)]
    spec: WplSpec,
}

impl WplApproximated {
    /// π starts nearly uniform for perceptrons.
    pub fn new(shape: &PolicyShape, spec: WplSpec, init: &Init) -> Self {
        Self {
            actor: Policy::new(shape, shape.actions, &init.at("actor")),
            critic: Policy::new(shape, 1, &init.at("critic")),
            actions: shape.actions,
            spec,
        }
    }
}

impl DecisionAlgorithm for WplApproximated {
    fn heads(&self, site: &Site) -> Heads {
        let Heads { action: logits, .. } = self.actor.heads(site, self.actions);
        let mean_return = self.critic.forward(site).squeeze_dim(1);
        Heads { action: activation::softmax(logits, 1), critic: Some(mean_return) }
    }

    fn choose(&self, heads: &Heads, site: &Site, mode: Mode, noise: &Noise) -> Choice {
        let probabilities = heads.action.clone().detach();
        match mode {
            Mode::Train { .. } => choose::sample(probabilities.log(), &super::stream(site), noise),
            Mode::Greedy => choose::greedy(probabilities),
        }
    }

    /// (R̂(s) − G)² + mean over actions of (π(s) − target)², target = projection(π + 1(a) Δ)
    /// constant, Δ = G − R̂(s), scaled.
    fn loss(&self, now: &Heads, _next: Option<&Heads>, seen: &Seen) -> Option<Tensor<1>> {
        let mean_return = now.critic.clone()?;
        let pi = now.action.clone().detach();
        let delta = seen.returns.clone() - mean_return.clone().detach();
        let chosen = super::pick(pi.clone(), &seen.choice.action);
        let delta = scaled(delta, chosen, self.spec.weighting).unsqueeze_dim::<2>(1);
        let columns = Tensor::<1, Int>::arange(0..self.actions as i64, &pi.device());
        let action = seen.choice.action.clone().unsqueeze_dim::<2>(1);
        let here = columns.unsqueeze::<2>().equal(action).float();
        let target = project(pi + here * delta);
        let actor = (now.action.clone() - target).square().mean_dim(1).squeeze_dim(1);
        Some((mean_return - seen.returns.clone()).square() + actor)
    }

    fn policy(&self, heads: &Heads) -> Option<Tensor<2>> {
        Some(heads.action.clone())
    }
}

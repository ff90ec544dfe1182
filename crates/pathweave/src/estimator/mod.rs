//! Estimators of ∇J(θ) from one draw, in host numbers (T 3.2, figure 3.2): one a file, the same
//! sections in the same order.
//!
//! J(θ) = Σ_a π_a r_a, π = softmax(θ), r known: the gradient can be written down, so that every
//! estimator's error is measured, not guessed. The same formulas train routers in
//! [`crate::decision`], where r is a return and known for the chosen action only.

mod draw;
mod gumbel;
mod rebar;
mod reinforce;
mod reinforce_baseline;
mod relax;
mod study;
mod surrogate;

pub use draw::Draw;
pub use gumbel::Gumbel;
pub use rebar::Rebar;
pub use reinforce::Reinforce;
pub use reinforce_baseline::ReinforceBaseline;
pub use relax::Relax;
pub use study::{Spread, Study};

/// A policy over A actions and what each action is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// log π. \[A\]
    pub log_policy: Vec<f64>,
    /// π. \[A\]
    pub policy: Vec<f64>,
    /// r. \[A\]
    pub rewards: Vec<f64>,
}

impl Problem {
    /// π = softmax(`logits`). \[A\], \[A\]
    ///
    /// # Panics
    /// Without an action, or where the lengths differ.
    pub fn new(logits: &[f64], rewards: &[f64]) -> Self {
        assert!(!logits.is_empty() && logits.len() == rewards.len(), "a reward for each action");
        let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let total = logits.iter().map(|z| (z - most).exp()).sum::<f64>().ln() + most;
        let log_policy: Vec<f64> = logits.iter().map(|z| z - total).collect();
        let policy = log_policy.iter().map(|log| log.exp()).collect();
        Self { log_policy, policy, rewards: rewards.to_vec() }
    }

    /// A
    pub fn actions(&self) -> usize {
        self.policy.len()
    }

    /// J = Σ_a π_a r_a
    pub fn value(&self) -> f64 {
        self.policy.iter().zip(&self.rewards).map(|(p, r)| p * r).sum()
    }

    /// ∂J/∂θ_i = π_i (r_i − J), by enumeration of all actions. \[A\]
    pub fn gradient(&self) -> Vec<f64> {
        let value = self.value();
        self.policy.iter().zip(&self.rewards).map(|(p, r)| p * (r - value)).collect()
    }
}

/// A way to estimate the gradient from one draw.
pub trait Estimator {
    /// The estimate of ∂J/∂θ from a draw, into `out`. \[A\] What the estimator learns from the draw
    /// shows in the next estimate only, so that learning does not bias it.
    fn estimate(&mut self, problem: &Problem, draw: &Draw, out: &mut [f64]);
}

/// Settings of the estimators.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// τ of all relaxations, above 0
    pub temperature: f64,
    /// α of the running mean of rewards, in (0, 1]
    pub alpha: f64,
    /// η, weight of REBAR's control variate
    pub scale: f64,
    /// Step of RELAX's surrogate
    pub rate: f64,
}

impl Default for Settings {
    /// T figure 3.2.
    ///
    /// # Deviations
    /// - T figure 3.2 names τ = 0.5 and α = 0.1 and leaves open how the control variates are set:
    ///   REBAR's η is 1 and fixed; RELAX's surrogate moves by 0.1 of its gradient a draw.
    fn default() -> Self {
        Self { temperature: 0.5, alpha: 0.1, scale: 1.0, rate: 0.1 }
    }
}

/// Names of the estimators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EstimatorKind {
    /// [`Reinforce`]
    Reinforce,
    /// [`ReinforceBaseline`]
    ReinforceBaseline,
    /// [`Gumbel`]
    Gumbel,
    /// [`Rebar`]
    Rebar,
    /// [`Relax`]
    Relax,
}

impl EstimatorKind {
    /// Every estimator with its name, in the order of figure 3.2's legend.
    pub const ALL: &'static [(Self, &'static str)] = &[
        (Self::Reinforce, "REINFORCE"),
        (Self::ReinforceBaseline, "REINFORCE with baseline"),
        (Self::Gumbel, "Gumbel"),
        (Self::Rebar, "REBAR"),
        (Self::Relax, "RELAX"),
    ];

    /// An estimator that has seen nothing, for `actions` actions.
    pub fn build(self, actions: usize, settings: &Settings) -> Box<dyn Estimator> {
        let Settings { temperature, alpha, scale, rate } = *settings;
        match self {
            Self::Reinforce => Box::new(Reinforce),
            Self::ReinforceBaseline => Box::new(ReinforceBaseline::new(alpha)),
            Self::Gumbel => Box::new(Gumbel::new(actions, temperature)),
            Self::Rebar => Box::new(Rebar::new(actions, temperature, scale)),
            Self::Relax => Box::new(Relax::new(actions, temperature, rate)),
        }
    }
}

/// Adds `factor` · ∂ log π_a / ∂θ = `factor` · (1(i = a) − π_i). \[A\]
fn add_score(problem: &Problem, action: usize, factor: f64, out: &mut [f64]) {
    for (out, p) in out.iter_mut().zip(&problem.policy) {
        *out -= factor * p;
    }
    out[action] += factor;
}

#[cfg(test)]
mod tests;

//! REBAR (Tucker et al. 2017; T 3.2).

use super::surrogate::Surrogate;
use super::{Draw, Estimator, Problem, add_score};

/// ĝ = (r_b − η c(z̃)) ∇ log π_b + η ∇c(z) − η ∇c(z̃), c(z) = Σ_a softmax(z/τ)_a r_a. Unbiased for
/// every η and τ, since E[c(z̃) ∇ log π_b + ∇c(z̃)] = E[∇c(z)].
///
/// # Deviations
/// - Tucker et al. train η and τ to lower the variance; T figure 3.2 names τ = 0.5 and no η: both
///   are fixed here.
#[derive(Clone, Debug)]
pub struct Rebar {
    relaxed: Surrogate,
    conditional: Surrogate,
    scale: f64,
}

impl Rebar {
    /// At temperature τ, weight η.
    pub fn new(actions: usize, temperature: f64, scale: f64) -> Self {
        let surrogate = Surrogate::new(actions, temperature);
        Self { relaxed: surrogate.clone(), conditional: surrogate, scale }
    }
}

impl Estimator for Rebar {
    fn estimate(&mut self, problem: &Problem, draw: &Draw, out: &mut [f64]) {
        let (eta, rewards) = (self.scale, &problem.rewards);
        out.fill(0.0);
        self.relaxed.at(&draw.z, None);
        self.conditional.at(&draw.conditional, Some(&draw.slope));
        let left = rewards[draw.action] - eta * self.conditional.value(rewards);
        add_score(problem, draw.action, left, out);
        self.relaxed.add_gradient(problem, rewards, eta, out);
        self.conditional.add_gradient(problem, rewards, -eta, out);
    }
}

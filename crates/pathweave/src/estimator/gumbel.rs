//! The Gumbel-softmax (Maddison et al. 2016, Jang et al. 2016; T 3.2).

use super::surrogate::Surrogate;
use super::{Draw, Estimator, Problem};

/// ĝ = ∇ Σ_a softmax(z/τ)_a r_a. Biased: it differentiates another function than J. A reward that
/// is linear in the one-hot action, as here, makes the straight-through variant the same.
#[derive(Clone, Debug)]
pub struct Gumbel {
    surrogate: Surrogate,
}

impl Gumbel {
    /// At temperature τ.
    pub fn new(actions: usize, temperature: f64) -> Self {
        Self { surrogate: Surrogate::new(actions, temperature) }
    }
}

impl Estimator for Gumbel {
    fn estimate(&mut self, problem: &Problem, draw: &Draw, out: &mut [f64]) {
        out.fill(0.0);
        self.surrogate.at(&draw.z, None);
        self.surrogate.add_gradient(problem, &problem.rewards, 1.0, out);
    }
}

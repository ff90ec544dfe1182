//! RELAX (Grathwohl et al. 2018; T 3.2).

use super::surrogate::Surrogate;
use super::{Draw, Estimator, Problem, add_score};

/// ĝ = (r_b − c_φ(z̃)) ∇ log π_b + ∇c_φ(z) − ∇c_φ(z̃). Unbiased for every φ. Then φ goes down the
/// variance's gradient by one draw: ∂ Σ_i ĝ_i² / ∂φ = 2 Σ_i ĝ_i ∂ĝ_i/∂φ, whose expectation is that
/// of the variance because the mean of ĝ does not depend on φ.
///
/// # Deviations
/// - Grathwohl et al. model c_φ by a network on z, whose shape T 3.2 does not give. Here
///   c_φ(z) = Σ_a softmax(z/τ)_a φ_a: as rich as J itself, since the reward is linear in the
///   one-hot action. φ starts at 0: REINFORCE without a baseline.
#[derive(Clone, Debug)]
pub struct Relax {
    /// φ. \[A\]
    pub values: Vec<f64>,
    relaxed: Surrogate,
    conditional: Surrogate,
    slope: Vec<f64>,
    rate: f64,
}

impl Relax {
    /// At temperature τ; φ moves by `rate` of its gradient.
    pub fn new(actions: usize, temperature: f64, rate: f64) -> Self {
        let surrogate = Surrogate::new(actions, temperature);
        let zeros = || vec![0.0; actions];
        Self {
            values: zeros(),
            relaxed: surrogate.clone(),
            conditional: surrogate,
            slope: zeros(),
            rate,
        }
    }

    /// ½ ∂ Σ_i ĝ_i² / ∂φ at the last draw, `estimate` being its ĝ.
    fn differentiate(&mut self, problem: &Problem, action: usize, estimate: &[f64]) {
        let inner: f64 = problem.policy.iter().zip(estimate).map(|(p, g)| p * g).sum();
        let score = estimate[action] - inner;
        for (slope, weight) in self.slope.iter_mut().zip(self.conditional.weights()) {
            *slope = -weight * score;
        }
        self.relaxed.add_turn(problem, estimate, 1.0, &mut self.slope);
        self.conditional.add_turn(problem, estimate, -1.0, &mut self.slope);
    }
}

impl Estimator for Relax {
    fn estimate(&mut self, problem: &Problem, draw: &Draw, out: &mut [f64]) {
        out.fill(0.0);
        self.relaxed.at(&draw.z, None);
        self.conditional.at(&draw.conditional, Some(&draw.slope));
        let left = problem.rewards[draw.action] - self.conditional.value(&self.values);
        add_score(problem, draw.action, left, out);
        self.relaxed.add_gradient(problem, &self.values, 1.0, out);
        self.conditional.add_gradient(problem, &self.values, -1.0, out);
        self.differentiate(problem, draw.action, out);
        for (value, slope) in self.values.iter_mut().zip(&self.slope) {
            *value -= self.rate * 2.0 * slope;
        }
    }
}

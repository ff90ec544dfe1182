//! c(z) = Σ_a softmax(z/τ)_a q_a: a smooth stand-in for the reward of argmax z.

use super::Problem;

/// softmax(z/τ) at a relaxed action, with what its derivative by θ needs. \[A\] each
#[derive(Clone, Debug)]
pub struct Surrogate {
    weights: Vec<f64>,
    slope: Vec<f64>,
    temperature: f64,
}

impl Surrogate {
    /// Room for `actions` actions at temperature τ.
    pub fn new(actions: usize, temperature: f64) -> Self {
        Self { weights: vec![0.0; actions], slope: vec![0.0; actions], temperature }
    }

    /// Moves to z, with ∂z_i/∂ log π_i where it is not 1.
    pub fn at(&mut self, z: &[f64], slope: Option<&[f64]>) {
        let most = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for (weight, z) in self.weights.iter_mut().zip(z) {
            *weight = ((z - most) / self.temperature).exp();
        }
        let total: f64 = self.weights.iter().sum();
        self.weights.iter_mut().for_each(|weight| *weight /= total);
        match slope {
            Some(slope) => self.slope.copy_from_slice(slope),
            None => self.slope.fill(1.0),
        }
    }

    /// c
    pub fn value(&self, q: &[f64]) -> f64 {
        self.weights.iter().zip(q).map(|(w, q)| w * q).sum()
    }

    /// softmax(z/τ), which is ∂c/∂q
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Adds `factor` · ∂c/∂θ. By log π_i it is h_i = w_i (q_i − c) / τ · ∂z_i/∂ log π_i; by θ_i,
    /// h_i − π_i Σ_j h_j.
    pub fn add_gradient(&self, problem: &Problem, q: &[f64], factor: f64, out: &mut [f64]) {
        let value = self.value(q);
        let mut total = 0.0;
        for (at, out) in out.iter_mut().enumerate() {
            let h = self.weights[at] * (q[at] - value) * self.slope[at] / self.temperature;
            total += h;
            *out += factor * h;
        }
        for (out, p) in out.iter_mut().zip(&problem.policy) {
            *out -= factor * total * p;
        }
    }

    /// Adds `factor` times the derivative of the weights along a direction of θ, which is also that
    /// of ∂c/∂θ · direction by q.
    pub fn add_turn(&self, problem: &Problem, direction: &[f64], factor: f64, out: &mut [f64]) {
        let mean: f64 = problem.policy.iter().zip(direction).map(|(p, d)| p * d).sum();
        let moved = |at: usize| (direction[at] - mean) * self.slope[at];
        let pull: f64 = self.weights.iter().enumerate().map(|(at, w)| w * moved(at)).sum();
        for (at, (out, w)) in out.iter_mut().zip(&self.weights).enumerate() {
            *out += factor * w * (moved(at) - pull) / self.temperature;
        }
    }
}

//! REINFORCE with a running mean of rewards (T figure 3.2).

use super::{Draw, Estimator, Problem, add_score};

/// ĝ = (r_b − r̂) ∇ log π_b, then r̂ ← (1 − α) r̂ + α r_b. Unbiased: r̂ knows past draws only.
///
/// # Deviations
/// - T figure 3.2 names the running mean and not where it starts: at 0.
#[derive(Clone, Copy, Debug)]
pub struct ReinforceBaseline {
    alpha: f64,
    mean: f64,
}

impl ReinforceBaseline {
    /// Starts at r̂ = 0.
    pub fn new(alpha: f64) -> Self {
        Self { alpha, mean: 0.0 }
    }
}

impl Estimator for ReinforceBaseline {
    fn estimate(&mut self, problem: &Problem, draw: &Draw, out: &mut [f64]) {
        let reward = problem.rewards[draw.action];
        out.fill(0.0);
        add_score(problem, draw.action, reward - self.mean, out);
        self.mean += self.alpha * (reward - self.mean);
    }
}

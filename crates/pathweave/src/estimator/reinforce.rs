//! REINFORCE (T 3.1.3.2, equation 3.11).

use super::{Draw, Estimator, Problem, add_score};

/// ĝ = r_b ∇ log π_b. Unbiased.
#[derive(Clone, Copy, Debug)]
pub struct Reinforce;

impl Estimator for Reinforce {
    fn estimate(&mut self, problem: &Problem, draw: &Draw, out: &mut [f64]) {
        out.fill(0.0);
        add_score(problem, draw.action, problem.rewards[draw.action], out);
    }
}

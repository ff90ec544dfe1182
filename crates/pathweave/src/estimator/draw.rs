//! A draw of an action, and of the relaxed actions that belong to it.

use pathweave_data::Stream;

use super::Problem;

/// One draw: z = log π + g(u), g(u) = −ln(−ln u), the action b = argmax z, and z̃, distributed as z
/// given b (Tucker et al. 2017, appendix B):
///
/// z̃_b = −ln(−ln v_b); z̃_i = −ln(−ln v_i / π_i − ln v_b), i ≠ b.
///
/// Nothing depends on a shift of all logits, so normalised ones are taken.
#[derive(Clone, Debug)]
pub struct Draw {
    /// b
    pub action: usize,
    /// z. \[A\]
    pub z: Vec<f64>,
    /// z̃. \[A\]
    pub conditional: Vec<f64>,
    /// ∂z̃_i / ∂ log π_i, v held; that of z is 1. \[A\]
    pub slope: Vec<f64>,
}

impl Draw {
    /// Room for a draw of `actions` actions.
    pub fn new(actions: usize) -> Self {
        let zeros = || vec![0.0; actions];
        Self { action: 0, z: zeros(), conditional: zeros(), slope: zeros() }
    }

    /// Draws anew.
    pub fn redraw(&mut self, problem: &Problem, stream: &mut Stream) {
        for (z, log_p) in self.z.iter_mut().zip(&problem.log_policy) {
            *z = log_p - minus_log(stream).ln();
        }
        for exponential in &mut self.conditional {
            *exponential = minus_log(stream);
        }
        self.relax(problem);
    }

    /// The draw that follows from uniform numbers u and v in (0, 1). \[A\], \[A\]
    pub fn from_uniform(problem: &Problem, u: &[f64], v: &[f64]) -> Self {
        let mut draw = Self::new(problem.actions());
        for ((z, log_p), u) in draw.z.iter_mut().zip(&problem.log_policy).zip(u) {
            *z = log_p - (-u.ln()).ln();
        }
        for (exponential, v) in draw.conditional.iter_mut().zip(v) {
            *exponential = -v.ln();
        }
        draw.relax(problem);
        draw
    }

    /// Action, z̃ and slopes, from z and −ln v, which `conditional` holds.
    fn relax(&mut self, problem: &Problem) {
        self.action = 0;
        for (at, z) in self.z.iter().enumerate() {
            if *z > self.z[self.action] {
                self.action = at;
            }
        }
        let chosen = self.conditional[self.action];
        for (at, (z, slope)) in self.conditional.iter_mut().zip(&mut self.slope).enumerate() {
            if at == self.action {
                (*z, *slope) = (-chosen.ln(), 0.0);
            } else {
                // ln of −ln v_i / π_i, which may be too large for itself.
                let other = z.ln() - problem.log_policy[at];
                let gap = other - chosen.ln();
                *slope = 1.0 / (1.0 + (-gap).exp());
                *z = -(other.max(chosen.ln()) + (-gap.abs()).exp().ln_1p());
            }
        }
    }
}

/// −ln u of a uniform number in (0, 1), never at its ends.
fn minus_log(stream: &mut Stream) -> f64 {
    let u = ((stream.next_u64() >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0;
    -u.ln()
}

//! A switching linear dynamical system (M equations 12–15).
//!
//! # Deviations
//! - M writes A s; the authors' code multiplies row vectors from the left, s A. The matrices'
//!   distribution is the same for both.
//! - M names no first state: it is zero, as in the authors' code.
//! - M's equation 15 predicts wᵀ s_n; the authors' runs regress the state s_n. Both can be chosen;
//!   classes are those of wᵀ s_n.

use super::batch::RuleBatch;
use super::coefficients::Coefficients;
use super::settings::STATE;

/// s_n = s_{n−1} A_c + x_n B_c for c = c_n, and s_0 = 0; the states, or their products with w.
pub(super) fn label(task: &Coefficients, project: bool, batch: &mut RuleBatch) {
    let inputs = batch.x.chunks_exact(STATE * batch.length);
    for (sample, rules) in inputs.zip(batch.rule.chunks_exact(batch.length)) {
        let mut state = [0.0f32; STATE];
        for (x, &rule) in sample.chunks_exact(STATE).zip(rules) {
            let matrix = rule as usize * STATE * STATE..(rule as usize + 1) * STATE * STATE;
            let mut next = [0.0; STATE];
            add_product(&mut next, &state, &task.a[matrix.clone()]);
            add_product(&mut next, x, &task.b[matrix]);
            state = next;
            if project {
                batch.y.push(state.iter().zip(&task.w).map(|(s, w)| s * w).sum());
            } else {
                batch.y.extend_from_slice(&state);
            }
        }
    }
}

/// sum += row · matrix. \[32\], \[32\], [32, 32]
fn add_product(sum: &mut [f32; STATE], row: &[f32], matrix: &[f32]) {
    for (&value, line) in row.iter().zip(matrix.chunks_exact(STATE)) {
        for (sum, weight) in sum.iter_mut().zip(line) {
            *sum += value * weight;
        }
    }
}

//! Relaxed actions: what REBAR and RELAX have in common (Tucker et al. 2017, appendix B).

use burn::tensor::{Int, Tensor, activation};

use crate::trajectory::{Choice, Relaxed};

/// What is wrong with a temperature and with weights: (key, found, allowed).
pub(super) fn faults(
    temperature: f32,
    weights: &[(&'static str, f32)],
) -> Vec<(&'static str, String, &'static str)> {
    let mut faults = Vec::new();
    if !(temperature > 0.0 && temperature.is_finite()) {
        faults.push(("temperature", temperature.to_string(), "a number above 0"));
    }
    let bad = weights.iter().filter(|(_, weight)| !(*weight >= 0.0 && weight.is_finite()));
    faults.extend(bad.map(|(key, weight)| (*key, weight.to_string(), "a number of at least 0")));
    faults
}

/// The two relaxed actions of a draw, in nats. [R, A] each
pub struct Pair {
    /// z = log π + g(u), g(u) = −ln(−ln u)
    pub z: Tensor<2>,
    /// z̃, distributed as z given the action b: z̃_b = −ln(−ln v_b),
    /// z̃_i = −ln(−ln v_i / π_i − ln v_b)
    pub conditional: Tensor<2>,
    /// ∂z̃_i / ∂ log π_i; that of z is 1
    pub slope: Tensor<2>,
    /// The action as one-hot
    pub chosen: Tensor<2>,
}

impl Pair {
    /// Of a choice whose uniform numbers are `relaxed`; differentiable in log π. [R, A]
    pub fn new(log_pi: &Tensor<2>, choice: &Choice, relaxed: &Relaxed) -> Self {
        let [_, actions] = log_pi.dims();
        let chosen = one_hot(choice, actions);
        // ln of the exponential number −ln v; v = 0 would be infinite.
        let log_v = |uniform: &Tensor<2>| (-inside(uniform).log()).log();
        let exponential = log_v(&relaxed.conditional);
        let best = (exponential.clone() * chosen.clone()).sum_dim(1);
        // −ln(e^other + e^best), by the larger of the two.
        let other = exponential - log_pi.clone();
        let gap = other - best.clone();
        let tail = (-gap.clone().abs()).exp().log1p();
        let rest = -(best.clone() + activation::relu(gap.clone()) + tail);
        let unchosen = -chosen.clone() + 1.0;
        let conditional = rest * unchosen.clone() - chosen.clone() * best;
        let slope = activation::sigmoid(gap) * unchosen;
        Self { z: log_pi.clone() - log_v(&relaxed.uniform), conditional, slope, chosen }
    }
}

/// c = Σ_a w_a q_a, a smooth stand-in for the return of argmax z. [R, A], [R, A] → [R, 1]
pub fn soft_value(weights: &Tensor<2>, q: &Tensor<2>) -> Tensor<2> {
    (weights.clone() * q.clone()).sum_dim(1)
}

/// H(π) = −Σ π log π. [R, A] → \[R\]
pub fn entropy(log_pi: &Tensor<2>) -> Tensor<1> {
    -(log_pi.clone().exp() * log_pi.clone()).sum_dim(1).squeeze_dim::<1>(1)
}

/// 1 at each row's action. \[R\] → [R, A]
pub fn one_hot(choice: &Choice, actions: usize) -> Tensor<2> {
    // Burn's own does not know a single class.
    let columns = Tensor::<1, Int>::arange(0..actions as i64, &choice.action.device());
    columns.unsqueeze::<2>().equal(choice.action.clone().unsqueeze_dim(1)).float()
}

/// Uniform numbers, those at 0 moved off it. [R, A]
pub fn inside(uniform: &Tensor<2>) -> Tensor<2> {
    uniform.clone().clamp_min(f32::MIN_POSITIVE)
}

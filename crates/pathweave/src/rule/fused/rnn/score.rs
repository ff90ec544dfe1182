//! Scores that modules give themselves: w · ReLU of their own pre-activations, then softmax.

use super::pieces::{PIECE, Rows, RowsMut, relu, sum};
use crate::kernel::functions::{Pass, exp_of, mul_add};

/// p = softmax over modules of w_m · ReLU [a_m, s_m].
pub struct Forward<'a> {
    /// 4 · H', pre-activations a module
    pub drives: usize,
    pub columns: usize,
    /// Of the input. [modules · drives, columns]
    pub input: Rows<'a>,
    /// Of the state. [modules · drives, columns]
    pub state: Rows<'a>,
    /// w. [modules, 2 · drives]
    pub weights: &'a [f32],
    /// p. [modules, columns]
    pub activation: RowsMut<'a>,
}

impl Pass for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(mut self) {
        let drives = self.drives;
        let modules = self.weights.len() / (2 * drives);
        for at in (0..self.columns).step_by(PIECE) {
            let mut most = [f32::NEG_INFINITY; PIECE];
            for (module, weights) in self.weights.chunks_exact(2 * drives).enumerate() {
                let mut score = [0.0; PIECE];
                let (of_input, of_state) = weights.split_at(drives);
                for (row, (a, b)) in of_input.iter().zip(of_state).enumerate() {
                    let input = self.input.piece(module * drives + row, at);
                    let state = self.state.piece(module * drives + row, at);
                    for lane in 0..PIECE {
                        let part = mul_add::<FUSED>(*a, relu(input[lane]), score[lane]);
                        score[lane] = mul_add::<FUSED>(*b, relu(state[lane]), part);
                    }
                }
                most.iter_mut().zip(&score).for_each(|(most, score)| *most = most.max(*score));
                self.activation.put(module, at, &score);
            }
            let mut total = [0.0; PIECE];
            for module in 0..modules {
                let mut share = self.activation.piece(module, at);
                for lane in 0..PIECE {
                    share[lane] = exp_of::<FUSED>(share[lane] - most[lane]);
                    total[lane] += share[lane];
                }
                self.activation.put(module, at, &share);
            }
            for module in 0..modules {
                let mut share = self.activation.piece(module, at);
                share.iter_mut().zip(&total).for_each(|(share, total)| *share /= total);
                self.activation.put(module, at, &share);
            }
        }
    }
}

/// The way back, through the scores and through the gates.
pub struct Backward<'a> {
    /// 4 · H', pre-activations a module
    pub drives: usize,
    pub columns: usize,
    /// w. [modules, 2 · drives]
    pub weights: &'a [f32],
    /// p. [modules, columns]
    pub activation: Rows<'a>,
    /// ∂p; becomes the gradient of the scores. [modules, columns]
    pub activation_gradient: RowsMut<'a>,
    /// Gradient of the gates' pre-activations. [modules · drives, columns]
    pub gates: Rows<'a>,
    /// Pre-activations of the input; become their gradients. [modules · drives, columns]
    pub input: RowsMut<'a>,
    /// Pre-activations of the state; become their gradients. [modules · drives, columns]
    pub state: RowsMut<'a>,
    /// ∂w, added to. [modules, 2 · drives]
    pub weight_gradient: &'a mut [f32],
}

impl Pass for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(mut self) {
        self.scores();
        let drives = self.drives;
        let gradients = self.weight_gradient.chunks_exact_mut(2 * drives);
        for (module, (weights, gradient)) in
            self.weights.chunks_exact(2 * drives).zip(gradients).enumerate()
        {
            for drive in 0..drives {
                let row = module * drives + drive;
                let (a, b) = (weights[drive], weights[drives + drive]);
                let (mut sum_a, mut sum_b) = ([0.0; PIECE], [0.0; PIECE]);
                for at in (0..self.columns).step_by(PIECE) {
                    let score = self.activation_gradient.piece(module, at);
                    let gate = self.gates.piece(row, at);
                    let (mut input, mut state) =
                        (self.input.piece(row, at), self.state.piece(row, at));
                    for lane in 0..PIECE {
                        let (x, s, d) = (input[lane], state[lane], score[lane]);
                        sum_a[lane] = mul_add::<FUSED>(d, relu(x), sum_a[lane]);
                        sum_b[lane] = mul_add::<FUSED>(d, relu(s), sum_b[lane]);
                        let slope = if x > 0.0 { a } else { 0.0 };
                        input[lane] = mul_add::<FUSED>(d, slope, gate[lane]);
                        let slope = if s > 0.0 { b } else { 0.0 };
                        state[lane] = mul_add::<FUSED>(d, slope, gate[lane]);
                    }
                    self.input.put(row, at, &input);
                    self.state.put(row, at, &state);
                }
                gradient[drive] += sum(sum_a);
                gradient[drives + drive] += sum(sum_b);
            }
        }
    }
}

impl Backward<'_> {
    /// ∂q = p · (∂p − Σ p ∂p)
    #[inline(always)]
    fn scores(&mut self) {
        let modules = self.weights.len() / (2 * self.drives);
        for at in (0..self.columns).step_by(PIECE) {
            let mut mean = [0.0; PIECE];
            for module in 0..modules {
                let (p, d) =
                    (self.activation.piece(module, at), self.activation_gradient.piece(module, at));
                for lane in 0..PIECE {
                    mean[lane] += p[lane] * d[lane];
                }
            }
            for module in 0..modules {
                let p = self.activation.piece(module, at);
                let mut d = self.activation_gradient.piece(module, at);
                for lane in 0..PIECE {
                    d[lane] = p[lane] * (d[lane] - mean[lane]);
                }
                self.activation_gradient.put(module, at, &d);
            }
        }
    }
}

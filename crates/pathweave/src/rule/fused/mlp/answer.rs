//! The rest of the decoder, and the loss, row by row.

use crate::kernel::functions::{exp_of, sigmoid_of};
use crate::kernel::lanes::{Kernel, LANES, Lanes};

use super::curve::fold;
use super::vectors::{add_scaled, get, put};

/// Parameters behind the merged layer.
#[derive(Clone, Copy, Debug)]
pub struct Decoder<'a> {
    /// Bias of the merged layer. \[K\]
    pub bias: &'a [f32],
    /// \[K\]
    pub weight: &'a [f32],
    /// Bias of the answer
    pub last: f32,
}

/// What was told of a row, and how a loss is made of it.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a> {
    /// y. \[B\]
    pub y: &'a [f32],
    /// Binary cross entropy on logits; else L1
    pub classification: bool,
}

/// A sum of losses.
#[derive(Clone, Copy, Debug)]
pub struct Losses {
    /// Of the derivatives by ŷ
    pub slope: f32,
    sum: f64,
    /// Of 1 + e^−|ŷ|, whose logarithm is still to be added
    product: f64,
}

impl Losses {
    /// Of no row.
    pub fn new() -> Self {
        Self { slope: 0.0, sum: 0.0, product: 1.0 }
    }

    /// All that was added.
    pub fn total(&self) -> f64 {
        self.sum + self.product.ln()
    }

    /// Adds the loss of a row; its derivative by ŷ, times `scale`. M section 3: |ŷ − y|, or
    /// max(ŷ, 0) − ŷ y + ln(1 + e^−|ŷ|).
    #[inline(always)]
    pub fn add(&mut self, labels: &Labels, row: usize, answer: f32, scale: f32) -> f32 {
        let y = labels.y[row];
        let slope = if labels.classification {
            self.sum += f64::from(answer.max(0.0)) - f64::from(answer) * f64::from(y);
            self.product *= 1.0 + f64::from(exp_of::<false>(-answer.abs()));
            if self.product > 1e100 {
                *self = Self { sum: self.total(), product: 1.0, ..*self };
            }
            sigmoid_of::<false>(answer) - y
        } else {
            let error = answer - y;
            self.sum += f64::from(error.abs());
            if error == 0.0 { 0.0 } else { 1f32.copysign(error) }
        };
        self.slope += slope * scale;
        slope * scale
    }
}

/// ŷ of a row; z [K] becomes what the decoder's ReLU is given.
#[inline(always)]
pub fn answer<V: Lanes<f32>>(z: &mut [f32], decoder: Option<&Decoder>) -> f32 {
    let Some(decoder) = decoder else { return z[0] };
    let zero = V::splat(0.0);
    let mut sum = zero;
    for at in (0..z.len()).step_by(LANES) {
        let value = get::<V>(z, at).add(get(decoder.bias, at));
        put(value, z, at);
        // NaN is above everything here, and stays.
        let rectified = V::select(value.above(zero), value, zero);
        sum = rectified.mul_add(get(decoder.weight, at), sum);
    }
    let mut sums = [0.0; LANES];
    sum.put(&mut sums);
    fold(sums) + decoder.last
}

/// z [K] becomes its gradient for `d`, the derivative by ŷ; the decoder's is added to `into`
/// (merged bias, weight).
#[inline(always)]
pub fn answer_backward<V: Lanes<f32>>(
    z: &mut [f32],
    decoder: Option<&Decoder>,
    d: f32,
    into: &mut [Vec<f32>; 2],
) {
    let Some(decoder) = decoder else {
        z[0] = d;
        return;
    };
    let [d_bias, d_weight] = into;
    let (zero, d) = (V::splat(0.0), V::splat(d));
    for at in (0..z.len()).step_by(LANES) {
        let value = get::<V>(z, at);
        let through = value.above(zero);
        let rectified = V::select(through, value, zero);
        put(d.mul_add(rectified, get(d_weight, at)), d_weight, at);
        put(V::select(through, d.mul(get(decoder.weight, at)), zero), z, at);
    }
    add_scaled(d_bias, z, V::splat(1.0));
}

/// ŷ of each row, from z [B, K]; with labels also the losses, and z becomes its gradient.
#[derive(Debug)]
pub struct Answers<'a> {
    pub z: &'a mut [f32],
    /// K
    pub merged: usize,
    pub decoder: Option<Decoder<'a>>,
    pub labels: Option<Labels<'a>>,
    /// Factor of every derivative: 1 / rows
    pub scale: f32,
    /// ŷ. \[B\]
    pub answers: &'a mut [f32],
    /// Gradients of the decoder: merged bias, weight
    pub d_decoder: &'a mut [Vec<f32>; 2],
    pub losses: &'a mut Losses,
}

impl Kernel<f32> for Answers<'_> {
    #[inline(always)]
    fn run<V: Lanes<f32>>(self) {
        let decoder = self.decoder.as_ref();
        for (row, z) in self.z.chunks_exact_mut(self.merged).enumerate() {
            let answer = answer::<V>(z, decoder);
            self.answers[row] = answer;
            if let Some(labels) = &self.labels {
                let d = self.losses.add(labels, row, answer, self.scale);
                answer_backward::<V>(z, decoder, d, self.d_decoder);
            }
        }
    }
}

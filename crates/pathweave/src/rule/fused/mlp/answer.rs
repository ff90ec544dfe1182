//! The rest of the decoder, and the loss, row by row.

use crate::rule::fused::functions::{Pass, exp_of, mul_add, sigmoid_of};

use super::curve::{dot, fold};

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
    sum: f64,
    /// Of 1 + e^−|ŷ|, whose logarithm is still to be added
    product: f64,
}

impl Losses {
    /// Of no row.
    pub fn new() -> Self {
        Self { sum: 0.0, product: 1.0 }
    }

    /// All that was added.
    pub fn total(&self) -> f64 {
        self.sum + self.product.ln()
    }

    /// Adds the loss of a row; its derivative by ŷ. M section 3: |ŷ − y|, or
    /// max(ŷ, 0) − ŷ y + ln(1 + e^−|ŷ|).
    #[inline(always)]
    pub fn add<const FUSED: bool>(&mut self, labels: &Labels, row: usize, answer: f32) -> f32 {
        let y = labels.y[row];
        if labels.classification {
            self.sum += f64::from(answer.max(0.0)) - f64::from(answer) * f64::from(y);
            self.product *= 1.0 + f64::from(exp_of::<FUSED>(-answer.abs()));
            if self.product > 1e100 {
                *self = Self { sum: self.total(), product: 1.0 };
            }
            return sigmoid_of::<FUSED>(answer) - y;
        }
        let error = answer - y;
        self.sum += f64::from(error.abs());
        if error == 0.0 { 0.0 } else { 1f32.copysign(error) }
    }
}

/// ŷ of a row; z [K] becomes what the decoder's ReLU is given.
#[inline(always)]
pub fn answer<const FUSED: bool>(z: &mut [f32], decoder: Option<&Decoder>) -> f32 {
    let Some(decoder) = decoder else { return z[0] };
    let mut sums = [0.0; 16];
    let (bias, bias_rest) = decoder.bias.as_chunks::<16>();
    let (weight, weight_rest) = decoder.weight.as_chunks::<16>();
    let (chunks, rest) = z.as_chunks_mut::<16>();
    for ((z, bias), weight) in chunks.iter_mut().zip(bias).zip(weight) {
        for (((z, bias), weight), sum) in z.iter_mut().zip(bias).zip(weight).zip(&mut sums) {
            *z += bias;
            *sum = mul_add::<FUSED>(rectified(*z), *weight, *sum);
        }
    }
    let mut sum = fold(sums);
    for ((z, bias), weight) in rest.iter_mut().zip(bias_rest).zip(weight_rest) {
        *z += bias;
        sum += rectified(*z) * weight;
    }
    sum + decoder.last
}

/// ReLU; NaN stays.
#[inline(always)]
pub fn rectified(value: f32) -> f32 {
    if value <= 0.0 { 0.0 } else { value }
}

/// z [K] becomes its gradient for `d`, the derivative by ŷ; the decoder's is added to `into`
/// (merged bias, weight).
#[inline(always)]
pub fn answer_backward<const FUSED: bool>(
    z: &mut [f32],
    decoder: Option<&Decoder>,
    d: f32,
    into: &mut [Vec<f32>; 2],
) {
    let Some(decoder) = decoder else {
        z[0] = d;
        return;
    };
    let len = z.len();
    let [d_bias, d_weight] = into.each_mut().map(|into| &mut into[..len]);
    let weight = &decoder.weight[..len];
    for i in 0..len {
        d_weight[i] = mul_add::<FUSED>(d, rectified(z[i]), d_weight[i]);
        let dz = if z[i] > 0.0 { d * weight[i] } else { 0.0 };
        d_bias[i] += dz;
        z[i] = dz;
    }
}

/// ŷ of each row, from z [B, K]; with labels also the summed loss, and z becomes its gradient.
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
}

impl Pass for Answers<'_> {
    /// Summed loss; sum of the derivatives by ŷ
    type Output = (f64, f32);

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> (f64, f32) {
        let (mut losses, mut last) = (Losses::new(), 0.0);
        let decoder = self.decoder.as_ref();
        for (row, z) in self.z.chunks_exact_mut(self.merged).enumerate() {
            let answer = answer::<FUSED>(z, decoder);
            self.answers[row] = answer;
            if let Some(labels) = &self.labels {
                let d = losses.add::<FUSED>(labels, row, answer) * self.scale;
                last += d;
                answer_backward::<FUSED>(z, decoder, d, self.d_decoder);
            }
        }
        (losses.total(), last)
    }
}

/// Σ_j h_j V_j added to z. [H], [H, K], \[K\]
#[inline(always)]
pub fn add_rows<const FUSED: bool>(z: &mut [f32], h: &[f32], v: &[f32]) {
    let k = z.len();
    let whole = k / 16 * 16;
    for first in (0..whole).step_by(16) {
        let to = z[first..].first_chunk_mut::<16>().expect("sixteen columns");
        let mut sums = *to;
        for (h, v) in h.iter().zip(v.chunks_exact(k)) {
            let v = v[first..].first_chunk::<16>().expect("sixteen columns");
            for (sum, v) in sums.iter_mut().zip(v) {
                *sum = mul_add::<FUSED>(*h, *v, *sum);
            }
        }
        *to = sums;
    }
    for (h, v) in h.iter().zip(v.chunks_exact(k)) {
        for (z, v) in z[whole..].iter_mut().zip(&v[whole..]) {
            *z = mul_add::<FUSED>(*h, *v, *z);
        }
    }
}

/// Gradients of [`add_rows`]: h becomes its own, 0 where it is not positive; d_v is added to.
#[inline(always)]
pub fn add_rows_backward<const FUSED: bool>(dz: &[f32], h: &mut [f32], v: &[f32], d_v: &mut [f32]) {
    let k = dz.len();
    for ((h, v), d_v) in h.iter_mut().zip(v.chunks_exact(k)).zip(d_v.chunks_exact_mut(k)) {
        let value = *h;
        for (d_v, dz) in d_v.iter_mut().zip(dz) {
            *d_v = mul_add::<FUSED>(value, *dz, *d_v);
        }
        let d = dot::<FUSED>(v, dz);
        *h = if value > 0.0 { d } else { 0.0 };
    }
}

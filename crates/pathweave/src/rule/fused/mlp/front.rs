//! Everything before the hidden units: both encoders and `MLP.0`, merged.
//!
//! Nothing bends between the encoders' second layers and `MLP.0`, so the former are multiplied into
//! the latter: each number becomes a [`Curve`] over N columns, and the context, of which there are
//! only R + 1, a row of a table.

use crate::kernel::product::{Target, View, add_product, product};

use super::curve::{Curve, Into, Units};
use super::sizes::{Places, Sizes};

/// The merged front of a model and its gradient.
#[derive(Clone, Debug)]
pub struct Front {
    /// Both numbers' columns of `MLP.0`, side by side. [E, 2N]
    numbers: Vec<f32>,
    /// The context's rows of `MLP.0`. [E, N]
    context: Vec<f32>,
    /// `encoder_digit.2`, its bias as the last column. [E, E + 1]
    digit: Vec<f32>,
    /// `digit`ᵀ · `numbers`: the matrices of both curves, and what the bias gives. [E + 1, 2N]
    merged: Vec<f32>,
    d_merged: Vec<f32>,
    /// [E, 2N], [E, E + 1]
    d_numbers: Vec<f32>,
    d_digit: Vec<f32>,
    d_context: Vec<f32>,
    /// First layer of the context's encoder. [C, E]
    inner: Vec<f32>,
    d_inner: Vec<f32>,
    /// The contexts' encodings. [C, E]
    pub encoded: Vec<f32>,
    pub d_encoded: Vec<f32>,
    /// What a context gives to the hidden units. [C, N]
    pub table: Vec<f32>,
    /// Summed over the rows of the context. [C, N]
    pub d_table: Vec<f32>,
    /// [N]
    d_base: Vec<f32>,
    /// Of either number
    pub curves: [Curve; 2],
}

impl Front {
    /// Of a model.
    pub fn new(s: &Sizes) -> Self {
        let zeros = |rows: usize, columns: usize| vec![0.0; rows * columns];
        let (c, e, n) = (s.contexts, s.encoder, s.hidden);
        Self {
            numbers: zeros(e, 2 * n),
            context: zeros(e, n),
            digit: zeros(e, e + 1),
            merged: zeros(e + 1, 2 * n),
            d_merged: zeros(e + 1, 2 * n),
            d_numbers: zeros(e, 2 * n),
            d_digit: zeros(e, e + 1),
            d_context: zeros(e, n),
            inner: zeros(c, e),
            d_inner: zeros(c, e),
            encoded: zeros(c, e),
            d_encoded: zeros(c, e),
            table: zeros(c, n),
            d_table: zeros(c, n),
            d_base: zeros(1, n),
            curves: [Curve::new(e, n), Curve::new(e, n)],
        }
    }

    /// Merges the parameters.
    pub fn forward(&mut self, s: &Sizes, at: &Places, parameters: &[f32]) {
        let get = |place: &std::ops::Range<usize>| &parameters[place.clone()];
        let (c, e, n) = (s.contexts, s.encoder, s.hidden);
        self.pack(s, get(&at.first[0]));
        let [weight, bias] = at.digit_out.each_ref().map(get);
        for ((row, weight), bias) in
            self.digit.chunks_exact_mut(e + 1).zip(weight.chunks_exact(e)).zip(bias)
        {
            row[..e].copy_from_slice(weight);
            row[e] = *bias;
        }
        let (digit, numbers) =
            (View::new(&self.digit, e, e + 1), View::new(&self.numbers, e, 2 * n));
        product(Target::new(&mut self.merged, e + 1, 2 * n), digit.t(), numbers);

        // One-hot contexts pick a column; the missing one picks none.
        let [weight, bias] = at.context.each_ref().map(get);
        for (rule, row) in self.inner.chunks_exact_mut(e).enumerate() {
            for ((to, bias), weights) in row.iter_mut().zip(bias).zip(weight.chunks_exact(c - 1)) {
                let value = bias + weights.get(rule).unwrap_or(&0.0);
                *to = if value <= 0.0 { 0.0 } else { value };
            }
        }
        let [weight, bias] = at.context_out.each_ref().map(get);
        self.encoded.chunks_exact_mut(e).for_each(|row| row.copy_from_slice(bias));
        let (inner, weight) = (View::new(&self.inner, c, e), View::new(weight, e, e));
        add_product(Target::new(&mut self.encoded, c, e), inner, weight.t());

        let (first, second) = self.merged[e * 2 * n..].split_at(n);
        for row in self.table.chunks_exact_mut(n) {
            for ((to, bias), (a, b)) in
                row.iter_mut().zip(get(&at.first[1])).zip(first.iter().zip(second))
            {
                *to = bias + a + b;
            }
        }
        let (encoded, context) = (View::new(&self.encoded, c, e), View::new(&self.context, e, n));
        add_product(Target::new(&mut self.table, c, n), encoded, context);

        let [weight, bias] = at.digit.each_ref().map(get);
        for (part, curve) in self.curves.iter_mut().enumerate() {
            curve.lay(Units { weight, bias, matrix: &self.merged[part * n..], stride: 2 * n });
        }
    }

    /// Forgets the sums of the last batch.
    pub fn clear(&mut self) {
        self.curves.iter_mut().for_each(Curve::clear);
        self.d_table.fill(0.0);
        self.d_encoded.fill(0.0);
    }

    /// From the sums over rows (of curves, `d_table`, `d_encoded`) to the parameters' gradients.
    pub fn backward(&mut self, s: &Sizes, at: &Places, parameters: &[f32], gradient: &mut [f32]) {
        let get = |place: &std::ops::Range<usize>| &parameters[place.clone()];
        let (c, e, n) = (s.contexts, s.encoder, s.hidden);
        let [weight, bias] = at.digit.each_ref().map(get);
        // `encoder_digit.0`: weights, then biases, next to each other.
        let (d_weight, d_bias) = gradient[at.digit[0].start..at.digit[1].end].split_at_mut(e);
        d_weight.fill(0.0);
        d_bias.fill(0.0);
        for (part, curve) in self.curves.iter_mut().enumerate() {
            let units = Units { weight, bias, matrix: &self.merged[part * n..], stride: 2 * n };
            let matrix = &mut self.d_merged[part * n..];
            curve.backward(units, Into { matrix, weight: d_weight, bias: d_bias });
        }
        sum_rows(&self.d_table, &mut self.d_base);
        gradient[at.first[1].clone()].copy_from_slice(&self.d_base);
        for half in self.d_merged[e * 2 * n..].chunks_exact_mut(n) {
            half.copy_from_slice(&self.d_base);
        }

        let d_merged = View::new(&self.d_merged, e + 1, 2 * n);
        let (digit, numbers) =
            (View::new(&self.digit, e, e + 1), View::new(&self.numbers, e, 2 * n));
        product(Target::new(&mut self.d_numbers, e, 2 * n), digit, d_merged);
        product(Target::new(&mut self.d_digit, e, e + 1), numbers, d_merged.t());
        for (row, sums) in self.d_digit.chunks_exact(e + 1).enumerate() {
            let to = at.digit_out[0].start + row * e;
            gradient[to..to + e].copy_from_slice(&sums[..e]);
            gradient[at.digit_out[1].start + row] = sums[e];
        }

        let d_table = View::new(&self.d_table, c, n);
        let (encoded, context) = (View::new(&self.encoded, c, e), View::new(&self.context, e, n));
        product(Target::new(&mut self.d_context, e, n), encoded.t(), d_table);
        add_product(Target::new(&mut self.d_encoded, c, e), d_table, context.t());
        self.unpack(s, &mut gradient[at.first[0].clone()]);

        let d_encoded = View::new(&self.d_encoded, c, e);
        sum_rows(&self.d_encoded, &mut gradient[at.context_out[1].clone()]);
        let to = &mut gradient[at.context_out[0].clone()];
        product(Target::new(to, e, e), d_encoded.t(), View::new(&self.inner, c, e));
        let weight = View::new(get(&at.context_out[0]), e, e);
        product(Target::new(&mut self.d_inner, c, e), d_encoded, weight);
        for (d, value) in self.d_inner.iter_mut().zip(&self.inner) {
            *d = if *value > 0.0 { *d } else { 0.0 };
        }
        sum_rows(&self.d_inner, &mut gradient[at.context[1].clone()]);
        let to = &mut gradient[at.context[0].clone()];
        for (unit, weights) in to.chunks_exact_mut(c - 1).enumerate() {
            for (rule, to) in weights.iter_mut().enumerate() {
                *to = self.d_inner[rule * e + unit];
            }
        }
    }

    /// `MLP.0`'s weights, in the order in which they are multiplied.
    fn pack(&mut self, s: &Sizes, weight: &[f32]) {
        let (e, n, h) = (s.encoder, s.hidden, s.unit);
        if s.is_plain() {
            for (unit, row) in weight.chunks_exact(3 * e).enumerate() {
                for (k, value) in row[..e].iter().enumerate() {
                    self.numbers[k * 2 * n + unit] = *value;
                    self.numbers[k * 2 * n + n + unit] = row[e + k];
                    self.context[k * n + unit] = row[2 * e + k];
                }
            }
            return;
        }
        for (module, block) in weight.chunks_exact(3 * e * h).enumerate() {
            for (k, units) in block.chunks_exact(h).enumerate() {
                self.packed(s, k)[module * h..][..h].copy_from_slice(units);
            }
        }
    }

    /// The packed weights of input k of the 3E.
    fn packed(&mut self, s: &Sizes, k: usize) -> &mut [f32] {
        let (e, n) = (s.encoder, s.hidden);
        match k / e {
            2 => &mut self.context[(k - 2 * e) * n..][..n],
            part => &mut self.numbers[(k - part * e) * 2 * n + part * n..][..n],
        }
    }

    /// The gradient of `MLP.0`'s weights, back in their own order.
    fn unpack(&self, s: &Sizes, into: &mut [f32]) {
        let (e, n, h) = (s.encoder, s.hidden, s.unit);
        if s.is_plain() {
            for (unit, row) in into.chunks_exact_mut(3 * e).enumerate() {
                for k in 0..e {
                    row[k] = self.d_numbers[k * 2 * n + unit];
                    row[e + k] = self.d_numbers[k * 2 * n + n + unit];
                    row[2 * e + k] = self.d_context[k * n + unit];
                }
            }
            return;
        }
        for (module, block) in into.chunks_exact_mut(3 * e * h).enumerate() {
            for (k, units) in block.chunks_exact_mut(h).enumerate() {
                let from = match k / e {
                    2 => &self.d_context[(k - 2 * e) * n..],
                    part => &self.d_numbers[(k - part * e) * 2 * n + part * n..],
                };
                units.copy_from_slice(&from[module * h..][..h]);
            }
        }
    }
}

/// The sum of all rows. [rows, columns] → \[columns\]
pub fn sum_rows(rows: &[f32], into: &mut [f32]) {
    into.fill(0.0);
    for row in rows.chunks_exact(into.len()) {
        into.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
}

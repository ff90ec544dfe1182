//! The end of the model, and what is shared by all kinds: the decoder and the loss; and its
//! beginning, the first layer of the encoder.

use super::passes::{add_bias, add_rows, add_rows_by, mask, relu_bias, relu_context};
use super::sizes::{Places, Sizes};
use super::weights::Weights;
use crate::kernel::product::{Target, View, add_product, product};

/// Some samples of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// L
    pub length: usize,
    /// [T, F]
    pub x: &'a [f32],
    /// [T]
    pub context: &'a [u32],
    /// [T, outputs]
    pub y: &'a [f32],
    /// Numbers of the whole batch, the loss's divisor
    pub count: usize,
}

impl Block<'_> {
    /// T
    pub fn rows(&self) -> usize {
        self.context.len()
    }
}

/// The parameters, and what was made of them.
#[derive(Clone, Copy, Debug)]
pub struct Model<'a> {
    pub sizes: &'a Sizes,
    pub places: &'a Places,
    pub parameters: &'a [f32],
    pub weights: &'a Weights,
}

impl Model<'_> {
    /// ReLU of the encoder's first layer. [T, dim]
    pub fn tokens(&self, block: &Block, into: &mut [f32]) {
        let s = self.sizes;
        let weight = &self.parameters[self.places.encoder_0.weight.clone()];
        let weight = View::strided(weight, s.dim, s.features, s.features + s.rules).t();
        let x = View::new(block.x, block.rows(), s.features);
        product(Target::new(into, block.rows(), s.dim), x, weight);
        relu_context(into, &self.weights.context, s.dim, block.context);
    }

    /// Back through it; `gradient` of its result is used up.
    pub fn tokens_backward(
        &self,
        block: &Block,
        tokens: &[f32],
        gradient: &mut [f32],
        sums: &mut Weights,
        to: &mut [f32],
    ) {
        let (s, rows) = (self.sizes, block.rows());
        mask(gradient, tokens);
        let target = &mut to[self.places.encoder_0.weight.clone()];
        let target = Target::strided(target, s.dim, s.features, s.features + s.rules);
        let x = View::new(block.x, rows, s.features);
        add_product(target, View::new(gradient, rows, s.dim).t(), x);
        add_rows_by(&mut sums.context, gradient, s.dim, block.context);
    }

    /// The encoder's second layer. [T, dim], [T, dim]
    pub fn encode(&self, tokens: &[f32], into: &mut [f32]) {
        let dim = self.sizes.dim;
        let (second, rows) = (&self.places.encoder_2, tokens.len() / dim);
        let weight = View::new(&self.parameters[second.weight.clone()], dim, dim).t();
        product(Target::new(into, rows, dim), View::new(tokens, rows, dim), weight);
        add_bias(into, &self.parameters[second.bias.clone()]);
    }

    /// Back through it: ∂ of its arguments. [T, dim] × 3
    pub fn encode_backward(
        &self,
        tokens: &[f32],
        gradient: &[f32],
        into: &mut [f32],
        to: &mut [f32],
    ) {
        let dim = self.sizes.dim;
        let (second, rows) = (&self.places.encoder_2, tokens.len() / dim);
        add_rows(&mut to[second.bias.clone()], gradient);
        let gradient = View::new(gradient, rows, dim);
        let target = Target::new(&mut to[second.weight.clone()], dim, dim);
        add_product(target, gradient.t(), View::new(tokens, rows, dim));
        let weight = View::new(&self.parameters[second.weight.clone()], dim, dim);
        product(Target::new(into, rows, dim), gradient, weight);
    }

    /// The rest of the decoder behind its first layer without bias and ReLU, which `middle` is
    /// given. [T, middle], [T, outputs]
    pub fn answer(&self, middle: &mut [f32], into: &mut [f32]) {
        let (s, at) = (self.sizes, self.places);
        if !s.decoder {
            into.copy_from_slice(middle);
            return;
        }
        relu_bias(middle, &self.parameters[at.decoder_0.bias.clone()]);
        let rows = middle.len() / s.dim;
        let weight = View::new(&self.parameters[at.decoder_2.weight.clone()], s.outputs, s.dim).t();
        product(Target::new(into, rows, s.outputs), View::new(middle, rows, s.dim), weight);
        add_bias(into, &self.parameters[at.decoder_2.bias.clone()]);
    }

    /// Back through it. [T, middle], ∂ [T, outputs], ∂ [T, middle]
    pub fn answer_backward(
        &self,
        middle: &[f32],
        gradient: &[f32],
        into: &mut [f32],
        to: &mut [f32],
    ) {
        let (s, at) = (self.sizes, self.places);
        if !s.decoder {
            into.copy_from_slice(gradient);
            return;
        }
        let rows = middle.len() / s.dim;
        add_rows(&mut to[at.decoder_2.bias.clone()], gradient);
        let gradient = View::new(gradient, rows, s.outputs);
        let target = Target::new(&mut to[at.decoder_2.weight.clone()], s.outputs, s.dim);
        add_product(target, gradient.t(), View::new(middle, rows, s.dim));
        let weight = View::new(&self.parameters[at.decoder_2.weight.clone()], s.outputs, s.dim);
        product(Target::new(into, rows, s.dim), gradient, weight);
        mask(into, middle);
        add_rows(&mut to[at.decoder_0.bias.clone()], into);
    }

    /// The block's part of the mean loss, and ∂ of the answer. [T, outputs], ∂ [T, outputs]
    pub fn loss(&self, block: &Block, answer: &[f32], gradient: &mut [f32]) -> f64 {
        let mut sum = 0.0;
        let share = 1.0 / block.count as f64;
        for ((gradient, &answer), &y) in gradient.iter_mut().zip(answer).zip(block.y) {
            let (answer, y) = (f64::from(answer), f64::from(y));
            let (loss, slope) = if self.sizes.classification {
                let small = (-answer.abs()).exp();
                let p = if answer >= 0.0 { 1.0 } else { small } / (1.0 + small);
                // `max` would hide NaN; `small` keeps it.
                (answer.max(0.0) - answer * y + small.ln_1p(), p - y)
            } else {
                let error = answer - y;
                let sign = if error == 0.0 { 0.0 } else { error.signum() };
                (error.abs(), sign)
            };
            sum += loss;
            *gradient = (slope * share) as f32;
        }
        sum * share
    }
}

/// The first `len` numbers of a buffer that grows when it must.
pub fn fit(buffer: &mut Vec<f32>, len: usize) -> &mut [f32] {
    if buffer.len() < len {
        buffer.resize(len, 0.0);
    }
    &mut buffer[..len]
}

//! The layers behind the state, on every token, and the loss.

use pathweave_data::dataset::rules::RuleBatch;

use super::affine::Affine;
use super::input::apart;
use super::pieces::relu;
use super::sizes::{Places, Sizes};
use crate::kernel::product::{Target, View};

/// Decoder, or the one layer that reads out a state.
#[derive(Clone, Debug)]
pub struct Decoder {
    layers: Vec<Affine>,
    /// Behind the ReLU of the first of two layers. [H' + 1, columns]
    hidden: Vec<f32>,
    /// Outputs, then their gradient. [outputs, columns]
    output: Vec<f32>,
    /// [H', columns]
    back: Vec<f32>,
}

impl Decoder {
    pub fn new(sizes: &Sizes, places: &Places) -> Self {
        let last = places.decoder.len() - 1;
        let layer = |index| if index == last { sizes.outputs } else { sizes.width };
        Self {
            layers: (0..=last).map(|index| Affine::new(sizes.width, layer(index))).collect(),
            hidden: Vec::new(),
            output: Vec::new(),
            back: Vec::new(),
        }
    }

    /// Reads the parameters.
    pub fn load(&mut self, places: &Places, parameters: &[f32]) {
        for (layer, [weight, bias]) in self.layers.iter_mut().zip(&places.decoder) {
            layer.load(&parameters[weight.clone()], &parameters[bias.clone()]);
        }
    }

    /// Writes the gradients.
    pub fn store(&self, places: &Places, gradient: &mut [f32]) {
        for (layer, [weight, bias]) in self.layers.iter().zip(&places.decoder) {
            apart(layer, [weight, bias], gradient);
        }
    }

    /// Reads states with a last row of ones. [H' + 1, columns]
    pub fn forward(&mut self, state: &[f32], columns: usize) {
        let Some((last, inner)) = self.layers.split_last() else { return };
        self.output.resize(last.output * columns, 0.0);
        let mut from = View::new(state, last.input + 1, columns);
        if let Some(first) = inner.first() {
            self.hidden.resize((first.output + 1) * columns, 0.0);
            let (values, ones) = self.hidden.split_at_mut(first.output * columns);
            first.forward(first.output, 0, from, Target::new(values, first.output, columns));
            values.iter_mut().for_each(|value| *value = relu(*value));
            ones.fill(1.0);
            from = View::new(&self.hidden, first.output + 1, columns);
        }
        let into = Target::new(&mut self.output, last.output, columns);
        last.forward(last.output, 0, from, into);
    }

    /// What [`Self::forward`] gave. [outputs, columns]
    pub fn output(&self) -> &[f32] {
        &self.output
    }

    /// The loss of what [`Self::forward`] gave, summed over columns and outputs, and its slope
    /// times `scale` in the outputs' place.
    pub fn loss(&mut self, sizes: &Sizes, batch: &RuleBatch, rows: &[u32], scale: f32) -> f64 {
        let outputs = sizes.outputs;
        let mut loss = 0.0;
        for (output, values) in self.output.chunks_exact_mut(rows.len().max(1)).enumerate() {
            for (value, &row) in values.iter_mut().zip(rows) {
                let y = batch.y[row as usize * outputs + output];
                let (own, slope) = if sizes.classification {
                    cross_entropy(*value, y)
                } else {
                    distance(*value, y)
                };
                loss += own;
                *value = slope * scale;
            }
        }
        loss
    }

    /// From the outputs' gradient to the parameters' and the states'. [H', columns]
    pub fn backward(&mut self, state: &[f32], columns: usize, into: &mut [f32]) {
        let Some((last, inner)) = self.layers.split_last_mut() else { return };
        let (width, output) = (last.input, View::new(&self.output, last.output, columns));
        let state = View::new(state, width + 1, columns);
        let Some(first) = inner.first_mut() else {
            last.collect(last.output, 0, output, state);
            return last.back(last.output, 0, output, Target::new(into, width, columns));
        };
        last.collect(last.output, 0, output, View::new(&self.hidden, width + 1, columns));
        self.back.resize(width * columns, 0.0);
        last.back(last.output, 0, output, Target::new(&mut self.back, width, columns));
        for (gradient, value) in self.back.iter_mut().zip(&self.hidden) {
            *gradient = if *value > 0.0 { *gradient } else { 0.0 };
        }
        let gradient = View::new(&self.back, width, columns);
        first.collect(width, 0, gradient, state);
        first.back(width, 0, gradient, Target::new(into, width, columns));
    }
}

/// |ŷ − y| and its slope; 0 at the kink.
fn distance(value: f32, y: f32) -> (f64, f32) {
    let apart = value - y;
    let slope = if apart == 0.0 { 0.0 } else { apart.signum() };
    (apart.abs().into(), slope)
}

/// Binary cross entropy of a logit and its slope.
fn cross_entropy(logit: f32, y: f32) -> (f64, f32) {
    let (x, y) = (f64::from(logit), f64::from(y));
    let tail = (-x.abs()).exp();
    let positive = if x < 0.0 { 0.0 } else { x };
    let sigmoid = if x < 0.0 { tail / (1.0 + tail) } else { 1.0 / (1.0 + tail) };
    (positive - x * y + tail.ln_1p(), (sigmoid - y) as f32)
}

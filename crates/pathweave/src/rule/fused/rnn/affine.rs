//! A linear layer with its bias as a last column of weights, for inputs with a last row of ones.

use crate::kernel::product::{Target, View, add_product, product};

/// Weights, bias and their gradients.
#[derive(Clone, Debug)]
pub struct Affine {
    pub input: usize,
    pub output: usize,
    /// [output, input + 1]
    pub weights: Vec<f32>,
    /// [output, input + 1]
    pub gradient: Vec<f32>,
}

impl Affine {
    /// Zeros.
    pub fn new(input: usize, output: usize) -> Self {
        let zeros = vec![0.0; output * (input + 1)];
        Self { input, output, weights: zeros.clone(), gradient: zeros }
    }

    /// Takes weights [output, input] and bias [output], and zeros for the gradient.
    pub fn load(&mut self, weight: &[f32], bias: &[f32]) {
        let rows = weight.chunks_exact(self.input).zip(bias);
        for (into, (weight, bias)) in self.weights.chunks_exact_mut(self.input + 1).zip(rows) {
            into[..weight.len()].copy_from_slice(weight);
            into[weight.len()] = *bias;
        }
        self.gradient.fill(0.0);
    }

    /// The gradient, apart again; both are overwritten.
    pub fn store(&self, weight: &mut [f32], bias: &mut [f32]) {
        let rows = weight.chunks_exact_mut(self.input).zip(bias);
        for (from, (weight, bias)) in self.gradient.chunks_exact(self.input + 1).zip(rows) {
            weight.copy_from_slice(&from[..self.input]);
            *bias = from[self.input];
        }
    }

    /// Some rows' outputs. [input + 1, columns] -> [rows, columns]
    pub fn forward(&self, rows: usize, first: usize, from: View, into: Target) {
        let width = self.input + 1;
        product(into, View::new(&self.weights[first * width..], rows, width), from);
    }

    /// Adds to some rows' gradient. [rows, columns], [input + 1, columns]
    pub fn collect(&mut self, rows: usize, first: usize, gradient: View, from: View) {
        let width = self.input + 1;
        let into = Target::new(&mut self.gradient[first * width..], rows, width);
        add_product(into, gradient, from.t());
    }

    /// The gradient of the inputs, ones not counted. [rows, columns] -> [input, columns]
    pub fn back(&self, rows: usize, first: usize, gradient: View, into: Target) {
        let width = self.input + 1;
        let weights = View::strided(&self.weights[first * width..], rows, self.input, width);
        product(into, weights.t(), gradient);
    }
}

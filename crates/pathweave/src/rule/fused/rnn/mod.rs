//! The recurrent models of the benchmark, forward and backward through time (M section 3).

mod affine;
mod cell;
mod decode;
mod input;
mod operation;
mod order;
mod pieces;
mod recurrence;
mod score;
mod sizes;

use pathweave_data::dataset::rules::RuleBatch;

use super::FusedModel;
use crate::rule::{Prediction, RuleShape};
use decode::Decoder;
use input::Input;
use operation::Operation;
use order::Order;
use recurrence::{Model, Recurrence};
use sizes::{Places, Sizes};

/// Samples that are taken through time together; more would leave the cache.
const COLUMNS: usize = 256;

/// A recurrent model of any kind.
///
/// Tokens pass [x, one-hot c] → E, ReLU, → E, then either one LSTM cell or M cells without biases
/// that share one state, whose new values are the mixture Σ_m p_m of theirs; a decoder reads every
/// token's h.
///
/// # Deviations
/// - The encoder's last layer and the map to the pre-activations are linear and follow each other;
///   where a step has more tokens than there are pre-activations to a token they are multiplied
///   together first, which changes results by rounding only.
/// - `GtModular` computes no module but the one that the context names, which is exact since the
///   others have weight 0. Where the context is missing no module is active, and the state
///   becomes 0.
#[derive(Clone, Debug)]
pub struct Rnn {
    sizes: Sizes,
    places: Places,
    order: Order,
    input: Input,
    operation: Operation,
    recurrence: Recurrence,
    decoder: Decoder,
    /// What the outputs give to ∂h. [L, H', columns]
    back: Vec<f32>,
}

impl Rnn {
    /// Reads the parameters for a step of so many tokens.
    fn load(&mut self, parameters: &[f32], batch: &RuleBatch) {
        assert_eq!(parameters.len(), self.places.len, "the number of parameters");
        assert_eq!(batch.x.len(), batch.rows() * self.sizes.features, "the batch's numbers");
        assert_eq!(batch.context.len(), batch.rows(), "one context a row");
        self.input.load(&self.places, parameters, batch.rows());
        self.operation.load(&self.sizes, &self.places, parameters);
        self.decoder.load(&self.places, parameters);
    }

    /// Orders and encodes the samples from `first` on, at most [`COLUMNS`].
    fn start(&mut self, parameters: &[f32], batch: &RuleBatch, first: usize) {
        let columns = COLUMNS.min(batch.samples - first);
        self.order.set(&self.sizes, batch, first, columns);
        self.input.forward(&self.sizes, batch, &self.order);
        let model = Model { sizes: &self.sizes, places: &self.places, parameters };
        self.recurrence.start(model, &self.order);
    }

    /// One time step, up to the outputs of its tokens.
    fn advance(&mut self, parameters: &[f32], time: usize) {
        let model = Model { sizes: &self.sizes, places: &self.places, parameters };
        let step = self.input.at(time, self.order.columns);
        self.recurrence.forward(model, &self.order, time, step, &self.operation);
        let state = self.recurrence.h(&self.order, time, self.sizes.width);
        self.decoder.forward(state, self.order.columns);
    }
}

impl FusedModel for Rnn {
    fn new(shape: &RuleShape) -> Option<Self> {
        let (sizes, places) = (Sizes::new(shape)?, Places::new(shape)?);
        Some(Self {
            order: Order::default(),
            input: Input::new(&sizes),
            operation: Operation::default(),
            recurrence: Recurrence::default(),
            decoder: Decoder::new(&sizes, &places),
            back: Vec::new(),
            sizes,
            places,
        })
    }

    fn gradient(&mut self, parameters: &[f32], batch: &RuleBatch, gradient: &mut [f32]) -> f64 {
        gradient.fill(0.0);
        if batch.rows() == 0 {
            return 0.0;
        }
        assert_eq!(batch.y.len(), batch.rows() * self.sizes.outputs, "the batch's labels");
        self.load(parameters, batch);
        let count = (batch.rows() * self.sizes.outputs) as f64;
        let (width, scale) = (self.sizes.width, (1.0 / count) as f32);
        let mut loss = 0.0;
        for first in (0..batch.samples).step_by(COLUMNS) {
            self.start(parameters, batch, first);
            let n = self.order.columns;
            self.back.resize(batch.length * width * n, 0.0);
            for time in 0..batch.length {
                self.advance(parameters, time);
                loss += self.decoder.loss(&self.sizes, batch, self.order.rows(time), scale);
                let state = self.recurrence.h(&self.order, time, width);
                let into = &mut self.back[time * width * n..][..width * n];
                self.decoder.backward(state, n, into);
            }
            let model = Model { sizes: &self.sizes, places: &self.places, parameters };
            self.recurrence.turn(model, &self.order);
            for time in (0..batch.length).rev() {
                let outputs = &self.back[time * width * n..][..width * n];
                let (order, step) = (&self.order, self.input.at(time, n));
                self.recurrence.backward(model, order, time, step, outputs, gradient);
                self.operation.collect(self.order.contexts(time), self.recurrence.scores());
                self.input.backward(time, n);
            }
        }
        self.input.store(&self.places, parameters, gradient);
        self.operation.store(&self.sizes, &self.places, parameters, gradient);
        self.decoder.store(&self.places, gradient);
        loss / count
    }

    fn predict(&mut self, parameters: &[f32], batch: &RuleBatch, into: &mut Prediction) {
        let (outputs, modules) = (self.sizes.outputs, self.sizes.modules);
        let modules = if self.sizes.kind.is_modular() { modules } else { 0 };
        into.output.clear();
        into.output.resize(batch.rows() * outputs, 0.0);
        into.activation.clear();
        into.activation.resize(batch.rows() * modules, 0.0);
        if batch.rows() == 0 {
            return;
        }
        self.load(parameters, batch);
        for first in (0..batch.samples).step_by(COLUMNS) {
            self.start(parameters, batch, first);
            let n = self.order.columns;
            for time in 0..batch.length {
                self.advance(parameters, time);
                for (output, values) in self.decoder.output().chunks_exact(n).enumerate() {
                    for (value, &row) in values.iter().zip(self.order.rows(time)) {
                        into.output[row as usize * outputs + output] = *value;
                    }
                }
                self.activations(time, modules, &mut into.activation);
            }
        }
    }
}

impl Rnn {
    /// p of a time step's tokens. [rows, M]
    fn activations(&self, time: usize, modules: usize, into: &mut [f32]) {
        if modules == 0 {
            return;
        }
        let (order, n) = (&self.order, self.order.columns);
        let activation = self.recurrence.activation(order, time, self.sizes.together);
        for group in order.groups(time) {
            for (index, values) in activation.chunks_exact(n).enumerate() {
                let columns = group.first..group.first + group.columns;
                for (p, &row) in values[columns.clone()].iter().zip(&order.rows(time)[columns]) {
                    into[row as usize * modules + group.module + index] = *p;
                }
            }
        }
    }
}

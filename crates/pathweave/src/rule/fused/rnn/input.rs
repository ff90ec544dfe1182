//! The encoder of tokens and, merged with its last layer, the map to the cells' pre-activations.

use pathweave_data::dataset::rules::RuleBatch;

use super::affine::Affine;
use super::order::Order;
use super::pieces::relu;
use super::sizes::{Places, Sizes};
use crate::kernel::product::{Target, View, product};

/// Encoder and input-to-hidden map.
///
/// Behind the encoder's ReLU everything is linear up to the gates, so that one matrix does both
/// layers; it is the cheaper way where there are more tokens than pre-activations a token.
#[derive(Clone, Debug)]
pub struct Input {
    first: Affine,
    second: Affine,
    /// What the cells read: the merged map, or input-to-hidden alone
    pub map: Affine,
    merged: bool,
    /// Tokens, one-hot contexts, ones. [length, F + R + 1, columns]
    tokens: Vec<f32>,
    /// Behind the first layer. [length, E + 1, columns]
    hidden: Vec<f32>,
    /// Behind the second, where it is not merged. [length, E + 1, columns]
    encoded: Vec<f32>,
    /// Gradients. [E, columns]
    back: [Vec<f32>; 2],
}

/// What a time step of the cells reads and writes.
pub struct Step<'a> {
    /// What the map reads. [E + 1, columns]
    pub encoded: &'a [f32],
    /// To the pre-activations of all modules
    pub map: &'a mut Affine,
    /// Gradient of the encodings, to be written before [`Input::backward`]. [E, columns]
    pub gradient: &'a mut [f32],
}

impl Input {
    pub fn new(sizes: &Sizes) -> Self {
        let encoder = sizes.encoder;
        Self {
            first: Affine::new(sizes.token(), encoder),
            second: Affine::new(encoder, encoder),
            map: Affine::new(encoder, sizes.modules * sizes.drives()),
            merged: true,
            tokens: Vec::new(),
            hidden: Vec::new(),
            encoded: Vec::new(),
            back: [Vec::new(), Vec::new()],
        }
    }

    /// Reads the parameters for so many tokens.
    pub fn load(&mut self, places: &Places, parameters: &[f32], tokens: usize) {
        let [w, b, w2, b2] = places.encoder.clone().map(|place| &parameters[place]);
        self.first.load(w, b);
        self.second.load(w2, b2);
        let (i2h, map) = (&parameters[places.i2h.clone()], &mut self.map);
        self.merged = tokens > map.output;
        if self.merged {
            let (rows, encoder) = (map.output, map.input);
            let second = View::new(&self.second.weights, encoder, encoder + 1);
            let into = Target::new(&mut map.weights, rows, encoder + 1);
            product(into, View::new(i2h, rows, encoder), second);
        } else {
            let rows = map.weights.chunks_exact_mut(map.input + 1);
            for (into, from) in rows.zip(i2h.chunks_exact(map.input)) {
                into[..from.len()].copy_from_slice(from);
                into[from.len()] = 0.0;
            }
        }
        if let Some([of_input, of_state]) = places.bias.clone() {
            let biases = parameters[of_input].iter().zip(&parameters[of_state]);
            let last = map.weights.iter_mut().skip(map.input).step_by(map.input + 1);
            last.zip(biases).for_each(|(last, (a, b))| *last += a + b);
        }
        map.gradient.fill(0.0);
    }

    /// Encodes the tokens of an order.
    pub fn forward(&mut self, sizes: &Sizes, batch: &RuleBatch, order: &Order) {
        let (n, width, encoder) = (order.columns, sizes.token(), sizes.encoder);
        self.tokens.resize(order.length * (width + 1) * n, 0.0);
        self.hidden.resize(order.length * (encoder + 1) * n, 0.0);
        if !self.merged {
            self.encoded.resize(order.length * (encoder + 1) * n, 0.0);
        }
        for time in 0..order.length {
            let tokens = &mut self.tokens[time * (width + 1) * n..][..(width + 1) * n];
            tokens[sizes.features * n..].fill(0.0);
            tokens[width * n..].fill(1.0);
            for (column, (&row, &context)) in
                order.rows(time).iter().zip(order.contexts(time)).enumerate()
            {
                let x = &batch.x[row as usize * sizes.features..][..sizes.features];
                tokens.iter_mut().skip(column).step_by(n).zip(x).for_each(|(to, x)| *to = *x);
                if (context as usize) < sizes.rules {
                    tokens[(sizes.features + context as usize) * n + column] = 1.0;
                }
            }
            let hidden = &mut self.hidden[time * (encoder + 1) * n..][..(encoder + 1) * n];
            let into = Target::new(hidden, encoder, n);
            self.first.forward(encoder, 0, View::new(tokens, width + 1, n), into);
            hidden[..encoder * n].iter_mut().for_each(|value| *value = relu(*value));
            hidden[encoder * n..].fill(1.0);
            if !self.merged {
                let encoded = &mut self.encoded[time * (encoder + 1) * n..][..(encoder + 1) * n];
                encoded[encoder * n..].fill(1.0);
                let into = Target::new(encoded, encoder, n);
                self.second.forward(encoder, 0, View::new(hidden, encoder + 1, n), into);
            }
        }
    }

    /// What a time step reads and writes.
    pub fn at(&mut self, time: usize, columns: usize) -> Step<'_> {
        let size = (self.map.input + 1) * columns;
        let from = if self.merged { &self.hidden } else { &self.encoded };
        self.back[0].resize(self.map.input * columns, 0.0);
        Step {
            encoded: &from[time * size..][..size],
            map: &mut self.map,
            gradient: &mut self.back[0],
        }
    }

    /// From the gradient of a time step's encodings to the encoder's.
    pub fn backward(&mut self, time: usize, columns: usize) {
        let (encoder, width) = (self.map.input, self.first.input);
        let hidden = &self.hidden[time * (encoder + 1) * columns..][..(encoder + 1) * columns];
        let [back, other] = &mut self.back;
        if !self.merged {
            let gradient = View::new(back, encoder, columns);
            self.second.collect(encoder, 0, gradient, View::new(hidden, encoder + 1, columns));
            other.resize(encoder * columns, 0.0);
            self.second.back(encoder, 0, gradient, Target::new(other, encoder, columns));
            std::mem::swap(back, other);
        }
        for (gradient, value) in back.iter_mut().zip(hidden) {
            *gradient = if *value > 0.0 { *gradient } else { 0.0 };
        }
        let tokens = &self.tokens[time * (width + 1) * columns..];
        let gradient = View::new(back, encoder, columns);
        self.first.collect(encoder, 0, gradient, View::new(tokens, width + 1, columns));
    }

    /// Writes the gradients of all parameters read.
    pub fn store(&mut self, places: &Places, parameters: &[f32], gradient: &mut [f32]) {
        let (map, encoder) = (&self.map, self.map.input);
        let i2h = &mut gradient[places.i2h.clone()];
        let rows = map.gradient.chunks_exact(encoder + 1);
        if self.merged {
            // Product rule: of the merged map to both of its factors.
            let merged = View::new(&map.gradient, map.output, encoder + 1);
            let second = View::new(&self.second.weights, encoder, encoder + 1);
            product(Target::new(i2h, map.output, encoder), merged, second.t());
            let before = View::new(&parameters[places.i2h.clone()], map.output, encoder);
            let into = Target::new(&mut self.second.gradient, encoder, encoder + 1);
            product(into, before.t(), merged);
        } else {
            for (into, from) in i2h.chunks_exact_mut(encoder).zip(rows.clone()) {
                into.copy_from_slice(&from[..encoder]);
            }
        }
        for place in places.bias.iter().flatten() {
            let into = gradient[place.clone()].iter_mut();
            into.zip(rows.clone()).for_each(|(into, from)| *into = from[encoder]);
        }
        for (layer, [weight, bias]) in [&self.first, &self.second].iter().zip([[0, 1], [2, 3]]) {
            apart(layer, [&places.encoder[weight], &places.encoder[bias]], gradient);
        }
    }
}

/// Writes a layer's gradient to the places of its weights and bias, which lie side by side.
pub fn apart(layer: &Affine, [weight, bias]: [&std::ops::Range<usize>; 2], gradient: &mut [f32]) {
    let (before, after) = gradient.split_at_mut(bias.start);
    layer.store(&mut before[weight.clone()], &mut after[..bias.len()]);
}

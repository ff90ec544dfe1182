//! Modules that are cells of a recurrent network (M section 4).

use burn::module::{Module, Param, ParamId};
use burn::tensor::{Int, Tensor, activation};

use super::parts::{Coder, Linear, Source, scaled};
use super::{Answer, Contexts, Guide, Inputs, Weights};
use crate::kernel::grouped_linear::grouped_linear;
use crate::rule::shape::{RuleKind, RuleShape};

/// PyTorch's LSTM cell, gates in the order i, f, g, o.
#[derive(Module, Debug)]
pub struct LstmCell {
    weight_ih: Param<Tensor<2>>,
    weight_hh: Param<Tensor<2>>,
    bias_ih: Param<Tensor<1>>,
    bias_hh: Param<Tensor<1>>,
}

/// M LSTM cells that share one state, without biases. Rows of the weights are ordered module, gate
/// (i, f, o, g), unit.
#[derive(Module, Debug)]
pub struct SharedCells {
    i2h: Param<Tensor<2>>,
    h2h: Param<Tensor<2>>,
    scorer: Option<CellScorer>,
}

/// Who scores the cells.
#[derive(Module, Debug)]
pub enum CellScorer {
    /// Each cell itself
    Own(OwnScore),
    /// The context
    Context(ContextScore),
}

/// 8H' → 1 on ReLU of a cell's input and state part.
#[derive(Module, Debug)]
pub struct OwnScore {
    w: Param<Tensor<3>>,
    b: Param<Tensor<3>>,
}

/// R → H' → M without biases.
#[derive(Module, Debug)]
pub struct ContextScore {
    first: Param<Tensor<2>>,
    second: Param<Tensor<2>>,
}

/// The recurrent part.
#[derive(Module, Debug)]
pub enum RnnCell {
    /// `Monolithic`
    Whole(LstmCell),
    /// All others
    Modules(SharedCells),
}

/// Tokens through an encoder and the cells, the state after each through the decoder. The new state
/// is the weighted sum of what the cells make of the old one.
#[derive(Module, Debug)]
pub struct RnnNetwork {
    encoder: Coder,
    cell: RnnCell,
    decoder: Option<Coder>,
    readout: Option<Linear>,
    #[module(skip)]
    shape: RuleShape,
}

/// h, c. [B, H]
type State = (Tensor<2>, Tensor<2>);

impl RnnNetwork {
    pub(super) fn new(shape: &RuleShape, source: Source) -> Self {
        let scorer = || match shape.kind {
            RuleKind::Modular => Some(CellScorer::Own(OwnScore {
                w: source.param("rnn.scorer.1.w"),
                b: source.param("rnn.scorer.1.b"),
            })),
            RuleKind::ModularOp => Some(CellScorer::Context(ContextScore {
                first: source.param("rnn.scorer.0.weight"),
                second: source.param("rnn.scorer.2.weight"),
            })),
            _ => None,
        };
        let cell = match shape.kind {
            RuleKind::Monolithic => RnnCell::Whole(LstmCell {
                weight_ih: source.param("rnn.weight_ih"),
                weight_hh: source.param("rnn.weight_hh"),
                bias_ih: source.param("rnn.bias_ih"),
                bias_hh: source.param("rnn.bias_hh"),
            }),
            _ => RnnCell::Modules(SharedCells {
                i2h: source.param("rnn.i2h.weight"),
                h2h: source.param("rnn.h2h.weight"),
                scorer: scorer(),
            }),
        };
        Self {
            encoder: source.coder("encoder"),
            cell,
            decoder: shape.decoder.then(|| source.coder("decoder")),
            readout: (!shape.decoder).then(|| source.linear("readout")),
            shape: shape.clone(),
        }
    }

    /// See [`super::RuleNetwork::forward`].
    pub fn forward(&self, inputs: &Inputs, guide: Option<&mut dyn Guide>) -> Answer {
        let [samples, length] = [inputs.samples, inputs.length];
        let encoded = self.encoder.forward(inputs.told());
        let width = encoded.dims()[1];
        let tokens = encoded.reshape([samples, length, width]);
        let zeros = Tensor::zeros([samples, self.shape.state_width()], &inputs.x.device());
        let state = (zeros.clone(), zeros);
        let (states, activation) = match &self.cell {
            RnnCell::Whole(cell) => (cell.run(tokens, state), None),
            RnnCell::Modules(cells) => {
                let (states, weights) =
                    cells.run(tokens, state, &inputs.contexts[0], &self.shape, guide);
                (states, Some(by_row(weights)))
            }
        };
        let states = by_row(states);
        let output = match (&self.decoder, &self.readout) {
            (Some(decoder), _) => decoder.forward(states),
            (None, Some(readout)) => readout.forward(states),
            (None, None) => states,
        };
        Answer { output, activation }
    }

    /// Parameters that are stacked by module.
    pub(super) fn stacked(&self) -> Vec<ParamId> {
        match &self.cell {
            RnnCell::Whole(_) => Vec::new(),
            RnnCell::Modules(cells) => vec![cells.i2h.id, cells.h2h.id],
        }
    }
}

impl LstmCell {
    /// [B, L, E] → h after each token. \[L\] of [B, H]
    fn run(&self, tokens: Tensor<3>, state: State) -> Vec<Tensor<2>> {
        let [samples, length, width] = tokens.dims();
        let bias = (self.bias_ih.val() + self.bias_hh.val()).unsqueeze::<2>();
        let flat = tokens.reshape([samples * length, width]);
        let input = flat.matmul(self.weight_ih.val().transpose()) + bias;
        let columns = input.dims()[1];
        let input = input.reshape([samples, length, columns]);
        let (mut h, mut c) = state;
        let mut states = Vec::with_capacity(length);
        for token in 0..length {
            let state = h.matmul(self.weight_hh.val().transpose());
            let [i, f, g, o] = quarters(at(&input, token) + state);
            (h, c) = advance([i, f, o, g], c);
            states.push(h.clone());
        }
        states
    }
}

impl SharedCells {
    /// [B, L, E] → h after each token \[L\] of [B, H], activation at each token \[L\] of [B, M]
    fn run(
        &self,
        tokens: Tensor<3>,
        state: State,
        contexts: &Contexts,
        shape: &RuleShape,
        mut guide: Option<&mut dyn Guide>,
    ) -> (Vec<Tensor<2>>, Vec<Tensor<2>>) {
        let (length, modules) = (tokens.dims()[1], shape.modules);
        let table = match &self.scorer {
            Some(CellScorer::Context(scorer)) => Some(scorer.table(contexts)),
            _ => None,
        };
        let (mut h, mut c) = state;
        let (mut states, mut activations) = (Vec::new(), Vec::new());
        for token in 0..length {
            let x = at(&tokens, token);
            let contexts = contexts.at(token, length);
            let weights = match (guide.as_mut(), &table) {
                (Some(guide), _) => Some(guide.weights(token, &x, &contexts)),
                (None, Some(table)) => Some(Weights::Soft(contexts.look_up(table.clone()))),
                (None, None) => contexts.weights(shape),
            };
            let weights = match weights {
                Some(Weights::One { action, factor }) => {
                    let gates = self.one(x, &h, &action, modules);
                    (h, c) = advance(quarters(gates), c);
                    (h, c) = (scaled(h, factor.as_ref()), scaled(c, factor.as_ref()));
                    Weights::One { action, factor }
                }
                weights => {
                    let p;
                    ((h, c), p) = self.all(x, (h, c), weights, modules);
                    Weights::Soft(p)
                }
            };
            states.push(h.clone());
            activations.push(weights.activation(modules));
        }
        (states, activations)
    }

    /// What all cells make of a state, weighted. → state, p [B, M]
    fn all(
        &self,
        x: Tensor<2>,
        (h, c): State,
        weights: Option<Weights>,
        modules: usize,
    ) -> (State, Tensor<2>) {
        let (rows, width) = (x.dims()[0], h.dims()[1]);
        let parts = [rows, modules, 4 * width];
        let input = x.matmul(self.i2h.val().transpose()).reshape(parts);
        let state = h.matmul(self.h2h.val().transpose()).reshape(parts);
        let p = match (weights, &self.scorer) {
            (Some(Weights::Soft(p)), _) => p,
            (_, Some(CellScorer::Own(scorer))) => scorer.weights(input.clone(), state.clone()),
            _ => Tensor::full([rows, modules], 1.0 / modules as f32, &c.device()),
        };
        let (h, c) = advance(quarters(input + state), c.unsqueeze_dim::<3>(1));
        let mixed = |each: Tensor<3>| {
            let weighted = each * p.clone().unsqueeze_dim::<3>(2);
            weighted.sum_dim(1).reshape([rows, width])
        };
        ((mixed(h), mixed(c)), p)
    }

    /// Gates of the cell that each row chose; no other is computed. → [B, 4H]
    fn one(
        &self,
        x: Tensor<2>,
        h: &Tensor<2>,
        action: &Tensor<1, Int>,
        modules: usize,
    ) -> Tensor<2> {
        let through = |x: Tensor<2>, weight: &Param<Tensor<2>>| {
            let [rows, input] = weight.dims();
            let stacked = [modules, rows / modules, input];
            let weight = weight.val().reshape(stacked).swap_dims(1, 2);
            let bias = Tensor::zeros([modules, rows / modules], &x.device());
            grouped_linear(x, weight, bias, action, false)
        };
        through(x, &self.i2h) + through(h.clone(), &self.h2h)
    }
}

impl OwnScore {
    /// [B, M, 4H] twice → p [B, M]
    fn weights(&self, input: Tensor<3>, state: Tensor<3>) -> Tensor<2> {
        let parts = activation::relu(Tensor::cat(vec![input, state], 2));
        let [rows, modules, _] = parts.dims();
        let scores = (parts * self.w.val().swap_dims(1, 2).swap_dims(0, 1)).sum_dim(2);
        activation::softmax(scores.reshape([rows, modules]), 1)
    }
}

impl ContextScore {
    /// p of every context. [R + 1, M]
    fn table(&self, contexts: &Contexts) -> Tensor<2> {
        let hidden = activation::relu(contexts.all().matmul(self.first.val().transpose()));
        activation::softmax(hidden.matmul(self.second.val().transpose()), 1)
    }
}

/// The last axis in four. [.., 4H] → [.., H] each
fn quarters<const D: usize>(gates: Tensor<D>) -> [Tensor<D>; 4] {
    let width = gates.dims()[D - 1] / 4;
    std::array::from_fn(|gate| gates.clone().narrow(D - 1, gate * width, width))
}

/// c ← σ(f) c + σ(i) tanh(g), h ← σ(o) tanh(c), from i, f, o, g.
fn advance<const D: usize>([i, f, o, g]: [Tensor<D>; 4], c: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
    let c = activation::sigmoid(f) * c + activation::sigmoid(i) * g.tanh();
    (activation::sigmoid(o) * c.clone().tanh(), c)
}

/// One token of every sample. [B, L, D] → [B, D]
fn at(tokens: &Tensor<3>, token: usize) -> Tensor<2> {
    tokens.clone().narrow(1, token, 1).squeeze_dim(1)
}

/// Values by token as values by row. \[L\] of [B, D] → [B · L, D]
fn by_row(values: Vec<Tensor<2>>) -> Tensor<2> {
    let length = values.len();
    let [samples, width] = values[0].dims();
    Tensor::<2>::stack::<3>(values, 1).reshape([samples * length, width])
}

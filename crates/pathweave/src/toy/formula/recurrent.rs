//! The learner of formulas without routing: a gated recurrent unit reads the tokens (Cho et al.
//! 2014, in PyTorch's form), a linear layer answers from its last state.

use burn::module::Module;
use burn::tensor::{Bool, Device, Tensor, TensorData, activation};
use pathweave_data::dataset::formula::{DIGITS, Formula, TOKENS};

use super::spec::FormulaToySpec;
use super::tokens::Tokens;
use crate::block::{Activation, LinearBlock};
use crate::init::Init;

/// Tokens one by one to ten logits.
#[derive(Module, Debug)]
pub struct RecurrentFormula {
    /// [V, 3 · H]: reset, update, new
    input: LinearBlock,
    /// [H, 3 · H]
    state: LinearBlock,
    /// [H, 10]
    output: LinearBlock,
    hidden: usize,
}

impl RecurrentFormula {
    /// Fresh parameters.
    pub fn new(spec: &FormulaToySpec, init: &Init) -> Self {
        let hidden = spec.hidden;
        let block = |input, output, name| {
            LinearBlock::new(input, output, Activation::Identity, &init.at(name))
        };
        Self {
            input: block(TOKENS, 3 * hidden, "input"),
            state: block(hidden, 3 * hidden, "state"),
            output: block(hidden, DIGITS, "output"),
            hidden,
        }
    }

    /// Probabilities of the ten digits. [R, 10]
    pub fn forward(&self, formulas: &[Formula], device: &Device) -> Tensor<2> {
        let tokens = Tokens::new(formulas, device).values;
        let [rows, length, width] = tokens.dims();
        let hidden = self.hidden;
        let inputs = self.input.forward(tokens.reshape([rows * length, width]));
        let inputs = inputs.reshape([rows, length, 3 * hidden]);
        let mut h = Tensor::<2>::zeros([rows, hidden], device);
        for place in 0..length {
            let x = inputs.clone().narrow(1, place, 1).squeeze_dim::<2>(1);
            let s = self.state.forward(h.clone());
            let part = |of: &Tensor<2>, gate: usize| of.clone().narrow(1, gate * hidden, hidden);
            let reset = activation::sigmoid(part(&x, 0) + part(&s, 0));
            let update = activation::sigmoid(part(&x, 1) + part(&s, 1));
            let new = (part(&x, 2) + reset * part(&s, 2)).tanh();
            let next = new.clone() + update * (h.clone() - new);
            // A formula that has ended keeps its state.
            let ended: Vec<bool> =
                formulas.iter().map(|formula| formula.tokens.len() <= place).collect();
            h = if ended.contains(&true) {
                let ended = TensorData::new(ended, [rows, 1]);
                let ended = Tensor::<2, Bool>::from_data(ended, device).expand([rows, hidden]);
                next.mask_where(ended, h)
            } else {
                next
            };
        }
        activation::softmax(self.output.forward(h), 1)
    }
}

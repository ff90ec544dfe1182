//! A recurrent encoding of the premise (T 6.2.7, 6.3.1).

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::{Premises, Target};
use crate::init::Init;
use crate::kernel::lstm::lstm;
use crate::kernel::segment_sum::gather_rows;

/// Enc(S) = SEQ(S) (T equation 6.7): the last state of a long short-term memory over the words.
#[derive(Module, Debug)]
pub struct Sequence {
    /// Word vectors to gates i, f, g, o. [W, 4H]
    pub input: Param<Tensor<2>>,
    /// State to gates. [H, 4H]
    pub recurrent: Param<Tensor<2>>,
    /// \[4H\]
    pub bias: Param<Tensor<1>>,
}

impl Sequence {
    /// For word vectors of `word` numbers and a state of `hidden`; everything uniform in ±1/√H.
    pub fn new(word: usize, hidden: usize, init: &Init) -> Self {
        Self {
            input: init.at("input").fan_in([word, 4 * hidden], hidden),
            recurrent: init.at("recurrent").fan_in([hidden, 4 * hidden], hidden),
            bias: init.at("bias").fan_in([4 * hidden], hidden),
        }
    }

    /// The state after each premise's last word; 0 where it has none. [B, H]
    pub fn state(&self, premises: &Premises) -> Tensor<2> {
        // A word that occurs several times is mapped once.
        let gates = premises.vectors.clone().matmul(self.input.val());
        let gates = gather_rows(gates, &premises.row_of);
        lstm(gates, self.recurrent.val(), self.bias.val(), &premises.starts)
    }

    /// H
    pub fn width(&self) -> usize {
        self.recurrent.dims()[0]
    }

    /// The words in order.
    pub fn target(&self) -> Target {
        Target::Words { word: self.input.dims()[0], hidden: self.width() }
    }
}

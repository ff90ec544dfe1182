//! Continuous bag of words with attention (T 6.2.5).
//!
//! # Deviations
//! - T equation 6.5 leaves the attention function A open: here A(w) = σ(a · v(w) + c) of the word's
//!   vector v(w), with learned a and c. It is a function of the word alone, as the equation writes
//!   it: a softmax over the premise would be one of the whole sentence.
//! - T 6.2.3 reconstructs the encoding. Here the encoding is constant as what is to be reconstructed
//!   and learns as what is read: else attention that is 0 for all words would have no error at all.

use burn::module::{Module, Param};
use burn::tensor::{Tensor, activation};

use super::Premises;
use crate::init::Init;
use crate::kernel::segment_sum::segment_sum;

/// Enc(S) = Σ_{w ∈ S} A(w) GloVe(w) (T equation 6.5).
#[derive(Module, Debug)]
pub struct Attention {
    /// a. [W, 1]
    pub weight: Param<Tensor<2>>,
    /// c. \[1\]
    pub bias: Param<Tensor<1>>,
}

impl Attention {
    /// For word vectors of `word` numbers; a and c uniform in ±1/√W.
    pub fn new(word: usize, init: &Init) -> Self {
        Self {
            weight: init.at("weight").fan_in([word, 1], word),
            bias: init.at("bias").fan_in([1], word),
        }
    }

    /// A of each distinct word. [U, W] → [U, 1]
    pub fn weights(&self, vectors: Tensor<2>) -> Tensor<2> {
        activation::sigmoid(vectors.matmul(self.weight.val()) + self.bias.val().unsqueeze_dim(0))
    }

    /// Weighted sum of each premise's word vectors; 0 where it has none. [B, W]
    pub fn state(&self, premises: &Premises) -> Tensor<2> {
        let vectors = premises.vectors.clone();
        let weighted = vectors.clone() * self.weights(vectors);
        segment_sum(weighted, &premises.row_of, &premises.starts)
    }

    /// W
    pub fn width(&self) -> usize {
        self.weight.dims()[0]
    }
}

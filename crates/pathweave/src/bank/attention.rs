//! M multi-head self-attentions of one shape, their weights stacked (T 5.3.1.4).

use burn::module::Module;
use burn::tensor::Tensor;

use super::{LinearBank, RowActions, Sequences};
use crate::block::Activation;
use crate::init::Init;
use crate::kernel::causal_attention::causal_attention;

/// Queries, keys and values of each word, causal attention within its sequence, a linear map: the
/// attention of Radford et al. 2018.
#[derive(Module, Debug)]
pub struct AttentionBank {
    /// Queries, keys, values. [M, D, 3D]
    pub input: LinearBank,
    /// [M, D, D]
    pub output: LinearBank,
    heads: usize,
}

impl AttentionBank {
    /// `heads` divides `width`.
    pub fn new(modules: usize, width: usize, heads: usize, init: &Init) -> Self {
        assert!(heads > 0 && width.is_multiple_of(heads), "{heads} heads of a width of {width}");
        let id = Activation::Identity;
        Self {
            input: LinearBank::new(modules, width, 3 * width, id, &init.at("input")),
            output: LinearBank::new(modules, width, width, id, &init.at("output")),
            heads,
        }
    }

    /// All words of a sequence through the attention that it chose. [N, D] → [N, D]
    ///
    /// # Panics
    /// If an action is not in 0..M.
    pub fn apply(&self, x: Tensor<2>, words: &Sequences, action: &RowActions) -> Tensor<2> {
        let qkv = self.input.apply(x, &action.rows);
        self.output.apply(causal_attention(qkv, &words.starts, self.heads), &action.rows)
    }
}

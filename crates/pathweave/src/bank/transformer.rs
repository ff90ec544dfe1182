//! M transformer blocks of one shape, their weights stacked (T 5.3.1.4).

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use super::{AttentionBank, LinearBank, NormBank, RowActions, Sequences};
use crate::block::Activation;
use crate::init::Init;

/// A block without its attention a: h = norm(x + a), norm(h + feed-forward(h)).
#[derive(Module, Debug)]
pub struct RestBank {
    /// Behind the attention
    pub first: NormBank,
    /// [M, D, F], then GELU
    pub up: LinearBank,
    /// [M, F, D]
    pub down: LinearBank,
    /// Behind the feed-forward layers
    pub second: NormBank,
}

impl RestBank {
    /// `feed_forward` = F
    pub fn new(modules: usize, width: usize, feed_forward: usize, init: &Init) -> Self {
        let id = Activation::Identity;
        Self {
            first: NormBank::new(modules, width, &init.at("first")),
            up: LinearBank::new(modules, width, feed_forward, id, &init.at("up")),
            down: LinearBank::new(modules, feed_forward, width, id, &init.at("down")),
            second: NormBank::new(modules, width, &init.at("second")),
        }
    }

    /// What entered the attention and what left it → the block's output. [N, D], [N, D] → [N, D]
    ///
    /// # Panics
    /// If an action is not in 0..M.
    pub fn apply(&self, x: Tensor<2>, attended: Tensor<2>, action: &RowActions) -> Tensor<2> {
        let h = self.first.apply(x + attended, action);
        let inner = activation::gelu(self.up.apply(h.clone(), &action.rows));
        self.second.apply(h + self.down.apply(inner, &action.rows), action)
    }
}

/// The block of Radford et al. 2018: attention, add, normalise, feed-forward with GELU, add,
/// normalise.
///
/// # Deviations
/// - T 5.3.1.4 routes the twelve blocks that Radford et al. 2018 published. The blocks here are of the
///   same kind and of any size; GELU is x Φ(x), of which the published code computes an
///   approximation by tanh that is off by less than 0.001; there is no dropout.
#[derive(Module, Debug)]
pub struct BlockBank {
    /// Of each word to those before it
    pub attention: AttentionBank,
    /// Everything behind it
    pub rest: RestBank,
}

impl BlockBank {
    /// `widths` = [D, F]
    pub fn new(modules: usize, widths: [usize; 2], heads: usize, init: &Init) -> Self {
        let [width, feed_forward] = widths;
        Self {
            attention: AttentionBank::new(modules, width, heads, &init.at("attention")),
            rest: RestBank::new(modules, width, feed_forward, &init.at("rest")),
        }
    }

    /// All words of a sequence through the block that it chose. [N, D] → [N, D]
    ///
    /// # Panics
    /// If an action is not in 0..M.
    pub fn apply(&self, x: Tensor<2>, words: &Sequences, action: &RowActions) -> Tensor<2> {
        let attended = self.attention.apply(x.clone(), words, action);
        self.rest.apply(x, attended, action)
    }
}

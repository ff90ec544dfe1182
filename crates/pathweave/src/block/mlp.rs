//! Two linear maps with an activation between.

use burn::module::Module;
use burn::tensor::Tensor;

use super::{Activation, LinearBlock};
use crate::init::Init;

/// y = f(relu(x · W₁ + b₁) · W₂ + b₂)
#[derive(Module, Debug)]
pub struct MlpBlock {
    /// [in, hidden], ReLU
    pub first: LinearBlock,
    /// [hidden, out], f
    pub second: LinearBlock,
}

impl MlpBlock {
    /// Both layers initialised as [`LinearBlock::new`] does.
    pub fn new(
        input: usize,
        hidden: usize,
        output: usize,
        activation: Activation,
        init: &Init,
    ) -> Self {
        Self {
            first: LinearBlock::new(input, hidden, Activation::Relu, &init.at("first")),
            second: LinearBlock::new(hidden, output, activation, &init.at("second")),
        }
    }

    /// [R, in] → [R, out]
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.second.forward(self.first.forward(x))
    }
}

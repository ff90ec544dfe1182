//! Linear map, bias, activation.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::Activation;
use crate::assert_shape;
use crate::init::Init;

/// y = f(x · W + b)
#[derive(Module, Debug)]
pub struct LinearBlock {
    /// [in, out]
    pub weight: Param<Tensor<2>>,
    /// \[out\]
    pub bias: Param<Tensor<1>>,
    /// f
    #[module(skip)]
    pub activation: Activation,
}

impl LinearBlock {
    /// Weights and bias uniform in ±1/√in.
    pub fn new(input: usize, output: usize, activation: Activation, init: &Init) -> Self {
        Self {
            weight: init.at("weight").fan_in([input, output], input),
            bias: init.at("bias").fan_in([output], input),
            activation,
        }
    }

    /// [R, in] → [R, out]
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let rows = x.dims()[0];
        let [input, output] = self.weight.dims();
        assert_shape!(x, [rows, input]);
        let y = x.matmul(self.weight.val()) + self.bias.val().reshape([1, output]);
        self.activation.apply(y)
    }
}

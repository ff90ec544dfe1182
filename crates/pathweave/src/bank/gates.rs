//! M modules of a long short-term memory's four gates, their weights stacked (T 5.3.1.2).

use burn::module::Module;
use burn::tensor::{Int, Tensor};

use super::LinearBank;
use crate::block::Activation;
use crate::init::Init;
use crate::kernel::gates::gate_bank;

/// Gates of a long short-term memory: i, f, g, o.
pub const GATES: usize = 4;

/// y_k = x_k · W\[4a + k\] + b\[4a + k\] for each gate k: one decision a drives all four.
///
/// # Deviations
/// - Modules of gates have no activation, where those of other places have ReLU: what they give is
///   added to a gate before its own nonlinearity, and after a ReLU could never be negative, so that no
///   gate could close. T equation 5.1 writes plain "FC".
/// - T equation 5.1 writes each transformation as a composition of its own and does not say what
///   enters it: x (or h) enters all four, and each gate's second module goes on with what its first
///   one gave. A skipped or terminated depth leaves the four as they are; before the first module they
///   are four copies of x.
#[derive(Module, Debug)]
pub struct GateBank {
    /// [4M, in, out]: gate k of module m is block 4m + k
    pub blocks: LinearBank,
}

impl GateBank {
    /// Weights and biases uniform in ±1/√in.
    pub fn new(modules: usize, input: usize, output: usize, init: &Init) -> Self {
        Self { blocks: LinearBank::new(GATES * modules, input, output, Activation::Identity, init) }
    }

    /// M
    pub fn modules(&self) -> usize {
        self.blocks.weight.dims()[0] / GATES
    }

    /// Each row through the module it chose; rows whose action is no module pass.
    /// [R, in] for all gates or [R, 4·in] for each → [R, 4·out]
    pub fn apply(&self, x: Tensor<2>, action: &Tensor<1, Int>) -> Tensor<2> {
        let output = self.blocks.weight.dims()[2];
        if x.dims()[0] == 0 {
            return Tensor::zeros([0, GATES * output], &x.device());
        }
        let (weight, bias) = (self.blocks.weight.val(), self.blocks.bias.val());
        gate_bank(x, weight, bias, action)
    }

    /// Every row through every module. [R, in] or [R, 4·in] → [M, R, 4·out]
    pub fn apply_all(&self, x: Tensor<2>) -> Tensor<3> {
        let [_, input, output] = self.blocks.weight.dims();
        let (rows, modules) = (x.dims()[0], self.modules());
        let weight = self.blocks.weight.val().reshape([modules, GATES, input, output]);
        let bias = self.blocks.bias.val().reshape([modules, GATES, 1, output]);
        let x = self.spread(x).reshape([1, rows, GATES, input]).swap_dims(1, 2);
        let y = x.matmul(weight) + bias;
        y.swap_dims(1, 2).reshape([modules, rows, GATES * output])
    }

    /// What enters each gate: rows that still are one for all are repeated.
    /// [R, in] or [R, 4·in] → [R, 4·in]
    pub fn spread(&self, x: Tensor<2>) -> Tensor<2> {
        let input = self.blocks.weight.dims()[1];
        if x.dims()[1] != input {
            return x;
        }
        x.repeat_dim(1, GATES)
    }
}

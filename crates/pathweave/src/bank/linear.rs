//! M linear blocks of one shape, their weights stacked.

use burn::module::{Module, Param};
use burn::tensor::{Int, Tensor};

use crate::block::Activation;
use crate::init::Init;
use crate::kernel::grouped_linear::grouped_linear;

/// y = f(x · W\[a\] + b\[a\])
#[derive(Module, Debug)]
pub struct LinearBank {
    /// [M, in, out]
    pub weight: Param<Tensor<3>>,
    /// [M, out]
    pub bias: Param<Tensor<2>>,
    /// f
    #[module(skip)]
    pub activation: Activation,
}

impl LinearBank {
    /// Weights and biases uniform in ±1/√in.
    pub fn new(modules: usize, input: usize, output: usize, f: Activation, init: &Init) -> Self {
        Self {
            weight: init.at("weight").fan_in([modules, input, output], input),
            bias: init.at("bias").fan_in([modules, output], input),
            activation: f,
        }
    }

    /// Each row through the block it chose; rows whose action is no block pass. [R, in] → [R, out]
    pub fn apply(&self, x: Tensor<2>, action: &Tensor<1, Int>) -> Tensor<2> {
        let relu = self.activation == Activation::Relu;
        let y = grouped_linear(x.clone(), self.weight.val(), self.bias.val(), action, relu);
        match self.activation {
            Activation::Relu | Activation::Identity => y,
            // A mask cannot be expanded over no rows.
            _ if y.dims()[0] == 0 => y,
            // The kernel has no such activation fused; rows that passed must stay as they came.
            other => {
                let modules = self.weight.dims()[0] as i64;
                let routed = other.apply(y.clone());
                let beyond = action.clone().greater_equal_elem(modules);
                let passed = beyond.bool_or(action.clone().lower_elem(0)).unsqueeze_dim::<2>(1);
                routed.mask_where(passed.expand(y.dims()), y)
            }
        }
    }

    /// Every row through every block. [R, in] → [M, R, out]
    pub fn apply_all(&self, x: Tensor<2>) -> Tensor<3> {
        self.apply_each(x.unsqueeze_dim(0))
    }

    /// Row set m through block m; one row set serves all. [M or 1, R, in] → [M, R, out]
    pub fn apply_each(&self, x: Tensor<3>) -> Tensor<3> {
        let y = x.matmul(self.weight.val()) + self.bias.val().unsqueeze_dim(1);
        self.activation.apply(y)
    }
}

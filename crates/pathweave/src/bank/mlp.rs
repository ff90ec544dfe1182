//! M two-layer blocks of one shape, their weights stacked.

use burn::module::Module;
use burn::tensor::{Int, Tensor};

use super::LinearBank;
use crate::block::Activation;
use crate::init::Init;

/// y = f(relu(x · W₁\[a\] + b₁\[a\]) · W₂\[a\] + b₂\[a\])
#[derive(Module, Debug)]
pub struct MlpBank {
    /// [M, in, hidden], ReLU
    pub first: LinearBank,
    /// [M, hidden, out], f
    pub second: LinearBank,
}

impl MlpBank {
    /// Both layers initialised as [`LinearBank::new`] does. `widths` = [in, hidden, out].
    pub fn new(modules: usize, widths: [usize; 3], f: Activation, init: &Init) -> Self {
        let [input, hidden, output] = widths;
        Self {
            first: LinearBank::new(modules, input, hidden, Activation::Relu, &init.at("first")),
            second: LinearBank::new(modules, hidden, output, f, &init.at("second")),
        }
    }

    /// Each row through the block it chose. [R, in] → [R, out]
    ///
    /// Rows that choose no block pass both layers, which needs in = hidden = out.
    pub fn apply(&self, x: Tensor<2>, action: &Tensor<1, Int>) -> Tensor<2> {
        self.second.apply(self.first.apply(x, action), action)
    }

    /// Every row through every block. [R, in] → [M, R, out]
    pub fn apply_all(&self, x: Tensor<2>) -> Tensor<3> {
        self.second.apply_each(self.first.apply_all(x))
    }
}

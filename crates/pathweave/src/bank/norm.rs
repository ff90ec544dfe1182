//! M layer normalisations of one width, their gains and biases stacked.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::RowActions;
use crate::init::Init;
use crate::kernel::segment_sum::gather_rows;

/// ε of Radford et al. 2018.
const EPSILON: f64 = 1e-5;

/// y = (x − mean x) / √(var x + ε) · g\[a\] + b\[a\], mean and variance over a row's numbers.
#[derive(Module, Debug)]
pub struct NormBank {
    /// g. [M, D]
    pub gain: Param<Tensor<2>>,
    /// b. [M, D]
    pub bias: Param<Tensor<2>>,
}

impl NormBank {
    /// Gains 1, biases 0.
    pub fn new(modules: usize, width: usize, init: &Init) -> Self {
        Self { gain: init.full([modules, width], 1.0), bias: init.full([modules, width], 0.0) }
    }

    /// [N, D] → [N, D]
    pub fn apply(&self, x: Tensor<2>, action: &RowActions) -> Tensor<2> {
        let centred = x.clone() - x.mean_dim(1);
        let variance = centred.clone().square().mean_dim(1);
        let y = centred / (variance + EPSILON).sqrt();
        let of_rows = |parameter: &Param<Tensor<2>>| match parameter.dims()[0] {
            1 => parameter.val(),
            _ => gather_rows(parameter.val(), &action.host),
        };
        y * of_rows(&self.gain) + of_rows(&self.bias)
    }
}

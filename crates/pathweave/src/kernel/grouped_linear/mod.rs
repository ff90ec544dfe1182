//! Hard-routed linear layer: every row is multiplied by the weights of the module it chose.
//!
//! Thesis algorithm 3.1, line 8, for a bank of linear modules. The cost follows the number of
//! rows, not the number of modules: rows are sorted by action once, and each group is one
//! matrix product on the stacked weights that reads and writes its rows where they lie.

#[cfg(feature = "flex")]
mod op;
pub mod plain;
pub mod slices;

use burn::tensor::{Int, Tensor};

/// y_r = f(x_r · W\[a_r\] + b\[a_r\]), f = ReLU where `relu`, else the identity.
///
/// `x` [R, in], `weight` [M, in, out], `bias` [M, out], `action` \[R\] → [R, out]. A row whose
/// action is not in 0..M (skip, terminated) passes unchanged, which needs in = out.
/// Modules that no row chose receive a zero gradient.
///
/// # Panics
/// Where shapes disagree, or a row passes unchanged although in ≠ out.
pub fn grouped_linear(
    x: Tensor<2>,
    weight: Tensor<3>,
    bias: Tensor<2>,
    action: &Tensor<1, Int>,
    relu: bool,
) -> Tensor<2> {
    let [modules, input, output] = weight.dims();
    assert_eq!(x.dims()[1], input, "x [R, in] against weight [M, in, out]");
    assert_eq!(bias.dims(), [modules, output], "bias [M, out] against weight [M, in, out]");
    assert_eq!(action.dims()[0], x.dims()[0], "one action a row");
    #[cfg(feature = "flex")]
    if super::has_kernels(&x.device()) {
        let y = <burn::backend::Dispatch as op::GroupedLinear>::grouped_linear(
            x.into_dispatch(),
            weight.into_dispatch(),
            bias.into_dispatch(),
            action.clone().into_dispatch(),
            relu,
        );
        return Tensor::from_dispatch(y);
    }
    plain::grouped_linear(x, weight, bias, action, relu)
}

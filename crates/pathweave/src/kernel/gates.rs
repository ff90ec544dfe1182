//! The four transformations of a recurrent cell's gates, chosen by one decision.
//!
//! Thesis section 5.3.1.2: i, f, g and o tie their choice of a module, and each has weights of its
//! own. Module a's gate k is number 4a + k of a bank of 4M linear blocks.
//!
//! A row of four gates is four rows of the grouped linear layer where it lies, so that only the
//! first depth, whose four gates share one input, repeats anything.

use burn::tensor::{Int, Tensor};

use super::grouped_linear::grouped_linear;

/// y_{r,k} = x_{r,k} · W\[4a_r + k\] + b\[4a_r + k\] for the gates k of each row.
///
/// `x` [R, in], shared by the gates (first depth), or [R, 4·in] (later depths); `weight`
/// [4M, in, out], `bias` [4M, out], `action` \[R\] → [R, 4·out]. A row whose action is not in 0..M
/// passes unchanged into every gate, which needs in = out.
///
/// # Panics
/// Where shapes disagree, or a row passes unchanged although in ≠ out.
///
/// # Deviations
///
/// - The transformations are linear, without an activation between depths: the document's eq. 5.1
///   composes fully connected layers and names no other nonlinearity than the gate's own.
pub fn gate_bank(
    x: Tensor<2>,
    weight: Tensor<3>,
    bias: Tensor<2>,
    action: &Tensor<1, Int>,
) -> Tensor<2> {
    let ([rows, columns], [blocks, input, output]) = (x.dims(), weight.dims());
    assert!(blocks.is_multiple_of(4), "weight [4M, in, out]");
    assert!(columns == input || columns == 4 * input, "x [R, in] or [R, 4 in]");
    let device = x.device();
    let x = if columns == input {
        x.unsqueeze_dim::<3>(1).repeat_dim(1, 4).reshape([4 * rows, input])
    } else {
        x.reshape([4 * rows, input])
    };
    // Numbers beyond the modules stay beyond, and negative ones negative.
    let gates = Tensor::<1, Int>::arange(0..4, &device).unsqueeze_dim::<2>(0);
    let action = (action.clone() * 4).unsqueeze_dim::<2>(1) + gates;
    let action = action.reshape([4 * rows]);
    grouped_linear(x, weight, bias, &action, false).reshape([rows, 4 * output])
}

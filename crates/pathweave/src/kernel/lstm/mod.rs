//! The last states of an LSTM over sentences of different lengths.
//!
//! Thesis section 5.3.1.2. Nothing is padded: sentences are sorted by length, and a time step has
//! the rows of those that still run. The state's part of the gates is one matrix product a step,
//! and the gradient of its weights one product over all steps together.

#[cfg(feature = "flex")]
mod op;
pub mod plain;
pub mod slices;

use std::sync::Arc;

use burn::tensor::Tensor;

/// h of each sentence's last word: z = gates + h·U + b, c = σ(f)·c + σ(i)·tanh(g),
/// h = σ(o)·tanh(c); a sentence without words has h = 0.
///
/// `gates` [N, 4H] the input's part of each word, columns i, f, g, o; `recurrent` U [H, 4H];
/// `bias` b \[4H\]; `starts` [S + 1] where sentences begin among the words, N last → [S, H].
///
/// # Panics
/// Where shapes disagree, or `starts` does not rise from 0 to N.
pub fn lstm(
    gates: Tensor<2>,
    recurrent: Tensor<2>,
    bias: Tensor<1>,
    starts: &Arc<[u32]>,
) -> Tensor<2> {
    let ([words, columns], [width, to]) = (gates.dims(), recurrent.dims());
    assert_eq!((columns, to), (4 * width, 4 * width), "gates [N, 4H] against recurrent [H, 4H]");
    assert_eq!(bias.dims(), [4 * width], "bias [4H]");
    slices::check(words, starts);
    #[cfg(feature = "flex")]
    if super::has_kernels(&gates.device()) {
        let h = <burn::backend::Dispatch as op::Lstm>::lstm(
            gates.into_dispatch(),
            recurrent.into_dispatch(),
            bias.into_dispatch(),
            starts.clone(),
        );
        return Tensor::from_dispatch(h);
    }
    plain::lstm(gates, recurrent, bias, starts)
}

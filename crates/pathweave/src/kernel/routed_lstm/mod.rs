//! An LSTM whose hidden-to-hidden transformation is a path through modules, one a sentence.
//!
//! Thesis section 5.3.1.2, figure 5.10, equation 5.1: at every time step the state's part of each
//! gate is the composition of that gate's layers in the modules of the sentence's path; one
//! decision drives all four gates.

#[cfg(feature = "flex")]
mod op;
pub mod plain;
pub mod slices;

use std::sync::Arc;

use burn::tensor::Tensor;

/// h of each sentence's last word, as [`lstm`](super::lstm::lstm), with h·U + b of gate k replaced
/// by FC_{k,a_T} ∘ … ∘ FC_{k,a_1}(h), FC_{k,a}(x) = x · W\[4a + k\] + b\[4a + k\].
///
/// `gates` [N, 4H] the input's part of each word, columns i, f, g, o; `weight` [4M, H, H], `bias`
/// [4M, H]; `paths` [S, T] row-major, the module of each sentence at each depth: at the first
/// number that is not below M the path ends; `starts` [S + 1] where sentences begin among the
/// words, N last → [S, H]. A path without modules is the identity: every gate receives h.
///
/// # Panics
/// Where shapes disagree, `starts` does not rise from 0 to N, or `paths` is not a whole number of
/// depths for each sentence.
///
/// # Deviations
///
/// - A module between the state and its gates has no activation of its own: eq. 5.1 composes fully
///   connected layers inside the gate's nonlinearity. So a path is one affine map, and paths that
///   many words share are multiplied out once a training step.
/// - A sentence whose path has no module at all keeps its recurrence: each gate receives the state
///   itself. The document does not say what an LSTM does when the router stops at once.
pub fn routed_lstm(
    gates: Tensor<2>,
    weight: Tensor<3>,
    bias: Tensor<2>,
    paths: &Arc<[u32]>,
    starts: &Arc<[u32]>,
) -> Tensor<2> {
    let ([words, columns], [blocks, width, to]) = (gates.dims(), weight.dims());
    assert!(blocks.is_multiple_of(4) && width == to, "weight [4M, H, H]");
    assert_eq!(columns, 4 * width, "gates [N, 4H] against weight [4M, H, H]");
    assert_eq!(bias.dims(), [blocks, width], "bias [4M, H] against weight [4M, H, H]");
    super::lstm::slices::check(words, starts);
    let routes = slices::trim(paths, starts.len() - 1, blocks / 4);
    #[cfg(feature = "flex")]
    if super::has_kernels(&gates.device()) {
        let h = <burn::backend::Dispatch as op::RoutedLstm>::routed_lstm(
            gates.into_dispatch(),
            weight.into_dispatch(),
            bias.into_dispatch(),
            routes,
            starts.clone(),
        );
        return Tensor::from_dispatch(h);
    }
    plain::routed_lstm(gates, weight, bias, &routes, starts)
}

//! Attention of each word to the words before it in its sequence, and to itself.
//!
//! Radford et al. 2018 (the language model of thesis section 5.3.1.4). Sequences of different
//! lengths lie one after another without padding: the linear maps around the attention run over real
//! words only.

pub mod plain;

use std::sync::Arc;

use burn::tensor::Tensor;

/// out_i = Σ_{j ≤ i} softmax_j(q_i · k_j / √d) v_j in each head, i and j words of one sequence.
///
/// `qkv` [N, 3D] queries, keys and values side by side, each the `heads` heads' d = D / heads numbers
/// one after another; `starts` [S + 1] where sequences begin among the words, N last → [N, D].
///
/// # Panics
/// Where the width is not three times a multiple of `heads`, or `starts` does not rise from 0 to N.
pub fn causal_attention(qkv: Tensor<2>, starts: &Arc<[u32]>, heads: usize) -> Tensor<2> {
    let [words, width] = qkv.dims();
    assert!(heads > 0 && width.is_multiple_of(3 * heads), "[N, {width}] against {heads} heads");
    assert_eq!((starts.first(), starts.last()), (Some(&0), Some(&(words as u32))), "starts");
    assert!(starts.is_sorted(), "starts rise");
    plain::causal_attention(qkv, starts, heads)
}

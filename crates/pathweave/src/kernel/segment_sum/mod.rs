//! Sums of selected rows: the words of a sentence.
//!
//! Thesis section 5.3.1.3, equation 5.2: a sentence of a continuous bag of words is the sum of its
//! words' rows. Rows are stored once and named by number, so that neither the words of a sentence
//! nor a padded batch is ever laid out.

#[cfg(feature = "flex")]
mod op;
pub mod plain;
pub mod slices;

use std::sync::Arc;

use burn::tensor::Tensor;

/// out_s = Σ_{starts\[s\] ≤ i < starts\[s+1\]} x\[index\[i\]\]; a sentence without words is 0.
///
/// `x` [U, D], `index` \[N\] the row of each word, `starts` [S + 1] where sentences begin among
/// the words, N last → [S, D]. The words of a sentence are added in their order, and so are the
/// gradients of a row.
///
/// # Panics
/// Where `starts` does not rise from 0 to N, or an index is not below U.
pub fn segment_sum(x: Tensor<2>, index: &Arc<[u32]>, starts: &Arc<[u32]>) -> Tensor<2> {
    slices::check(x.dims()[0], index, starts);
    #[cfg(feature = "flex")]
    if super::has_kernels(&x.device()) {
        let y = <burn::backend::Dispatch as op::SegmentSum>::segment_sum(
            x.into_dispatch(),
            index.clone(),
            starts.clone(),
        );
        return Tensor::from_dispatch(y);
    }
    plain::segment_sum(x, index, starts)
}

/// out_i = x\[index\[i\]\], each word a sentence of its own. `x` [U, D], `index` \[N\] → [N, D].
///
/// # Panics
/// Where an index is not below U.
pub fn gather_rows(x: Tensor<2>, index: &Arc<[u32]>) -> Tensor<2> {
    let starts: Arc<[u32]> = (0..=index.len() as u32).collect();
    segment_sum(x, index, &starts)
}

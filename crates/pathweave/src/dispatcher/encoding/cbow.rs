//! Continuous bag of words (T 6.2.4).

use burn::module::Module;
use burn::tensor::Tensor;

use super::Premises;
use crate::kernel::segment_sum::segment_sum;

/// Enc(S) = Σ_{w ∈ S} GloVe(w) (T equation 6.4): the dispatcher learns no part of it.
#[derive(Module, Debug)]
pub struct Cbow {
    width: usize,
}

impl Cbow {
    /// For word vectors of `width` numbers.
    pub fn new(width: usize) -> Self {
        Self { width }
    }

    /// Sum of each premise's word vectors; 0 where it has none. [B, W]
    pub fn state(&self, premises: &Premises) -> Tensor<2> {
        segment_sum(premises.vectors.clone(), &premises.row_of, &premises.starts)
    }

    /// W
    pub fn width(&self) -> usize {
        self.width
    }
}

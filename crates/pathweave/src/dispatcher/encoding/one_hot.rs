//! Counts of words (T 6.2.6).
//!
//! # Deviations
//! - T equation 6.6 adds one-hot vectors, as wide as the vocabulary. The dispatcher's policy and the
//!   autoencoder's first projection both begin with a linear map of these counts; here that map is
//!   one, shared by both, of `router.hidden` numbers. Its rows are looked up by word, and the sum of
//!   one-hot vectors is built only as what the autoencoder reconstructs.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::{Premises, Target};
use crate::init::Init;
use crate::kernel::segment_sum::segment_sum;
use crate::train::optimizer::Used;

/// A linear map of Enc(S) = Σ_{w ∈ S} OneHot(w) (T equation 6.6).
#[derive(Module, Debug)]
pub struct OneHot {
    /// A row for each word. [V, E]
    pub table: Param<Tensor<2>>,
}

impl OneHot {
    /// For `vocabulary` words; rows uniform in ±1, as of an input in which one number is 1.
    pub fn new(vocabulary: usize, hidden: usize, init: &Init) -> Self {
        Self { table: init.at("table").fan_in([vocabulary, hidden], 1) }
    }

    /// Sum of the rows of each premise's words; 0 where it has none. [B, E]
    pub fn state(&self, premises: &Premises) -> Tensor<2> {
        segment_sum(self.table.val(), &premises.words, &premises.starts)
    }

    /// E
    pub fn width(&self) -> usize {
        self.table.dims()[1]
    }

    /// The counts themselves.
    pub fn target(&self) -> Target {
        Target::Counts(self.table.dims()[0])
    }

    /// Notes which words occur, for the optimizer.
    pub fn mark(&self, premises: &Premises, used: &mut Used) {
        let mut seen = vec![false; self.table.dims()[0]];
        premises.words.iter().for_each(|&word| seen[word as usize] = true);
        used.insert(self.table.id, seen);
    }
}

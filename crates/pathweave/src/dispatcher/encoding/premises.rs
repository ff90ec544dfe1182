//! The premises of a batch, as a dispatcher reads them.

use std::sync::Arc;

use burn::tensor::{Tensor, TensorData};

/// Words of B premises, one after another, and the vectors of those that occur.
#[derive(Clone, Debug)]
pub struct Premises {
    /// Distinct vectors, without gradient. [U, W]
    pub vectors: Tensor<2>,
    /// Which of them each word has. \[N\]
    pub row_of: Arc<[u32]>,
    /// Number of each word in the vocabulary. \[N\]
    pub words: Arc<[u32]>,
    /// The words of premise i are `starts[i]..starts[i + 1]`. [B + 1]
    pub starts: Arc<[u32]>,
}

impl Premises {
    /// B
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there is no premise.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of words of a premise.
    pub fn length(&self, premise: usize) -> usize {
        (self.starts[premise + 1] - self.starts[premise]) as usize
    }

    /// How often each of `vocabulary` words occurs. [B, V]
    pub fn counts(&self, vocabulary: usize) -> Tensor<2> {
        let mut counts = vec![0.0f32; self.len() * vocabulary];
        for (row, ends) in counts.chunks_exact_mut(vocabulary.max(1)).zip(self.starts.windows(2)) {
            let words = &self.words[ends[0] as usize..ends[1] as usize];
            words.iter().for_each(|&word| row[word as usize] += 1.0);
        }
        let shape = [self.len(), vocabulary];
        Tensor::from_data(TensorData::new(counts, shape), &self.vectors.device())
    }

    /// Several copies of the batch, one after the other.
    pub(crate) fn repeated(&self, copies: usize) -> Self {
        let words = self.words.len() as u32;
        let starts = |copy| self.starts[1..].iter().map(move |end| copy * words + end);
        let starts = std::iter::once(0).chain((0..copies as u32).flat_map(starts)).collect();
        Self {
            vectors: self.vectors.clone(),
            row_of: self.row_of.repeat(copies).into(),
            words: self.words.repeat(copies).into(),
            starts,
        }
    }

    /// The same on tensors without gradient.
    pub(crate) fn inner(self) -> Self {
        Self { vectors: self.vectors.inner(), ..self }
    }
}

//! Rows that belong together: the words of a sequence.

use std::sync::Arc;

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};

use crate::trajectory::upload;

/// Where sequences begin and end among N rows.
#[derive(Clone, Debug)]
pub struct Sequences {
    /// Rows of sequence s are `starts[s]..starts[s + 1]`. [S + 1]
    pub starts: Arc<[u32]>,
    /// The sequence of each row. \[N\]
    pub of: Arc<[u32]>,
}

impl Sequences {
    /// From where they begin; N is last. [S + 1]
    pub fn new(starts: Vec<u32>) -> Self {
        let mut of = Vec::with_capacity(starts.last().copied().unwrap_or(0) as usize);
        for (sequence, ends) in starts.windows(2).enumerate() {
            of.extend(std::iter::repeat_n(sequence as u32, (ends[1] - ends[0]) as usize));
        }
        Self { starts: starts.into(), of: of.into() }
    }

    /// N sequences of one row.
    pub fn single(rows: usize) -> Self {
        Self::new((0..=rows as u32).collect())
    }

    /// S
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there is no sequence.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The last row of each sequence \[S\], where none is empty.
    pub fn last(&self) -> Arc<[u32]> {
        self.starts.iter().skip(1).map(|end| end - 1).collect()
    }

    /// Rows of `y`, but those of `x` for sequences that are to be kept. [N, D], [N, D] → [N, D]
    pub(crate) fn keep_where(
        &self,
        x: Tensor<2>,
        y: Tensor<2>,
        kept: impl Fn(usize) -> bool,
    ) -> Tensor<2> {
        if !(0..self.len()).any(&kept) {
            return y;
        }
        let flags: Vec<bool> = self.of.iter().map(|&sequence| kept(sequence as usize)).collect();
        let flags = TensorData::new(flags, [self.of.len(), 1]);
        let flags = Tensor::<2, Bool>::from_data(flags, &x.device()).expand(x.dims());
        y.mask_where(flags, x)
    }

    /// So many copies one after another.
    pub fn repeated(&self, copies: usize) -> Self {
        let rows = self.of.len() as u32;
        let ends = |copy: u32| self.starts[1..].iter().map(move |end| end + copy * rows);
        Self::new(std::iter::once(0).chain((0..copies as u32).flat_map(ends)).collect())
    }
}

/// Which of M stacked functions each row takes.
#[derive(Clone, Debug)]
pub struct RowActions {
    /// \[N\]
    pub host: Arc<[u32]>,
    /// \[N\]
    pub rows: Tensor<1, Int>,
}

impl RowActions {
    /// Of each row. \[N\]
    pub fn new(host: Vec<u32>, device: &Device) -> Self {
        Self { rows: upload(&host, device), host: host.into() }
    }

    /// Every row of a sequence takes its sequence's. `actions` \[S\]
    pub fn of(sequences: &Sequences, actions: &[u32], device: &Device) -> Self {
        Self::new(sequences.of.iter().map(|&at| actions[at as usize]).collect(), device)
    }

    /// All rows take the first.
    pub fn first(rows: usize, device: &Device) -> Self {
        Self::new(vec![0; rows], device)
    }
}

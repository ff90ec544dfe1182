//! Words that go the same way, computed once.
//!
//! Words before a routed layer know nothing of their sentences (T 5.3.1.3, equation 5.2): a word
//! that two sentences send through the same modules has the same result in both. Depth by depth,
//! a row stands for every occurrence of a word whose modules so far are equal.

use std::sync::Arc;

use burn::tensor::Tensor;

use crate::kernel::segment_sum::gather_rows;

/// The rows of a depth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Row of the depth before, or word, that each row continues. \[U\]
    pub parents: Arc<[u32]>,
    /// Action of each row. \[U\]
    pub actions: Vec<u32>,
}

/// Distinct rows of the words of a batch, depth by depth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distinct {
    /// The word of each row before the first depth, in order of appearance. \[U\]
    pub words: Vec<u32>,
    /// Depths entered so far
    pub levels: Vec<Level>,
    /// The row of each occurrence at the last depth. \[N\]
    pub rows: Arc<[u32]>,
}

impl Distinct {
    /// The distinct words of a batch, before any depth. `words` \[N\].
    pub fn new(words: &[u32]) -> Self {
        let most = words.iter().max().map_or(0, |&most| most as usize + 1);
        let (kept, rows) = number(words.iter().map(|&word| (word, 0)), most, 1);
        Self { words: kept.into_iter().map(|(word, _)| word).collect(), levels: Vec::new(), rows }
    }

    /// Words with the actions of a whole path. `words` \[N\], `actions` one list \[N\] a depth.
    ///
    /// # Panics
    /// Where a depth has not one action a word.
    pub fn of(words: &[u32], actions: &[Vec<u32>]) -> Self {
        let mut distinct = Self::new(words);
        actions.iter().for_each(|actions| distinct.enter(actions));
        distinct
    }

    /// Number of rows after the last depth.
    pub fn count(&self) -> usize {
        self.levels.last().map_or(self.words.len(), |level| level.actions.len())
    }

    /// The next depth. `actions` of the occurrences \[N\].
    ///
    /// # Panics
    /// Where there is not one action a word.
    pub fn enter(&mut self, actions: &[u32]) {
        let (level, rows) = Level::of(self.count(), &self.rows, actions);
        self.levels.push(level);
        self.rows = rows;
    }
}

impl Level {
    /// Of `rows` rows, of which occurrence n is `row_of[n]` and goes on with `actions[n]`: those with the
    /// same row and action become one. Also the new row of each occurrence.
    ///
    /// # Panics
    /// Where there is not one action a word.
    pub fn of(rows: usize, row_of: &[u32], actions: &[u32]) -> (Self, Arc<[u32]>) {
        assert_eq!(actions.len(), row_of.len(), "one action a word");
        let most = actions.iter().max().map_or(0, |&most| most as usize + 1);
        let pairs = row_of.iter().copied().zip(actions.iter().copied());
        let (kept, row_of) = number(pairs, rows, most);
        let (parents, actions): (Vec<u32>, Vec<u32>) = kept.into_iter().unzip();
        (Self { parents: parents.into(), actions }, row_of)
    }

    /// What each row continues; `x` itself where all go on, each once and in order. [U, D] → [V, D]
    pub fn rows(&self, x: Tensor<2>) -> Tensor<2> {
        let as_they_are =
            self.parents.len() == x.dims()[0] && self.parents.is_sorted_by(|a, b| a < b);
        if as_they_are { x } else { gather_rows(x, &self.parents) }
    }
}

/// Different pairs of a row below `rows` and an action below `actions`, in order of appearance, and the
/// number of each one's.
fn number(
    pairs: impl ExactSizeIterator<Item = (u32, u32)>,
    rows: usize,
    actions: usize,
) -> (Vec<(u32, u32)>, Arc<[u32]>) {
    const NEW: u32 = u32::MAX;
    let mut numbers = vec![NEW; rows * actions];
    let mut kept = Vec::with_capacity(rows);
    let of = |(row, action): (u32, u32)| {
        let number = &mut numbers[row as usize * actions + action as usize];
        if *number == NEW {
            *number = kept.len() as u32;
            kept.push((row, action));
        }
        *number
    };
    let numbers = pairs.map(of).collect();
    (kept, numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_for_words_that_went_the_same_way() {
        let words = [7, 3, 7, 7, 3, 9];
        let actions = [vec![0, 1, 0, 1, 1, 0], vec![2, 0, 3, 2, 0, 2]];
        let distinct = Distinct::of(&words, &actions);
        assert_eq!(distinct.words, [7, 3, 9]);
        assert_eq!(*distinct.levels[0].parents, [0, 1, 0, 2]);
        assert_eq!(distinct.levels[0].actions, [0, 1, 1, 0]);
        assert_eq!(*distinct.levels[1].parents, [0, 1, 0, 2, 3]);
        assert_eq!(distinct.levels[1].actions, [2, 0, 3, 2, 2]);
        assert_eq!(*distinct.rows, [0, 1, 2, 3, 1, 4]);
        assert_eq!(distinct.count(), 5);
    }

    /// Walking back from each occurrence meets its word and its actions.
    #[test]
    fn every_occurrence_finds_its_way_back() {
        let mut state = 1u32;
        let mut next = |below: u32| {
            state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
            (state >> 16) % below
        };
        let words: Vec<u32> = (0..500).map(|_| next(40)).collect();
        let actions: Vec<Vec<u32>> = (0..3).map(|_| (0..500).map(|_| next(4)).collect()).collect();
        let distinct = Distinct::of(&words, &actions);
        for (n, &word) in words.iter().enumerate() {
            let mut row = distinct.rows[n] as usize;
            for (level, actions) in distinct.levels.iter().zip(&actions).rev() {
                assert_eq!(level.actions[row], actions[n]);
                row = level.parents[row] as usize;
            }
            assert_eq!(distinct.words[row], word);
        }
        assert!(distinct.count() <= 500);
        assert_eq!(Distinct::of(&[], &[vec![]]).count(), 0);
    }
}

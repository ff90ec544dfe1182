//! The order in which the words of a batch are worked on.

use std::cmp::Reverse;
use std::ops::Range;

/// Panics where the sentences are not ranges of so many words.
pub fn check(words: usize, starts: &[u32]) {
    let rises = starts.first() == Some(&0) && starts.is_sorted();
    let ends = starts.last().is_some_and(|&last| last as usize == words);
    assert!(rises && ends, "starts [S + 1] must rise from 0 to the number of words");
}

/// Words packed time step by time step: at each step the sentences that still run, the longest
/// first.
#[derive(Clone, Debug)]
pub struct Order {
    /// S
    sentences: usize,
    /// The word at each packed row. \[N\]
    words: Vec<u32>,
    /// The sentence at each packed row. \[N\]
    owners: Vec<u32>,
    /// Where the state of each packed row goes: the packed row of the sentence's next word, or N
    /// plus the sentence that ends. \[N\]
    next: Vec<u32>,
    /// First packed row of each step, N last.
    steps: Vec<u32>,
}

impl Order {
    /// Of sentences `starts[s]..starts[s + 1]`.
    ///
    /// # Panics
    /// Where `starts` does not rise from 0.
    pub fn new(starts: &[u32]) -> Self {
        let total = starts.last().map_or(0, |&last| last as usize);
        check(total, starts);
        let sentences = starts.len() - 1;
        let length = |s: u32| starts[s as usize + 1] - starts[s as usize];
        let mut running: Vec<u32> = (0..sentences as u32).filter(|&s| length(s) > 0).collect();
        running.sort_by_key(|&s| Reverse(length(s)));
        let (mut words, mut owners) = (Vec::with_capacity(total), Vec::with_capacity(total));
        let mut next = Vec::with_capacity(total);
        let mut steps = vec![0];
        for step in 0.. {
            if running.is_empty() {
                break;
            }
            words.extend(running.iter().map(|&s| starts[s as usize] + step));
            owners.extend_from_slice(&running);
            let mut place = words.len() as u32;
            steps.push(place);
            next.extend(running.iter().map(|&s| {
                if length(s) == step + 1 {
                    return total as u32 + s;
                }
                place += 1;
                place - 1
            }));
            running.retain(|&s| length(s) > step + 1);
        }
        Self { sentences, words, owners, next, steps }
    }

    /// S.
    pub fn sentences(&self) -> usize {
        self.sentences
    }

    /// N.
    pub fn words(&self) -> usize {
        self.words.len()
    }

    /// Number of time steps: the length of the longest sentence.
    pub fn steps(&self) -> usize {
        self.steps.len() - 1
    }

    /// Packed rows of a step; none after the last.
    pub fn rows(&self, step: usize) -> Range<usize> {
        let at = |step: usize| self.steps.get(step).map_or(self.words(), |&row| row as usize);
        at(step)..at(step + 1)
    }

    /// The sentence of each packed row. \[N\]
    pub fn owners(&self) -> &[u32] {
        &self.owners
    }

    /// Where states go: a packed row, or N plus a sentence. \[N\]
    pub fn next(&self) -> &[u32] {
        &self.next
    }

    /// Rows of words into packed rows. [N, columns]
    pub fn pack<T: Copy>(&self, columns: usize, from: &[T]) -> Vec<T> {
        let mut packed = Vec::with_capacity(from.len());
        for &word in &self.words {
            packed.extend_from_slice(&from[word as usize * columns..][..columns]);
        }
        packed
    }

    /// Packed rows into rows of words. [N, columns]
    pub fn unpack<T: Copy + Default>(&self, columns: usize, packed: &[T]) -> Vec<T> {
        let mut rows = vec![T::default(); packed.len()];
        for (&word, row) in self.words.iter().zip(packed.chunks_exact(columns.max(1))) {
            rows[word as usize * columns..][..columns].copy_from_slice(row);
        }
        rows
    }
}

//! Sentences as the rows of a transformer: word numbers, marks and positions.

use std::sync::Arc;

use pathweave_data::text::Sentences;

use crate::bank::Sequences;

/// Marks beside the V words of the vocabulary: their numbers follow the words'.
pub const MARKS: usize = 3;
/// Before the first word
const START: u32 = 0;
/// Between premise and hypothesis
const DELIMITER: u32 = 1;
/// Behind the last word; its state is that of the pair
const EXTRACT: u32 = 2;

/// Sequences of words and marks.
#[derive(Clone, Debug)]
pub struct Joined {
    /// Number of each row's word or mark. \[N\]
    pub tokens: Arc<[u32]>,
    /// Place of each row in its sequence. \[N\]
    pub places: Arc<[u32]>,
    /// Which rows belong together
    pub sequences: Sequences,
}

impl Joined {
    /// Pairs: start, premise, delimiter, hypothesis, extract. 2B sentences → B sequences; `words` = V.
    /// Of a sentence with more words than half the positions hold, the first are taken.
    pub fn pairs(sentences: &Sentences, words: usize, longest: usize) -> Self {
        let (mark, most) = (|mark: u32| words as u32 + mark, (longest - MARKS) / 2);
        let mut rows = Rows::default();
        for pair in 0..sentences.len() / 2 {
            let cut = |at: usize| {
                let words = sentences.sentence(at);
                words[..words.len().min(most)].iter().copied()
            };
            rows.push(mark(START));
            cut(2 * pair).for_each(|word| rows.push(word));
            rows.push(mark(DELIMITER));
            cut(2 * pair + 1).for_each(|word| rows.push(word));
            rows.push(mark(EXTRACT));
            rows.end();
        }
        rows.joined()
    }

    /// Sentences whose next word is to be told: start and all words but the last; the words that
    /// come next \[N\]. Sentences without words have no row.
    pub fn to_be_continued<'a>(
        sentences: impl Iterator<Item = &'a [u32]>,
        words: usize,
        longest: usize,
    ) -> (Self, Vec<u32>) {
        let (mut rows, mut next) = (Rows::default(), Vec::new());
        for sentence in sentences {
            let sentence = &sentence[..sentence.len().min(longest)];
            let Some((_, seen)) = sentence.split_last() else { continue };
            rows.push(words as u32 + START);
            seen.iter().for_each(|&word| rows.push(word));
            rows.end();
            next.extend_from_slice(sentence);
        }
        (rows.joined(), next)
    }
}

/// What is joined so far.
#[derive(Default)]
struct Rows {
    tokens: Vec<u32>,
    places: Vec<u32>,
    ends: Vec<u32>,
}

impl Rows {
    fn push(&mut self, token: u32) {
        let first = self.ends.last().copied().unwrap_or(0);
        self.places.push(self.tokens.len() as u32 - first);
        self.tokens.push(token);
    }

    fn end(&mut self) {
        self.ends.push(self.tokens.len() as u32);
    }

    fn joined(self) -> Joined {
        let starts = std::iter::once(0).chain(self.ends).collect();
        let (tokens, places) = (self.tokens.into(), self.places.into());
        Joined { tokens, places, sequences: Sequences::new(starts) }
    }
}

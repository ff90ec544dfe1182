//! Sentences side by side, as a training step takes them.

use sha2::{Digest, Sha256};

use super::Texts;

/// Sentences of different lengths, one after another. Of a batch, sentence 2i is the premise of
/// sample i and sentence 2i + 1 its hypothesis, so that a pair's words are neighbours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentences {
    /// \[N\]: numbers of the words in the vocabulary.
    pub words: Vec<u32>,
    /// \[S + 1\]: sentence s is `words[starts[s]..starts[s + 1]]`; empty where there is none.
    pub starts: Vec<u32>,
}

impl Sentences {
    /// S
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there is no sentence.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes all sentences, keeps the memory.
    pub fn clear(&mut self) {
        self.words.clear();
        self.starts.clear();
    }

    /// Appends a sentence.
    pub fn push(&mut self, words: &[u32]) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        self.words.extend_from_slice(words);
        self.starts.push(self.words.len() as u32);
    }

    /// The words of a sentence.
    pub fn sentence(&self, sentence: usize) -> &[u32] {
        &self.words[self.starts[sentence] as usize..self.starts[sentence + 1] as usize]
    }

    /// Every sentence.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        (0..self.len()).map(|sentence| self.sentence(sentence))
    }

    /// Every other sentence, from the first: of a batch the premises.
    pub fn premises(&self) -> Self {
        let mut premises = Self::default();
        self.iter().step_by(2).for_each(|words| premises.push(words));
        premises
    }
}

impl Texts {
    /// Appends premise and hypothesis of a pair.
    pub(crate) fn push(&self, item: u32, out: &mut Sentences) {
        self.pair(item).into_iter().for_each(|sentence| out.push(self.sentence(sentence)));
    }

    /// Everything that a network sees of the pairs, into a fingerprint.
    pub(crate) fn hash(&self, hash: &mut Sha256) {
        for word in self.vocabulary.words() {
            hash.update(word.as_bytes());
            hash.update([0]);
        }
        self.vectors.iter().for_each(|value| hash.update(value.to_bits().to_le_bytes()));
        for item in 0..self.items() as u32 {
            for sentence in self.pair(item) {
                let words = self.sentence(sentence);
                hash.update((words.len() as u64).to_le_bytes());
                words.iter().for_each(|word| hash.update(word.to_le_bytes()));
            }
        }
    }

    /// Bags of words: the sum of each sentence's vectors (T equation 6.4). [S, width]
    pub fn bags(&self, sentences: &Sentences) -> Vec<f32> {
        let mut bags = vec![0.0; sentences.len() * self.width];
        for (bag, words) in bags.chunks_exact_mut(self.width.max(1)).zip(sentences.iter()) {
            for &word in words {
                let vector = &self.vectors[word as usize * self.width..][..self.width];
                bag.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
            }
        }
        bags
    }
}

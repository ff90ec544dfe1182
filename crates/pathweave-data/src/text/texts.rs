//! Sentences as word numbers, each stored once, and the vectors of their words.
//!
//! # Deviations
//! - Words without a vector in the file, all words where no file is named, and the keywords of the
//!   contexts get normal numbers of standard deviation 0.4, about that of GloVe's 300 numbers a word;
//!   the thesis (T 5.3.2) does not say what it does with words that GloVe lacks.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::pair::{Pair, PairSplits};
use super::vocabulary::Vocabulary;
use super::words::{Vectors, WordsSpec};
use crate::error::{DataError, DataErrors};
use crate::format::glove;
use crate::streams::Streams;

/// Seed of drawn word vectors: a word has the same one in every data set and run.
const SEED: u64 = 0x776f_7264;
/// Standard deviation of a drawn vector's numbers.
const DEVIATION: f32 = 0.4;

/// The sentences of sentence pairs.
///
/// An item is a sample's pair of sentences, by number: those of the phase before the training first,
/// then training, validation, test, in the order of [`PairSplits`]. Equal pairs are items of their
/// own; equal sentences (after lower-casing and cutting) are stored once.
#[derive(Clone, Debug, PartialEq)]
pub struct Texts {
    /// The words
    pub vocabulary: Vocabulary,
    /// D: numbers a word vector
    pub width: usize,
    /// \[V, D\]: word vectors
    pub vectors: Arc<[f32]>,
    /// Words whose vectors the file had; the others are drawn
    pub found: usize,
    /// Names of the groups that items belong to, in the order of their first occurrence; the first
    /// is empty: no group
    pub groups: Vec<String>,
    /// The group of each item
    pub group_of: Arc<[u32]>,
    /// Words of all sentences one after another
    tokens: Arc<[u32]>,
    /// Where each sentence begins in `tokens`, and the end
    starts: Arc<[u32]>,
    /// Premise and hypothesis of each item
    pairs: Arc<[[u32; 2]]>,
    /// Where the items of each part end: before, train, validation, test
    ends: [u32; 4],
}

/// What an item is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Training samples of the phase before the training proper
    Before,
    /// Training samples
    Train,
    /// Validation samples
    Validation,
    /// Test samples
    Test,
}

impl Texts {
    /// Numbers the words of `splits` and finds or draws their vectors. `contexts` are the names of
    /// the tasks, in order: each has a keyword. `folder` is where the user's files are.
    ///
    /// A sentence without words stays without.
    ///
    /// # Errors
    /// A width of 0; vectors from a file and no folder or no file named; the faults of the file
    /// ([`glove::read`]); more words in all than 32 bit numbers count.
    pub fn new(
        splits: &PairSplits,
        contexts: &[String],
        words: &WordsSpec,
        folder: Option<&Path>,
    ) -> Result<Self, DataErrors> {
        if let Some((field, found, allowed)) = words.faults().into_iter().next() {
            return Err(setting(field, found, allowed).into());
        }
        let parts = [&splits.before, &splits.train, &splits.validation, &splits.test];
        let mut read = Reading::new(contexts, words);
        let mut ends = [0; 4];
        for (end, part) in ends.iter_mut().zip(parts) {
            for pair in part {
                read.item(pair)?;
            }
            *end = read.pairs.len() as u32;
        }
        let mut vectors = vec![0.0; read.vocabulary.len() * words.width];
        let found = match words.vectors {
            Vectors::Random => vec![false; read.vocabulary.len()],
            Vectors::File => {
                let folder = folder.ok_or_else(|| DataError::NoFolder {
                    dataset: "texts".to_owned(),
                    files: words.file.clone(),
                })?;
                let file = folder.join(&words.file);
                glove::read(&file, &read.vocabulary.wanted(), words.width, &mut vectors)?
            }
        };
        draw(&read.vocabulary, &found, words.width, &mut vectors);
        Ok(Self {
            vocabulary: read.vocabulary,
            width: words.width,
            vectors: vectors.into(),
            found: found.iter().filter(|&&found| found).count(),
            groups: read.groups.names,
            group_of: read.group_of.into(),
            tokens: read.tokens.into(),
            starts: read.starts.into(),
            pairs: read.pairs.into(),
            ends,
        })
    }

    /// Number of sentences, all different.
    pub fn sentences(&self) -> usize {
        self.starts.len() - 1
    }

    /// The words of a sentence, by number.
    ///
    /// # Panics
    /// If there is no such sentence.
    pub fn sentence(&self, number: u32) -> &[u32] {
        let at = number as usize;
        &self.tokens[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Number of items.
    pub fn items(&self) -> usize {
        self.pairs.len()
    }

    /// The numbers of an item's premise and hypothesis.
    ///
    /// # Panics
    /// If there is no such item.
    pub fn pair(&self, item: u32) -> [u32; 2] {
        self.pairs[item as usize]
    }

    /// The items of a part, in the order of its samples: sample i is item `start + i`.
    pub fn items_of(&self, part: Part) -> Range<u32> {
        let at = part as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        start..self.ends[at]
    }

    /// The vector of a word, \[D\].
    ///
    /// # Panics
    /// If there is no such word.
    pub fn vector(&self, word: u32) -> &[f32] {
        &self.vectors[word as usize * self.width..][..self.width]
    }
}

/// What is known of the sentences so far.
struct Reading {
    vocabulary: Vocabulary,
    longest: usize,
    tokens: Vec<u32>,
    starts: Vec<u32>,
    pairs: Vec<[u32; 2]>,
    group_of: Vec<u32>,
    groups: Names,
    /// Sentences by their words
    numbers: HashMap<Box<[u32]>, u32>,
    sentence: Vec<u32>,
}

impl Reading {
    fn new(contexts: &[String], words: &WordsSpec) -> Self {
        let mut groups = Names::default();
        groups.number("");
        Self {
            vocabulary: Vocabulary::new(contexts, words.lower),
            longest: if words.longest == 0 { usize::MAX } else { words.longest },
            tokens: Vec::new(),
            starts: vec![0],
            pairs: Vec::new(),
            group_of: Vec::new(),
            groups,
            numbers: HashMap::new(),
            sentence: Vec::new(),
        }
    }

    fn item(&mut self, pair: &Pair) -> Result<(), DataError> {
        let pair_of_numbers = [self.sentence(&pair.premise)?, self.sentence(&pair.hypothesis)?];
        self.pairs.push(pair_of_numbers);
        self.group_of.push(self.groups.number(&pair.group));
        Ok(())
    }

    fn sentence(&mut self, text: &str) -> Result<u32, DataError> {
        self.sentence.clear();
        let words = text.split(' ').filter(|word| !word.is_empty()).take(self.longest);
        self.sentence.extend(words.map(|word| self.vocabulary.add(word)));
        if let Some(&number) = self.numbers.get(&self.sentence[..]) {
            return Ok(number);
        }
        self.tokens.extend_from_slice(&self.sentence);
        let end = u32::try_from(self.tokens.len()).map_err(|_| {
            setting("words.longest", "more than 2^32 words".into(), "a smaller number")
        })?;
        let number = (self.starts.len() - 1) as u32;
        self.starts.push(end);
        self.numbers.insert(self.sentence.clone().into_boxed_slice(), number);
        Ok(number)
    }
}

/// Names by number, in the order of their first occurrence.
#[derive(Default)]
struct Names {
    names: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }
}

fn setting(field: &'static str, found: String, allowed: &str) -> DataError {
    DataError::Setting { dataset: "texts".to_owned(), field, found, allowed: allowed.to_owned() }
}

/// Draws the vectors of the words that were not `found`, each from its own stream.
fn draw(vocabulary: &Vocabulary, found: &[bool], width: usize, vectors: &mut [f32]) {
    let rows = vectors.par_chunks_mut(width).zip(vocabulary.words()).zip(found);
    rows.filter(|(_, found)| !**found).for_each(|((row, word), _)| {
        Streams::new(SEED).stream(&format!("word-vector/{word}"), 0).fill_normal_ziggurat(row);
        row.iter_mut().for_each(|number| *number *= DEVIATION);
    });
}

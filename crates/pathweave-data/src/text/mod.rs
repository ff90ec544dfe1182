//! Text on the host: sentence pairs, words as numbers, word vectors.

mod pair;
mod words;

pub use pair::{Label, Pair, PairSplits};
pub use words::{Vectors, WordsSpec};

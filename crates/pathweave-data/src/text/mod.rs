//! Text on the host: sentence pairs, words as numbers, word vectors.

mod pair;
mod sentences;
mod task_set;
mod words;

pub use pair::{Label, Pair, PairSplits};
pub use sentences::Sentences;
pub use words::{Vectors, WordsSpec};

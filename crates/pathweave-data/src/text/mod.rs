//! Text on the host: sentence pairs, words as numbers, word vectors.

mod pair;
mod sentences;
mod task_set;
mod texts;
mod tokenise;
mod vocabulary;
mod words;

pub use pair::{Label, Pair, PairSplits};
pub use sentences::Sentences;
pub use texts::{Part, Texts};
pub use tokenise::{respace, tokenise};
pub use vocabulary::Vocabulary;
pub use words::{Vectors, WordsSpec};

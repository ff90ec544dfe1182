//! How words become vectors.

use serde::{Deserialize, Serialize};

/// Where word vectors come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Vectors {
    /// Drawn, from a stream that the word names: a word has the same vector in every data set
    #[default]
    Random,
    /// Read from a file of GloVe text; words that it lacks are drawn
    File,
}

/// Words and their vectors: table `words` of data sets that are texts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct WordsSpec {
    /// Where vectors come from
    pub vectors: Vectors,
    /// GloVe text, plain or gzip, below the data folder
    pub file: String,
    /// Numbers a vector; a file must have as many
    pub width: usize,
    /// Lower-cases all words
    pub lower: bool,
    /// Words of a sentence beyond this are cut off; 0 keeps all
    pub longest: usize,
}

impl Default for WordsSpec {
    /// 300 numbers (T 5.3.2).
    fn default() -> Self {
        Self { vectors: Vectors::Random, file: String::new(), width: 300, lower: true, longest: 0 }
    }
}

impl WordsSpec {
    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut faults = Vec::new();
        if self.width == 0 {
            faults.push(("words.width", "0".to_owned(), "1 or more"));
        }
        if self.vectors == Vectors::File && self.file.is_empty() {
            faults.push(("words.file", "nothing".to_owned(), "a file below the data folder"));
        }
        faults
    }
}

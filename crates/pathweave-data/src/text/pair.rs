//! Sentence pairs of natural language inference, before words become numbers (T 5.3).

use serde::{Deserialize, Serialize};

/// How a premise stands to a hypothesis: the three classes, in the order of their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Label {
    /// The premise implies the hypothesis; "entailment" elsewhere
    Entails,
    /// The premise implies that the hypothesis is false; "contradiction" elsewhere
    Contradicts,
    /// Neither; "neutral" elsewhere
    Permits,
}

impl Label {
    /// Every label, by number, as the Stanford Corpus of Implicatives writes it.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Entails, "entails"),
        (Self::Contradicts, "contradicts"),
        (Self::Permits, "permits"),
    ];

    /// The class number.
    pub fn number(self) -> u16 {
        self as u16
    }
}

/// A sample of natural language inference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// Words separated by single spaces, as the tokenisation left them
    pub premise: String,
    /// As the premise
    pub hypothesis: String,
    /// The answer
    pub label: Label,
    /// Meta-information: what becomes the task (a genre, a signature); empty where there is none
    pub context: String,
    /// A finer group whose accuracy is of interest, such as the construction "take vow"; empty where
    /// there is none
    pub group: String,
}

/// Pairs by what they are for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairSplits {
    /// What the samples are, in a line, for records and reports: corpus, variant, where from
    pub source: String,
    /// Training samples of a phase before the training proper, such as the joint variant before
    /// fine-tuning on the nested one (T 5.3.3); usually empty
    pub before: Vec<Pair>,
    /// Training samples
    pub train: Vec<Pair>,
    /// Validation samples
    pub validation: Vec<Pair>,
    /// Test samples
    pub test: Vec<Pair>,
    /// What was left out on the way, with file and line, for `data check`
    pub notes: Vec<String>,
}

//! Settings of networks for sentence pairs.

use serde::{Deserialize, Serialize};

use super::TransformerSpec;

/// How a sentence becomes a vector (T 5.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EncoderKind {
    /// The sum of its words' vectors: a continuous bag of words
    #[default]
    Cbow,
    /// The last state of a long short-term memory
    Lstm,
    /// The last state of a transformer over both sentences
    Transformer,
}

/// Which part of the network is routed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RoutedPart {
    /// The fully connected layers behind the encoder (T 5.3.1.1)
    #[default]
    Classifier,
    /// Projections of words before they are added (T 5.3.1.3)
    Words,
    /// Input to gates of the long short-term memory (T 5.3.1.2)
    InputToHidden,
    /// State to gates of the long short-term memory (T 5.3.1.2)
    HiddenToHidden,
    /// Attention of each transformer block (T 5.3.1.4)
    Attention,
    /// Whole transformer blocks (T 5.3.1.4)
    Blocks,
}

impl RoutedPart {
    /// As specs write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Classifier => "\"classifier\"",
            Self::Words => "\"words\"",
            Self::InputToHidden => "\"input-to-hidden\"",
            Self::HiddenToHidden => "\"hidden-to-hidden\"",
            Self::Attention => "\"attention\"",
            Self::Blocks => "\"blocks\"",
        }
    }
}

/// What a decision holds for, where the encoder is routed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DecidesFor {
    /// All words of premise and hypothesis
    #[default]
    Pair,
    /// The words of one sentence
    Sentence,
    /// One word
    Word,
}

impl DecidesFor {
    /// As specs write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pair => "\"pair\"",
            Self::Sentence => "\"sentence\"",
            Self::Word => "\"word\"",
        }
    }
}

/// The network for sentence pairs: table `model.text`, void for images.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TextModelSpec {
    /// How a sentence becomes a vector
    pub encoder: EncoderKind,
    /// Width of the state of encoder "lstm"; 0: that of the word vectors
    pub hidden: usize,
    /// Which part is routed; void unless model.kind is "routed"
    pub routed: RoutedPart,
    /// What a decision holds for, where the encoder is routed
    pub decides_for: DecidesFor,
    /// Lets the word vectors learn; void where the encoder is a transformer, which has its own
    pub train_vectors: bool,
    /// Settings of encoder "transformer"
    pub transformer: TransformerSpec,
}

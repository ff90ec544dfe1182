//! What an online dispatcher reads of a sentence pair (T 6.2.4 to 6.2.7), one encoding a file.
//!
//! All of them read the premise, S of equations 6.4 to 6.7, through the words' vectors as the network
//! has them, detached: a dispatcher's losses reach its own encoder and nothing before it.
//!
//! # Deviations
//! - T 6.2 gives the encodings no widths: the LSTM's state and the image of one-hot counts have
//!   `router.hidden` numbers, the others the word vectors' width.

mod attention;
mod cbow;
mod decoder;
mod one_hot;
mod premises;
mod sequence;

pub use attention::Attention;
use burn::module::Module;
use burn::tensor::Tensor;
pub use cbow::Cbow;
pub use decoder::Decoder;
pub use one_hot::OneHot;
pub use premises::Premises;
pub use sequence::Sequence;
use serde::{Deserialize, Serialize};

use crate::init::Init;
use crate::train::optimizer::Used;

/// Names of the encodings, as specs write them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EncodingKind {
    /// The activation that enters the routed layer; of a routed encoder the means of the words of
    /// premise and hypothesis, side by side
    #[default]
    Activation,
    /// [`Cbow`]
    Cbow,
    /// [`Attention`]
    Attention,
    /// [`OneHot`]
    OneHot,
    /// [`Sequence`]
    Sequence,
}

impl EncodingKind {
    /// Every encoding with a line of explanation.
    pub const ALL: &'static [(EncodingKind, &'static str, &'static str)] = &[
        (Self::Activation, "activation", "what enters the routed layer"),
        (Self::Cbow, "cbow", "texts: sum of the premise's word vectors, T eq. 6.4"),
        (Self::Attention, "attention", "texts: their weighted sum, T eq. 6.5"),
        (Self::OneHot, "one-hot", "texts: counts of the premise's words, T eq. 6.6"),
        (Self::Sequence, "sequence", "texts: last state of an LSTM over the premise, T eq. 6.7"),
    ];

    /// As specs write it.
    pub fn name(self) -> &'static str {
        let row = Self::ALL.iter().find(|(kind, _, _)| *kind == self);
        row.expect("every encoding is listed").1
    }
}

/// Widths of an encoding.
#[derive(Clone, Copy, Debug)]
pub struct EncodingShape {
    /// V, words of the data's vocabulary
    pub vocabulary: usize,
    /// W, numbers of a word vector
    pub word: usize,
    /// Numbers of a state that the encoding is free to choose
    pub hidden: usize,
}

/// An encoder of premises, of any kind.
#[derive(Module, Debug)]
pub enum Encoding {
    /// Sum of word vectors
    Cbow(Cbow),
    /// Weighted sum of word vectors
    Attention(Attention),
    /// Counts of words
    OneHot(OneHot),
    /// Long short-term memory
    Sequence(Sequence),
}

/// What an autoencoder behind an encoding reconstructs (T equation 6.2, E(S)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// What the dispatcher saw
    #[default]
    Seen,
    /// How often each word of the vocabulary occurs; V of them
    Counts(usize),
    /// The vector of each word, in order; `word` numbers a vector, `hidden` of the decoder's state
    Words {
        /// W
        word: usize,
        /// H
        hidden: usize,
    },
}

impl Encoding {
    /// `None` for the activation, which is not the dispatcher's to encode.
    pub fn new(kind: EncodingKind, shape: EncodingShape, init: &Init) -> Option<Self> {
        let EncodingShape { vocabulary, word, hidden } = shape;
        match kind {
            EncodingKind::Activation => None,
            EncodingKind::Cbow => Some(Self::Cbow(Cbow::new(word))),
            EncodingKind::Attention => Some(Self::Attention(Attention::new(word, init))),
            EncodingKind::OneHot => Some(Self::OneHot(OneHot::new(vocabulary, hidden, init))),
            EncodingKind::Sequence => Some(Self::Sequence(Sequence::new(word, hidden, init))),
        }
    }

    /// What the dispatcher sees of each premise. [B, E]
    pub fn state(&self, premises: &Premises) -> Tensor<2> {
        match self {
            Self::Cbow(encoding) => encoding.state(premises),
            Self::Attention(encoding) => encoding.state(premises),
            Self::OneHot(encoding) => encoding.state(premises),
            Self::Sequence(encoding) => encoding.state(premises),
        }
    }

    /// E, width of what the dispatcher sees.
    pub fn width(&self) -> usize {
        match self {
            Self::Cbow(encoding) => encoding.width(),
            Self::Attention(encoding) => encoding.width(),
            Self::OneHot(encoding) => encoding.width(),
            Self::Sequence(encoding) => encoding.width(),
        }
    }

    /// What an autoencoder reconstructs.
    pub fn target(&self) -> Target {
        match self {
            Self::Cbow(_) | Self::Attention(_) => Target::Seen,
            Self::OneHot(encoding) => encoding.target(),
            Self::Sequence(encoding) => encoding.target(),
        }
    }

    /// Notes which of its rows some premise used, for the optimizer.
    pub fn mark(&self, premises: &Premises, used: &mut Used) {
        if let Self::OneHot(encoding) = self {
            encoding.mark(premises, used);
        }
    }
}

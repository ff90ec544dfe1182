//! Transformer encoders: the language model of Radford et al. 2018, small (T 5.3.1.4).
//!
//! # Deviations
//! - T table 5.2 excepts transformers from the architecture that encodes premise and hypothesis apart
//!   (T 5.3.2), and does not say what they have instead. As Radford et al. 2018 do, both are joined to
//!   one sequence: start, premise, delimiter, hypothesis, extract, the three marks having learned
//!   vectors; the state of the last row is the pair. Behind it stands the network's own classifier,
//!   where Radford et al. have one linear layer.
//! - Radford et al. 2018 go on to train as a language model while they fine-tune (weight 0.5): not
//!   done here.
//! - Of a sentence that is longer than half the positions, the first words are taken.
//! - Word vectors start as those of the data, brought to the encoder's width by a fixed random
//!   projection where it differs, and learn from the first step, of pretraining where there is one.

mod joined;
mod language;
mod routed;
mod settings;
mod weights;

use burn::module::{Module, Param};
use burn::tensor::{Tensor, TensorData};
pub use joined::{Joined, MARKS};
pub use language::language_loss;
use pathweave_data::text::{Sentences, Texts};
pub(crate) use routed::place;
pub use settings::TransformerSpec;
pub use weights::WeightsError;

use super::RoutedPart;
use crate::bank::{Bank, BlockBank, RestBank, RowActions, copies};
use crate::init::Init;
use crate::kernel::segment_sum::gather_rows;

/// Standard deviation of the vectors of positions and marks at the start (Radford et al. 2018).
const DEVIATION: f32 = 0.02;

/// Embeddings and blocks. Of a routed encoder the routed part of the blocks is in the network's
/// trunk, one bank a layer.
#[derive(Module, Debug)]
pub struct Transformer {
    /// Vectors of words, then of the marks. [V + 3, D]
    pub tokens: Param<Tensor<2>>,
    /// Vectors of positions. [longest, D]
    pub positions: Param<Tensor<2>>,
    /// Whole blocks; none where blocks or attentions are routed
    pub blocks: Vec<BlockBank>,
    /// What stands behind each routed attention; none where nothing or all is routed
    pub rests: Vec<RestBank>,
}

impl Transformer {
    /// With one module a layer.
    ///
    /// Linear maps start as all others here, uniform in ±1/√in.
    pub fn new(settings: &TransformerSpec, texts: &Texts, init: &Init) -> Self {
        let width = settings.width;
        let block = |layer: usize| {
            let widths = [width, settings.feed_forward];
            BlockBank::new(1, widths, settings.heads, &init.at("block").at(layer))
        };
        let marks = init.at("marks").normal([MARKS, width], DEVIATION).val().inner();
        let tokens = Tensor::cat(vec![words(texts, width, init), marks], 0);
        Self {
            tokens: Param::from_tensor(Tensor::from_data(tokens.into_data(), init.device())),
            positions: init.at("positions").normal([settings.longest, width], DEVIATION),
            blocks: (0..settings.layers).map(block).collect(),
            rests: Vec::new(),
        }
    }

    /// Takes what is to be routed out: `modules` noisy copies a layer, from which a router chooses.
    /// Nothing is taken where the encoder is not routed.
    pub fn split(
        self,
        routed: RoutedPart,
        (modules, noise): (usize, f64),
        init: &Init,
    ) -> (Self, Vec<Bank>) {
        let at = |layer: usize| init.at("block").at(layer);
        let blocks = || self.blocks.iter().cloned().enumerate();
        let banks: Vec<Bank> = match routed {
            RoutedPart::Blocks => {
                let bank = |(layer, block)| copies(block, modules, noise, &at(layer));
                blocks().map(|block| Bank::Block(bank(block))).collect()
            }
            RoutedPart::Attention => {
                let bank = |(layer, block): (usize, BlockBank)| {
                    copies(block.attention, modules, noise, &at(layer).at("attention"))
                };
                blocks().map(|block| Bank::Attention(bank(block))).collect()
            }
            _ => return (self, Vec::new()),
        };
        let rests = match routed {
            RoutedPart::Attention => blocks().map(|(_, block)| block.rest).collect(),
            _ => Vec::new(),
        };
        (Self { blocks: Vec::new(), rests, ..self }, banks)
    }

    /// V
    pub fn words(&self) -> usize {
        self.tokens.dims()[0] - MARKS
    }

    /// D
    pub fn width(&self) -> usize {
        self.tokens.dims()[1]
    }

    /// Number of positions.
    pub fn longest(&self) -> usize {
        self.positions.dims()[0]
    }

    /// What enters the first block: word and position, added. [N, D]
    pub fn embed(&self, joined: &Joined) -> Tensor<2> {
        let words = gather_rows(self.tokens.val(), &joined.tokens);
        words + gather_rows(self.positions.val(), &joined.places)
    }

    /// The pairs' rows. 2B sentences → B sequences
    pub fn join(&self, sentences: &Sentences) -> Joined {
        Joined::pairs(sentences, self.words(), self.longest())
    }

    /// Encoded pairs, where nothing is routed. 2B sentences → [B, D]
    pub fn encode(&self, sentences: &Sentences) -> Tensor<2> {
        let joined = self.join(sentences);
        gather_rows(self.states(&joined), &joined.sequences.last())
    }

    /// States of all rows behind the last block, where nothing is routed. [N, D]
    pub fn states(&self, joined: &Joined) -> Tensor<2> {
        let h = self.embed(joined);
        let first = RowActions::first(joined.tokens.len(), &h.device());
        self.blocks.iter().fold(h, |h, block| block.apply(h, &joined.sequences, &first))
    }
}

/// The data's word vectors at the width asked for. [V, D]
fn words(texts: &Texts, width: usize, init: &Init) -> Tensor<2> {
    let device = init.device().clone().inner();
    let count = texts.vectors.len() / texts.width.max(1);
    let data = TensorData::new(texts.vectors.to_vec(), [count, texts.width]);
    let given = Tensor::<2>::from_data(data, &device);
    if texts.width == width {
        return given;
    }
    let scale = 1.0 / (texts.width.max(1) as f32).sqrt();
    given.matmul(init.at("projection").normal([texts.width, width], scale).val().inner())
}

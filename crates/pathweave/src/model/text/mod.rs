//! Sentences to features: the encoders of T 5.3.1, routed or not.
//!
//! Premise and hypothesis pass the same encoder and are put side by side. Where the encoder itself is
//! routed, the network's routed layer stands in it, and the classifier behind it is plain.

mod build;
mod lstm;
mod routed;
mod settings;
pub mod transformer;

use std::sync::Arc;

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
pub use lstm::Lstm;
use pathweave_data::text::{Sentences, Texts};
pub use settings::{DecidesFor, EncoderKind, RoutedPart, TextModelSpec};
pub use transformer::{Transformer, TransformerSpec};

use crate::dispatcher::encoding::Premises;
use crate::init::Init;
use crate::kernel::segment_sum::segment_sum;
use crate::routed_layer::Distinct;
use crate::routed_layer::words::Occurrences;
use crate::trajectory::{Rows, upload};

/// Words to vectors, and what follows them before the classifier.
#[derive(Module, Debug)]
pub struct TextEncoder {
    /// Word vectors, where they learn. [V, W]
    pub trained: Option<Param<Tensor<2>>>,
    /// What reads the vectors, where sentences are no bags of words
    pub lstm: Option<Lstm>,
    /// What reads both sentences at once, where the encoder is one
    pub transformer: Option<Transformer>,
    #[module(skip)]
    given: Given,
}

/// What does not learn.
#[derive(Clone, Debug)]
struct Given {
    vectors: Arc<[f32]>,
    width: usize,
    settings: TextModelSpec,
    keyword: bool,
}

/// Distinct vectors of the words at hand.
pub struct Looked {
    /// [U, W]
    pub vectors: Tensor<2>,
    /// Which of them each word has. \[N\]
    pub row_of: Vec<u32>,
}

impl TextEncoder {
    /// For the words of a data set. `keyword`: the context's keyword stands before each sentence.
    pub fn new(settings: &TextModelSpec, texts: &Texts, keyword: bool, init: &Init) -> Self {
        let width = texts.width;
        let trained = settings.train_vectors.then(|| {
            let words = texts.vectors.len() / width.max(1);
            let data = TensorData::new(texts.vectors.to_vec(), [words, width]);
            Param::from_tensor(Tensor::from_data(data, init.device()))
        });
        let hidden = if settings.hidden == 0 { width } else { settings.hidden };
        let lstm = (settings.encoder == EncoderKind::Lstm)
            .then(|| Lstm::new(width, hidden, settings.routed, &init.at("lstm")));
        let transformer = (settings.encoder == EncoderKind::Transformer)
            .then(|| Transformer::new(&settings.transformer, texts, &init.at("transformer")));
        let settings = settings.clone();
        let given = Given { vectors: texts.vectors.clone(), width, settings, keyword };
        Self { trained, lstm, transformer, given }
    }

    /// What is routed.
    pub fn routed(&self) -> RoutedPart {
        self.given.settings.routed
    }

    /// What a decision holds for, where the encoder is routed.
    pub fn decides_for(&self) -> DecidesFor {
        self.given.settings.decides_for
    }

    /// Width of an encoded pair.
    pub fn pair_width(&self) -> usize {
        self.transformer.as_ref().map_or(2 * self.width(), Transformer::width)
    }

    /// Width of an encoded sentence.
    pub fn width(&self) -> usize {
        self.lstm.as_ref().map_or(self.given.width, Lstm::width)
    }

    /// Width of a word's vector.
    pub fn word_width(&self) -> usize {
        self.given.width
    }

    /// The sentences as the encoder takes them: with the context's keyword before each, where the
    /// network is given the task (T 5.3.2); where both are read at once, before the first.
    pub fn with_keywords(&self, sentences: Sentences, rows: &Rows) -> Sentences {
        if !self.given.keyword {
            return sentences;
        }
        let mut out = Sentences::default();
        for (index, words) in sentences.iter().enumerate() {
            if self.transformer.is_some() && index % 2 == 1 {
                out.push(words);
                continue;
            }
            let keyed: Vec<u32> =
                std::iter::once(rows.contexts[index / 2]).chain(words.iter().copied()).collect();
            out.push(&keyed);
        }
        out
    }

    /// Vectors of the words that occur, each word once.
    pub fn look_up(&self, sentences: &Sentences, device: &Device) -> Looked {
        let width = self.given.width;
        let Distinct { words, rows, .. } = Distinct::new(&sentences.words);
        let vectors = match &self.trained {
            Some(trained) => trained.val().select(0, upload(&words, device)),
            None => {
                let of = |&word: &u32| &self.given.vectors[word as usize * width..][..width];
                let values: Vec<f32> = words.iter().flat_map(of).copied().collect();
                Tensor::from_data(TensorData::new(values, [words.len(), width]), device)
            }
        };
        Looked { vectors, row_of: rows.to_vec() }
    }

    /// The premises of a batch as a dispatcher reads them: without keywords, without gradient.
    pub fn premises(&self, sentences: &Sentences, device: &Device) -> Premises {
        let premises = sentences.premises();
        let Looked { vectors, row_of } = self.look_up(&premises, device);
        let starts = if premises.is_empty() { vec![0] } else { premises.starts };
        Premises {
            vectors: vectors.detach(),
            row_of: row_of.into(),
            words: premises.words.into(),
            starts: starts.into(),
        }
    }

    /// Bags of words: the sum of each sentence's vectors (T equation 6.4). [S, W]
    pub fn bags(&self, sentences: &Sentences, device: &Device) -> Tensor<2> {
        let looked = self.look_up(sentences, device);
        segment_sum(looked.vectors, &looked.row_of.into(), &starts_of(sentences))
    }

    /// Encoded pairs. 2B sentences → [B, pair width]
    pub fn encode(&self, sentences: &Sentences, device: &Device) -> Tensor<2> {
        if let Some(transformer) = &self.transformer {
            return transformer.encode(sentences);
        }
        side_by_side(match &self.lstm {
            Some(lstm) => lstm.forward(self.look_up(sentences, device), &starts_of(sentences)),
            None => self.bags(sentences, device),
        })
    }

    /// The words of B pairs with the decisions that they follow, and the decisions' rows.
    pub fn units(&self, sentences: &Sentences, row_of: Vec<u32>, rows: &Rows) -> Units {
        let words = sentences.words.len() as u32;
        let starts: Vec<u32> = match self.given.settings.decides_for {
            DecidesFor::Pair => starts_of(sentences).iter().step_by(2).copied().collect(),
            DecidesFor::Sentence => starts_of(sentences).to_vec(),
            DecidesFor::Word => (0..=words).collect(),
        };
        let mut unit_of = Vec::with_capacity(row_of.len());
        for (unit, ends) in starts.windows(2).enumerate() {
            unit_of.extend(std::iter::repeat_n(unit as u32, (ends[1] - ends[0]) as usize));
        }
        let owner: Vec<u32> = match self.given.settings.decides_for {
            DecidesFor::Pair => (0..rows.len() as u32).collect(),
            DecidesFor::Sentence => (0..sentences.len() as u32).map(|at| at / 2).collect(),
            DecidesFor::Word => sentences
                .iter()
                .enumerate()
                .flat_map(|(at, words)| std::iter::repeat_n(at as u32 / 2, words.len()))
                .collect(),
        };
        let rows = match self.given.settings.decides_for {
            DecidesFor::Pair => rows.clone(),
            _ => of_owners(rows, &owner),
        };
        Units { words: Occurrences { row_of, unit_of, starts }, owner, rows }
    }
}

/// Where each sentence begins among the words, and the end; 0 where there is no sentence. [S + 1]
fn starts_of(sentences: &Sentences) -> Arc<[u32]> {
    match &sentences.starts[..] {
        [] => [0].into(),
        starts => starts.into(),
    }
}

/// Decisions of a batch of pairs.
#[derive(Clone, Debug)]
pub struct Units {
    /// Words and the decisions that they follow
    pub words: Occurrences,
    /// The pair of each decision. \[R\]
    pub owner: Vec<u32>,
    /// What a router knows of each decision
    pub rows: Rows,
}

/// The number of a decision among those of its sample takes this many bits of the row's number.
const PLACE_BITS: u32 = 16;

/// Rows of several decisions to a sample: numbers are the sample's, then the place in it.
fn of_owners(rows: &Rows, owner: &[u32]) -> Rows {
    let mut places = vec![0u64; rows.len()];
    let mut number = |owner: &u32| {
        let place = &mut places[*owner as usize];
        *place += 1;
        rows.samples[*owner as usize] << PLACE_BITS | (*place - 1)
    };
    let samples = owner.iter().map(&mut number).collect();
    Rows { contexts: owner.iter().map(|&owner| rows.contexts[owner as usize]).collect(), samples }
}

/// Premise and hypothesis of each pair in one row. [2B, D] → [B, 2D]
pub fn side_by_side(sentences: Tensor<2>) -> Tensor<2> {
    let [count, width] = sentences.dims();
    sentences.reshape([count / 2, 2 * width])
}

//! What networks are given, and what the part before the routed one makes of it.

use burn::tensor::{Device, Tensor, TensorData};
use pathweave_data::text::Sentences;
use pathweave_data::{Batch, ImageShape};

use crate::dispatcher::encoding::Premises;

/// Inputs of a batch of B samples.
#[derive(Clone, Debug)]
pub enum Input {
    /// Standardised pixels. [B, C, H, W]
    Images(Tensor<4>),
    /// Premise and hypothesis of each sample, one after the other
    Texts {
        /// 2B sentences
        sentences: Sentences,
        /// Where they are to be computed
        device: Device,
    },
}

impl Input {
    /// Of a batch; `shape` is that of its images, `None` where it has sentences.
    pub fn of(batch: &Batch, shape: Option<ImageShape>, device: &Device) -> Self {
        match shape {
            Some(shape) => {
                let dims = [batch.labels.len(), shape.channels, shape.height, shape.width];
                let pixels = TensorData::new(batch.images.clone(), dims);
                Self::Images(Tensor::from_data(pixels, device))
            }
            None => Self::Texts { sentences: batch.sentences.clone(), device: device.clone() },
        }
    }
}

/// What enters the routed part.
#[derive(Clone, Debug)]
pub enum Features {
    /// One row a sample. [B, features]
    Rows(Tensor<2>),
    /// The sentences themselves: the encoder is routed
    Texts {
        /// 2B sentences, with keywords where the network is given the task
        sentences: Sentences,
        /// Where they are to be computed
        device: Device,
    },
}

impl Features {
    /// The same on tensors without gradient.
    pub(crate) fn inner(self) -> Self {
        match self {
            Self::Rows(h) => Self::Rows(h.inner()),
            Self::Texts { sentences, device } => Self::Texts { sentences, device: device.inner() },
        }
    }

    /// Several copies of the batch, one after the other.
    pub(crate) fn repeated(self, copies: usize) -> Self {
        match self {
            Self::Rows(h) => Self::Rows(h.repeat_dim(0, copies)),
            Self::Texts { sentences, device } => {
                let mut many = Sentences::default();
                for _ in 0..copies {
                    sentences.iter().for_each(|words| many.push(words));
                }
                Self::Texts { sentences: many, device }
            }
        }
    }
}

/// What is known of the agents of a batch's rows before its features are.
#[derive(Clone, Debug, Default)]
pub enum Told {
    /// Nothing: the routed layer names them
    #[default]
    Nothing,
    /// Clusters of inputs name them. \[B\]
    Agents(Vec<u32>),
    /// A dispatcher is to read these
    Premises(Premises),
}

impl Told {
    /// The same on tensors without gradient.
    pub(crate) fn inner(self) -> Self {
        match self {
            Self::Premises(premises) => Self::Premises(premises.inner()),
            other => other,
        }
    }

    /// Several copies of the batch, one after the other.
    pub(crate) fn repeated(&self, copies: usize) -> Self {
        match self {
            Self::Nothing => Self::Nothing,
            Self::Agents(agents) => Self::Agents(agents.repeat(copies)),
            Self::Premises(premises) => Self::Premises(premises.repeated(copies)),
        }
    }
}

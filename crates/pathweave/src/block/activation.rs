//! Activations of blocks.

use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

/// Function applied to a block's output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// x
    Identity,
    /// max(x, 0)
    #[default]
    Relu,
    /// tanh x
    Tanh,
    /// x Φ(x)
    Gelu,
}

impl Activation {
    /// Elementwise, any shape.
    pub fn apply<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Identity => x,
            Self::Relu => activation::relu(x),
            Self::Tanh => x.tanh(),
            Self::Gelu => activation::gelu(x),
        }
    }
}

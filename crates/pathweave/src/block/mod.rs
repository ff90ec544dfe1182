//! Blocks: trainable functions from rows to rows, one kind a file. The thesis calls them modules.

mod activation;
mod conv;
mod linear;
mod mlp;

pub use activation::Activation;
use burn::module::Module;
use burn::tensor::Tensor;
pub use conv::ConvBlock;
pub use linear::LinearBlock;
pub use mlp::MlpBlock;
use serde::{Deserialize, Serialize};

use crate::init::Init;

/// A block of any kind.
#[derive(Module, Debug)]
pub enum Block {
    /// y = f(x · W + b)
    Linear(LinearBlock),
    /// y = f(relu(x · W₁ + b₁) · W₂ + b₂)
    Mlp(MlpBlock),
    /// 3×3 filters and ReLU on flattened images
    Conv(ConvBlock),
    /// y = x
    Identity(IdentityBlock),
}

/// y = x; in = out.
#[derive(Module, Debug)]
pub struct IdentityBlock {
    width: usize,
}

impl IdentityBlock {
    /// Passes rows of `width` numbers.
    pub fn new(width: usize) -> Self {
        Self { width }
    }

    /// [R, width] → the same
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        crate::assert_shape!(x, [x.dims()[0], self.width]);
        x
    }
}

impl Block {
    /// [R, in] → [R, out]
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Linear(block) => block.forward(x),
            Self::Mlp(block) => block.forward(x),
            Self::Conv(block) => block.forward(x),
            Self::Identity(block) => block.forward(x),
        }
    }
}

/// Kinds of fully connected blocks that a run's spec can name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum BlockKind {
    /// One linear map and the activation.
    #[default]
    Linear,
    /// Two linear maps, the hidden width being the larger of in and out.
    Mlp,
    /// Passes its input; needs in = out.
    Identity,
}

impl BlockKind {
    /// Every kind with a line of explanation.
    pub const ALL: &'static [(BlockKind, &'static str, &'static str)] = &[
        (Self::Linear, "linear", "linear map, bias, activation"),
        (Self::Mlp, "mlp", "two linear maps with ReLU between, activation"),
        (Self::Identity, "identity", "passes its input; needs equal widths"),
    ];

    /// A block of this kind.
    pub fn build(self, input: usize, output: usize, f: Activation, init: &Init) -> Block {
        match self {
            Self::Linear => Block::Linear(LinearBlock::new(input, output, f, init)),
            Self::Mlp => Block::Mlp(MlpBlock::new(input, input.max(output), output, f, init)),
            Self::Identity => Block::Identity(IdentityBlock::new(input)),
        }
    }
}

//! One block of the vision base (T 5.2.2): 3×3 convolution (stride 1, padding 1), batch norm,
//! ReLU, 2×2 max pool (stride 2, rounding down).

#[cfg(feature = "flex")]
mod op;
pub mod plain;
pub mod slices;

use burn::tensor::Tensor;
pub use slices::{EPSILON, Layout};

/// Order of the axes of what enters and what leaves. Between blocks channels last is faster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layouts {
    /// Of x
    pub input: Layout,
    /// Of y
    pub output: Layout,
}

impl Layout {
    /// Sizes in this order → (N, C, H, W).
    pub fn dims(self, [n, a, b, c]: [usize; 4]) -> [usize; 4] {
        match self {
            Self::ChannelsFirst => [n, a, b, c],
            Self::ChannelsLast => [n, c, a, b],
        }
    }

    /// (N, C, H, W) → sizes in this order.
    pub fn order(self, [n, c, h, w]: [usize; 4]) -> [usize; 4] {
        match self {
            Self::ChannelsFirst => [n, c, h, w],
            Self::ChannelsLast => [n, h, w, c],
        }
    }
}

/// Trainable parameters of a block.
#[derive(Clone, Debug)]
pub struct ConvBlockParams {
    /// Filters. [F, C, 3, 3]
    pub weight: Tensor<4>,
    /// γ of the batch norm. \[F\]
    pub gamma: Tensor<1>,
    /// β of the batch norm. \[F\]
    pub beta: Tensor<1>,
}

/// A batch's statistics, without gradient, for the running averages.
#[derive(Clone, Debug)]
pub struct BatchStatistics {
    /// \[F\]
    pub mean: Tensor<1>,
    /// Unbiased. \[F\]
    pub variance: Tensor<1>,
}

/// Normalises with the batch's own statistics. [B, C, H, W] → [B, F, ⌊H/2⌋, ⌊W/2⌋], the axes
/// ordered as `layouts` says.
pub fn train(
    x: Tensor<4>,
    params: ConvBlockParams,
    layouts: Layouts,
) -> (Tensor<4>, BatchStatistics) {
    #[cfg(feature = "flex")]
    if super::has_kernels(&x.device()) {
        let out = <burn::backend::Dispatch as op::ConvBlock>::conv_block_train(
            x.into_dispatch(),
            params.weight.into_dispatch(),
            params.gamma.into_dispatch(),
            params.beta.into_dispatch(),
            layouts,
        );
        let statistics = BatchStatistics {
            mean: Tensor::from_dispatch(out.mean),
            variance: Tensor::from_dispatch(out.variance),
        };
        return (Tensor::from_dispatch(out.y), statistics);
    }
    plain::train(x, params, layouts)
}

/// Normalises with running averages `mean` and `variance` \[F\]; carries no gradient on the CPU.
/// [B, C, H, W] → [B, F, ⌊H/2⌋, ⌊W/2⌋], the axes ordered as `layouts` says.
pub fn evaluate(
    x: Tensor<4>,
    params: ConvBlockParams,
    mean: Tensor<1>,
    variance: Tensor<1>,
    layouts: Layouts,
) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if super::has_kernels(&x.device()) {
        let y = <burn::backend::Dispatch as op::ConvBlock>::conv_block_evaluate(
            x.into_dispatch(),
            params.weight.into_dispatch(),
            params.gamma.into_dispatch(),
            params.beta.into_dispatch(),
            mean.into_dispatch(),
            variance.into_dispatch(),
            layouts,
        );
        return Tensor::from_dispatch(y);
    }
    plain::evaluate(x, params, mean, variance, layouts)
}

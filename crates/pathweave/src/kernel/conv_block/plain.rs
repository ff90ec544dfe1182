//! The convolution block in ordinary tensor operations: the path of backends without the kernel,
//! and the kernel's oracle.

use burn::tensor::module::{conv2d, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Tensor, activation};

use super::{BatchStatistics, ConvBlockParams, EPSILON, Layout, Layouts};

/// Same contract as [`super::train`].
pub fn train(
    x: Tensor<4>,
    params: ConvBlockParams,
    layouts: Layouts,
) -> (Tensor<4>, BatchStatistics) {
    let y = convolve(enter(x, layouts.input), params.weight);
    let [batch, filters, height, width] = y.dims();
    let count = (batch * height * width) as f64;
    let mean = y.clone().mean_dims(&[0, 2, 3]);
    let centred = y - mean.clone();
    let variance = centred.clone().square().mean_dims(&[0, 2, 3]);
    let normal = centred / (variance.clone() + EPSILON).sqrt();
    let statistics = BatchStatistics {
        mean: mean.detach().reshape([filters]),
        variance: variance.detach().reshape([filters]) * (count / (count - 1.0).max(1.0)),
    };
    (leave(finish(normal, params.gamma, params.beta), layouts.output), statistics)
}

/// Same contract as [`super::evaluate`].
pub fn evaluate(
    x: Tensor<4>,
    params: ConvBlockParams,
    mean: Tensor<1>,
    variance: Tensor<1>,
    layouts: Layouts,
) -> Tensor<4> {
    let y = convolve(enter(x, layouts.input), params.weight);
    let shape = [1, y.dims()[1], 1, 1];
    let normal = (y - mean.reshape(shape)) / (variance.reshape(shape) + EPSILON).sqrt();
    leave(finish(normal, params.gamma, params.beta), layouts.output)
}

fn enter(x: Tensor<4>, layout: Layout) -> Tensor<4> {
    match layout {
        Layout::ChannelsFirst => x,
        Layout::ChannelsLast => x.permute([0, 3, 1, 2]),
    }
}

fn leave(y: Tensor<4>, layout: Layout) -> Tensor<4> {
    match layout {
        Layout::ChannelsFirst => y,
        Layout::ChannelsLast => y.permute([0, 2, 3, 1]),
    }
}

fn convolve(x: Tensor<4>, weight: Tensor<4>) -> Tensor<4> {
    conv2d(x, weight, None, ConvOptions::new([1, 1], [1, 1], [1, 1], 1))
}

fn finish(normal: Tensor<4>, gamma: Tensor<1>, beta: Tensor<1>) -> Tensor<4> {
    let shape = [1, normal.dims()[1], 1, 1];
    let y = normal * gamma.reshape(shape) + beta.reshape(shape);
    max_pool2d(activation::relu(y), MaxPoolOptions::new([2, 2]))
}

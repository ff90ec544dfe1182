//! Convolution block on flattened images: 3×3 convolution, ReLU, same height and width.

use burn::module::{Module, Param};
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Tensor, activation};

use crate::assert_shape;
use crate::init::Init;

/// Applies 3×3 filters (stride 1, padding 1) and ReLU to rows that are flattened images, so that
/// whole convolutional layers can be routed (T 3.4.1).
///
/// There is no batch normalisation inside: the rows that reach a routed block are a changing,
/// sometimes tiny part of the batch, and their statistics would depend on the routing.
#[derive(Module, Debug)]
pub struct ConvBlock {
    /// [out channels, in channels, 3, 3]
    pub weight: Param<Tensor<4>>,
    /// [out channels]
    pub bias: Param<Tensor<1>>,
    height: usize,
    width: usize,
}

impl ConvBlock {
    /// Filters for images of `channels` × `height` × `width`, uniform in ±1/√(9 · channels).
    pub fn new(channels: [usize; 2], height: usize, width: usize, init: &Init) -> Self {
        let [input, output] = channels;
        Self {
            weight: init.at("weight").fan_in([output, input, 3, 3], 9 * input),
            bias: init.at("bias").fan_in([output], 9 * input),
            height,
            width,
        }
    }

    /// [R, in channels · H · W] → [R, out channels · H · W]
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let rows = x.dims()[0];
        let [output, input, _, _] = self.weight.dims();
        let (height, width) = (self.height, self.width);
        assert_shape!(x, [rows, input * height * width]);
        let images = x.reshape([rows, input, height, width]);
        let y = conv2d(
            images,
            self.weight.val(),
            Some(self.bias.val()),
            ConvOptions::new([1, 1], [1, 1], [1, 1], 1),
        );
        activation::relu(y).reshape([rows, output * height * width])
    }
}

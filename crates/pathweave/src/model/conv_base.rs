//! The convolutional base of T 5.2.2: blocks of 3×3 convolution, batch norm, ReLU, 2×2 max pool.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use crate::init::Init;
use crate::kernel::conv_block::{self, BatchStatistics, ConvBlockParams, Layout, Layouts};

/// Share of the newest batch in the running averages (as PyTorch's default).
const MOMENTUM: f64 = 0.1;

/// One convolution block with its running averages.
#[derive(Module, Debug)]
pub struct VisionBlock {
    /// [F, C, 3, 3]; no bias, which the batch norm would cancel
    pub weight: Param<Tensor<4>>,
    /// Scale γ of the batch norm. \[F\]
    pub gamma: Param<Tensor<1>>,
    /// Shift β of the batch norm. \[F\]
    pub beta: Param<Tensor<1>>,
    /// Running mean. \[F\]
    pub mean: Param<Tensor<1>>,
    /// Running variance, unbiased. \[F\]
    pub variance: Param<Tensor<1>>,
}

impl VisionBlock {
    fn new(channels: usize, filters: usize, init: &Init) -> Self {
        Self {
            weight: init.at("weight").fan_in([filters, channels, 3, 3], 9 * channels),
            gamma: init.full([filters], 1.0),
            beta: init.full([filters], 0.0),
            mean: init.state([filters], 0.0),
            variance: init.state([filters], 1.0),
        }
    }

    fn params(&self) -> ConvBlockParams {
        ConvBlockParams {
            weight: self.weight.val(),
            gamma: self.gamma.val(),
            beta: self.beta.val(),
        }
    }
}

/// Shared by all tasks.
#[derive(Module, Debug)]
pub struct ConvBase {
    /// Applied one after another
    pub blocks: Vec<VisionBlock>,
}

impl ConvBase {
    /// `blocks` blocks of `filters` filters on images of `channels` channels.
    pub fn new(blocks: usize, channels: usize, filters: usize, init: &Init) -> Self {
        let block = |index: usize| {
            let input = if index == 0 { channels } else { filters };
            VisionBlock::new(input, filters, &init.at(index))
        };
        Self { blocks: (0..blocks).map(block).collect() }
    }

    /// Number of features that an image of this height and width becomes; 0 where it is too small.
    pub fn features(blocks: usize, filters: usize, height: usize, width: usize) -> usize {
        (height >> blocks) * (width >> blocks) * filters
    }

    /// With batch statistics, which are returned for [`ConvBase::absorb`].
    /// [B, C, H, W] → [B, features]
    pub fn forward_train(&self, mut x: Tensor<4>) -> (Tensor<2>, Vec<BatchStatistics>) {
        let mut statistics = Vec::with_capacity(self.blocks.len());
        for (index, block) in self.blocks.iter().enumerate() {
            let (y, seen) = conv_block::train(x, block.params(), self.layouts(index));
            statistics.push(seen);
            x = y;
        }
        (x.flatten(1, 3), statistics)
    }

    /// With running averages. [B, C, H, W] → [B, features]
    pub fn forward(&self, mut x: Tensor<4>) -> Tensor<2> {
        for (index, block) in self.blocks.iter().enumerate() {
            let (mean, variance) = (block.mean.val(), block.variance.val());
            x = conv_block::evaluate(x, block.params(), mean, variance, self.layouts(index));
        }
        x.flatten(1, 3)
    }

    /// Channels last between blocks, which is what the kernel works in.
    fn layouts(&self, index: usize) -> Layouts {
        let at_end = |end| if end { Layout::ChannelsFirst } else { Layout::ChannelsLast };
        Layouts { input: at_end(index == 0), output: at_end(index + 1 == self.blocks.len()) }
    }

    /// Moves the running averages towards a batch's statistics.
    pub fn absorb(&mut self, statistics: Vec<BatchStatistics>) {
        for (block, seen) in self.blocks.iter_mut().zip(statistics) {
            let towards = |old: Tensor<1>, new: Tensor<1>| old * (1.0 - MOMENTUM) + new * MOMENTUM;
            block.mean = block.mean.clone().map(|old| towards(old, seen.mean));
            block.variance = block.variance.clone().map(|old| towards(old, seen.variance));
        }
    }
}

//! The sizes of one block and the layout of its ends.

use std::error::Error;
use std::fmt;

use crate::kernel::lanes::LANES;

/// Pixels that are worked on together: enough for full tiles on the smallest images, few enough
/// that a group's input, output and gradient stay in the second-level cache.
const GROUP_PIXELS: usize = 512;

/// Order of the axes in a tensor of images, contiguous in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Layout {
    /// `[N, C, H, W]`, the layout of most libraries.
    #[default]
    ChannelsFirst,
    /// `[N, H, W, C]`, the kernel's own: nothing is transposed.
    ChannelsLast,
}

/// The checked sizes of one block: input `[N, C, H, W]`, output `[N, F, H/2, W/2]`, each end in its
/// own [`Layout`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    batch: usize,
    channels: usize,
    height: usize,
    width: usize,
    filters: usize,
    input: Layout,
    output: Layout,
}

/// Why sizes do not make a block.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShapeError {
    /// There are no input channels or no filters.
    NoChannels {
        /// Input channels.
        channels: usize,
        /// Filters.
        filters: usize,
    },
    /// Pooling would leave no pixel: both sides need at least 2.
    TooSmall {
        /// Rows of the input.
        height: usize,
        /// Columns of the input.
        width: usize,
    },
    /// The number of elements does not fit the address space.
    TooLarge,
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoChannels { channels, filters } => write!(
                f,
                "a convolution block needs at least one channel and one filter, not {channels} and {filters}"
            ),
            Self::TooSmall { height, width } => write!(
                f,
                "2x2 pooling leaves nothing of a {height}x{width} image: both sides must be at least 2"
            ),
            Self::TooLarge => f.write_str("the block's tensors exceed the address space"),
        }
    }
}

impl Error for ShapeError {}

impl Shape {
    /// Checks the sizes; both ends are [`Layout::ChannelsFirst`]. A batch of 0 is allowed.
    ///
    /// # Errors
    ///
    /// [`ShapeError`] where there is no channel, no filter, a side below 2, or too many elements.
    pub fn new(
        [batch, channels, height, width]: [usize; 4],
        filters: usize,
    ) -> Result<Self, ShapeError> {
        if channels == 0 || filters == 0 {
            return Err(ShapeError::NoChannels { channels, filters });
        }
        if height < 2 || width < 2 {
            return Err(ShapeError::TooSmall { height, width });
        }
        // The largest buffers: the batch's output before pooling, a padded group, the filters.
        let lanes = |n: usize| n.checked_next_multiple_of(LANES);
        let checked = || {
            let widest = lanes(channels)?.max(lanes(filters)?);
            let image =
                height.checked_add(2)?.checked_mul(width.checked_add(2)?)?.checked_mul(widest)?;
            let images = image.checked_mul(batch.max(GROUP_PIXELS))?;
            let weight = lanes(channels)?.checked_mul(9)?.checked_mul(lanes(filters)?)?;
            images.max(weight).checked_mul(size_of::<f64>())
        };
        match checked() {
            Some(bytes) if isize::try_from(bytes).is_ok() => Ok(Self {
                batch,
                channels,
                height,
                width,
                filters,
                input: Layout::ChannelsFirst,
                output: Layout::ChannelsFirst,
            }),
            _ => Err(ShapeError::TooLarge),
        }
    }

    /// The same sizes with other layouts of the input and its gradient, and of the output and its.
    #[must_use]
    pub fn with_layouts(mut self, input: Layout, output: Layout) -> Self {
        self.input = input;
        self.output = output;
        self
    }

    /// N.
    #[must_use]
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// C.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// H.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// W.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// F.
    #[must_use]
    pub fn filters(&self) -> usize {
        self.filters
    }

    /// Layout of the input and its gradient.
    #[must_use]
    pub fn input(&self) -> Layout {
        self.input
    }

    /// Layout of the output and its gradient.
    #[must_use]
    pub fn output(&self) -> Layout {
        self.output
    }

    /// Rows after pooling, ⌊H/2⌋.
    #[must_use]
    pub fn out_height(&self) -> usize {
        self.height / 2
    }

    /// Columns after pooling, ⌊W/2⌋.
    #[must_use]
    pub fn out_width(&self) -> usize {
        self.width / 2
    }

    /// Elements of the input, N·C·H·W.
    #[must_use]
    pub fn input_len(&self) -> usize {
        self.batch * self.image_pixels() * self.channels
    }

    /// Elements of the output, N·F·⌊H/2⌋·⌊W/2⌋.
    #[must_use]
    pub fn output_len(&self) -> usize {
        self.batch * self.pooled_pixels() * self.filters
    }

    /// Elements of the filters, F·C·3·3.
    #[must_use]
    pub fn weight_len(&self) -> usize {
        self.filters * self.channels * 9
    }

    pub(super) fn image_pixels(&self) -> usize {
        self.height * self.width
    }

    pub(super) fn pooled_pixels(&self) -> usize {
        self.out_height() * self.out_width()
    }

    /// Pixels of one image with its border of zeros.
    pub(super) fn padded_pixels(&self) -> usize {
        (self.height + 2) * (self.width + 2)
    }

    /// Images a group, at least one.
    pub(super) fn group(&self) -> usize {
        (GROUP_PIXELS / self.image_pixels()).max(1)
    }

    /// C rounded up to whole vectors.
    pub(super) fn channel_lanes(&self) -> usize {
        self.channels.next_multiple_of(LANES)
    }

    /// F rounded up to whole vectors.
    pub(super) fn filter_lanes(&self) -> usize {
        self.filters.next_multiple_of(LANES)
    }

    /// Whether the convolution's output is kept for the backward pass. To compute it takes about
    /// 9·C cycles a pixel and 32 filters, to write it and load it from memory about 80.
    pub(super) fn keeps_convolution(&self) -> bool {
        self.channels > 8
    }
}

//! Copies between the outer layouts and the kernel's own: channels last, padded to whole vectors,
//! images with a border of zeros.

use super::shape::Layout;
use crate::kernel::lanes::Real;

/// Where an image's pixels lie in a buffer of `stride` values a pixel.
#[derive(Clone, Copy, Debug)]
pub struct Raster {
    /// Rows of the image.
    pub height: usize,
    /// Columns of the image.
    pub width: usize,
    /// Channels of the image.
    pub channels: usize,
    /// Values a pixel in the kernel's buffer, at least `channels`.
    pub stride: usize,
    /// Pixels of zeros on each side in the kernel's buffer.
    pub border: usize,
}

impl Raster {
    /// Values of the image outside.
    pub fn outer_len(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Values of the image in the kernel's buffer.
    pub fn inner_len(&self) -> usize {
        (self.height + 2 * self.border) * (self.width + 2 * self.border) * self.stride
    }

    /// Whether the kernel's buffer holds the image as the outer layout does.
    pub fn is_plain(&self, layout: Layout) -> bool {
        layout == Layout::ChannelsLast && self.channels == self.stride && self.border == 0
    }

    /// First value of a row's first pixel in the kernel's buffer.
    fn row(&self, row: usize) -> usize {
        ((row + self.border) * (self.width + 2 * self.border) + self.border) * self.stride
    }

    /// Copies one image in. The border and the lanes beyond the channels are left as they are.
    pub fn pack<T: Real>(&self, layout: Layout, outer: &[T], inner: &mut [T]) {
        let (w, c, s) = (self.width, self.channels, self.stride);
        let plane = self.height * w;
        for h in 0..self.height {
            let row = &mut inner[self.row(h)..][..w * s];
            match layout {
                Layout::ChannelsFirst => {
                    // By pixel: one cache line of the target is filled at a time, and the sources
                    // are as many streams as there are channels.
                    for (x, pixel) in row.chunks_exact_mut(s).enumerate() {
                        let from = outer[h * w + x..].iter().step_by(plane);
                        for (to, &value) in pixel[..c].iter_mut().zip(from) {
                            *to = value;
                        }
                    }
                }
                Layout::ChannelsLast if c == s => {
                    row.copy_from_slice(&outer[h * w * c..][..w * c]);
                }
                Layout::ChannelsLast => {
                    let from = outer[h * w * c..][..w * c].chunks_exact(c);
                    for (pixel, from) in row.chunks_exact_mut(s).zip(from) {
                        pixel[..c].copy_from_slice(from);
                    }
                }
            }
        }
    }

    /// Copies one image out; the lanes beyond the channels are dropped.
    pub fn unpack<T: Real>(&self, layout: Layout, inner: &[T], outer: &mut [T]) {
        let (w, c, s) = (self.width, self.channels, self.stride);
        let plane = self.height * w;
        for h in 0..self.height {
            let row = &inner[self.row(h)..][..w * s];
            match layout {
                Layout::ChannelsFirst => {
                    for (k, to) in outer.chunks_exact_mut(plane).enumerate() {
                        let from = row[k..].iter().step_by(s);
                        for (to, &value) in to[h * w..][..w].iter_mut().zip(from) {
                            *to = value;
                        }
                    }
                }
                Layout::ChannelsLast if c == s => {
                    outer[h * w * c..][..w * c].copy_from_slice(row);
                }
                Layout::ChannelsLast => {
                    let to = outer[h * w * c..][..w * c].chunks_exact_mut(c);
                    for (pixel, to) in row.chunks_exact(s).zip(to) {
                        to.copy_from_slice(&pixel[..c]);
                    }
                }
            }
        }
    }
}

/// Filters `[F, C, 3, 3]` as `[3, 3, C, lanes]` with the filters in the lanes.
pub fn filters_forward<T: Real>(weight: &[T], channels: usize, lanes: usize, out: &mut [T]) {
    for (f, filter) in weight.chunks_exact(channels * 9).enumerate() {
        for (c, taps) in filter.chunks_exact(9).enumerate() {
            for (tap, &value) in taps.iter().enumerate() {
                out[(tap * channels + c) * lanes + f] = value;
            }
        }
    }
}

/// Filters `[F, C, 3, 3]` turned by half a circle as `[3, 3, rows, lanes]` with the channels in the
/// lanes: the convolution that takes the output's gradient to the input's.
pub fn filters_backward<T: Real>(
    weight: &[T],
    channels: usize,
    rows: usize,
    lanes: usize,
    out: &mut [T],
) {
    for (f, filter) in weight.chunks_exact(channels * 9).enumerate() {
        for (c, taps) in filter.chunks_exact(9).enumerate() {
            for (tap, &value) in taps.iter().rev().enumerate() {
                out[(tap * rows + f) * lanes + c] = value;
            }
        }
    }
}

/// The inverse of [`filters_forward`].
pub fn filters_outer<T: Real>(inner: &[T], channels: usize, lanes: usize, weight: &mut [T]) {
    for (f, filter) in weight.chunks_exact_mut(channels * 9).enumerate() {
        for (c, taps) in filter.chunks_exact_mut(9).enumerate() {
            for (tap, value) in taps.iter_mut().enumerate() {
                *value = inner[(tap * channels + c) * lanes + f];
            }
        }
    }
}

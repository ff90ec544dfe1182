//! What a block keeps between calls: reused buffers, and what the backward pass needs.

use super::moments::Moments;
use super::pack::Raster;
use super::pool::Affine;
use super::shape::Shape;
use crate::kernel::lanes::{Level, Real};

/// What [`backward`](super::backward) needs of the forward pass. Reused, it allocates nothing.
#[derive(Clone, Debug)]
pub struct Saved<T> {
    pub(super) shape: Option<Shape>,
    /// Chosen values before normalisation, `[N, H/2, W/2, lanes]`.
    pub(super) peak: Vec<T>,
    /// Their places in the windows.
    pub(super) place: Vec<u8>,
    /// The convolution's output `[N, H, W, lanes]`, or empty where it is cheaper to compute again.
    pub(super) z: Vec<T>,
    pub(super) norm: Affine<T>,
    /// 1 / √(variance + ε), `[lanes]`.
    pub(super) inverse_deviation: Vec<f64>,
}

impl<T> Default for Saved<T> {
    fn default() -> Self {
        Self {
            shape: None,
            peak: Vec::new(),
            place: Vec::new(),
            z: Vec::new(),
            norm: Affine { mean: Vec::new(), scale: Vec::new(), beta: Vec::new() },
            inverse_deviation: Vec::new(),
        }
    }
}

impl<T: Real> Saved<T> {
    /// Makes room for `shape`.
    pub(super) fn prepare(&mut self, shape: &Shape) {
        if self.shape.as_ref() == Some(shape) {
            return;
        }
        let lanes = shape.filter_lanes();
        let pooled = shape.batch() * shape.pooled_pixels() * lanes;
        let kept = if shape.keeps_convolution() {
            shape.batch() * shape.image_pixels() * lanes
        } else {
            0
        };
        refill(&mut self.peak, pooled);
        refill(&mut self.place, pooled);
        refill(&mut self.z, kept);
        refill(&mut self.norm.mean, lanes);
        refill(&mut self.norm.scale, lanes);
        refill(&mut self.norm.beta, lanes);
        refill(&mut self.inverse_deviation, lanes);
        self.shape = Some(shape.clone());
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        (self.peak.capacity() + self.z.capacity() + 3 * self.norm.mean.capacity()) * size_of::<T>()
            + self.place.capacity()
            + self.inverse_deviation.capacity() * size_of::<f64>()
    }
}

/// Buffers that carry nothing from one call to the next. Reused for blocks of one shape, they
/// allocate nothing; for another shape they are made anew.
#[derive(Clone, Debug)]
pub struct Scratch<T> {
    shape: Option<Shape>,
    pub(super) level: Level,
    /// A group of inputs with borders of zeros.
    pub(super) x: Vec<T>,
    /// A group of convolution outputs; of input gradients in the backward pass.
    pub(super) z: Vec<T>,
    /// A group of convolution outputs' gradients with borders of zeros.
    pub(super) dz: Vec<T>,
    /// The batch's gradient behind ReLU, `[N, H/2, W/2, lanes]`; in the forward pass one output.
    pub(super) y: Vec<T>,
    /// Filters with the outputs in the lanes.
    pub(super) filters: Vec<T>,
    /// Turned filters with the inputs in the lanes.
    pub(super) turned: Vec<T>,
    /// Gradient of the filters.
    pub(super) gradient: Vec<T>,
    pub(super) bias: Vec<T>,
    /// The sign of γ, `[lanes]`.
    pub(super) sign: Vec<T>,
    /// One image's sums, then offset and slope of the backward pass, `[lanes]` each.
    pub(super) rows: [Vec<T>; 4],
    /// Zeros for a convolution without bias, `[channel lanes]`.
    pub(super) zeros: Vec<T>,
    /// Windows of a group's pixels in `x`.
    pub(super) starts: Vec<usize>,
    /// Windows of a group's pixels in `dz`.
    pub(super) starts_dz: Vec<usize>,
    pub(super) moments: Moments<T>,
    /// Sums over the batch, `[lanes]` each.
    pub(super) totals: [Vec<f64>; 2],
}

impl<T: Real> Default for Scratch<T> {
    fn default() -> Self {
        Self {
            shape: None,
            level: Level::available()[0],
            x: Vec::new(),
            z: Vec::new(),
            dz: Vec::new(),
            y: Vec::new(),
            filters: Vec::new(),
            turned: Vec::new(),
            gradient: Vec::new(),
            bias: Vec::new(),
            sign: Vec::new(),
            rows: Default::default(),
            zeros: Vec::new(),
            starts: Vec::new(),
            starts_dz: Vec::new(),
            moments: Moments::default(),
            totals: Default::default(),
        }
    }
}

impl<T: Real> Scratch<T> {
    /// Makes room for `shape`. Lanes and borders that no later step writes are 0 from here on.
    pub(super) fn prepare(&mut self, shape: &Shape) {
        if self.shape.as_ref() == Some(shape) {
            return;
        }
        let (c, cl, fl) = (shape.channels(), shape.channel_lanes(), shape.filter_lanes());
        let group = shape.group();
        let pixels = group * shape.image_pixels();
        refill(&mut self.x, group * shape.padded_pixels() * c);
        refill(&mut self.z, pixels * fl.max(cl));
        refill(&mut self.dz, group * shape.padded_pixels() * fl);
        let pooled = shape.batch() * shape.pooled_pixels();
        refill(&mut self.y, pooled * fl);
        refill(&mut self.filters, 9 * c * fl);
        refill(&mut self.turned, 9 * fl * cl);
        refill(&mut self.gradient, 9 * c * fl);
        for row in [&mut self.bias, &mut self.sign].into_iter().chain(&mut self.rows) {
            refill(row, fl);
        }
        refill(&mut self.zeros, cl);
        windows(&mut self.starts, shape, c);
        windows(&mut self.starts_dz, shape, fl);
        self.moments.reset(fl);
        for total in &mut self.totals {
            refill(total, fl);
        }
        self.shape = Some(shape.clone());
    }
}

/// The input's images in `Scratch::x`.
pub fn input_raster(shape: &Shape) -> Raster {
    Raster {
        height: shape.height(),
        width: shape.width(),
        channels: shape.channels(),
        stride: shape.channels(),
        border: 1,
    }
}

/// The input's gradients, whole vectors a pixel.
pub fn gradient_raster(shape: &Shape) -> Raster {
    Raster { stride: shape.channel_lanes(), border: 0, ..input_raster(shape) }
}

/// The output's images, whole vectors a pixel.
pub fn output_raster(shape: &Shape) -> Raster {
    Raster {
        height: shape.out_height(),
        width: shape.out_width(),
        channels: shape.filters(),
        stride: shape.filter_lanes(),
        border: 0,
    }
}

/// The first images of each group and how many there are.
pub fn groups(shape: &Shape) -> impl Iterator<Item = (usize, usize)> + use<> {
    let (group, batch) = (shape.group(), shape.batch());
    (0..batch).step_by(group).map(move |first| (first, group.min(batch - first)))
}

/// Copies a row of filters into lanes; the lanes beyond are left 0.
pub fn fill_lanes<T: Copy>(lanes: &mut [T], values: &[T]) {
    lanes[..values.len()].copy_from_slice(values);
}

fn windows(starts: &mut Vec<usize>, shape: &Shape, depth: usize) {
    let (h, w) = (shape.height(), shape.width());
    starts.clear();
    starts.extend((0..shape.group() * h * w).map(|pixel| {
        let (row, column) = (pixel / w, pixel % w);
        ((row / h * (h + 2) + row % h) * (w + 2) + column) * depth
    }));
}

fn refill<T: Copy + Default>(buffer: &mut Vec<T>, len: usize) {
    buffer.clear();
    buffer.resize(len, T::default());
}

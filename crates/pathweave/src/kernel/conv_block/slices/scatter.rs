//! The gradient of the convolution's output: back through pooling and normalisation.

use super::pool::{Affine, window};
use crate::kernel::lanes::{Kernel, LANES, Lanes, Real};

/// `dz = scale · gradient` at the chosen pixels, plus `offset + slope · (z − mean)` at all, the part
/// that comes through the batch's statistics.
pub struct Scatter<'a, T> {
    /// Output of the convolution for one image, `[height, width, lanes]`.
    pub z: &'a [T],
    /// Rows of the image.
    pub height: usize,
    /// Columns of the image.
    pub width: usize,
    /// Gradient behind ReLU, `[height / 2, width / 2, lanes]`.
    pub gradient: &'a [T],
    /// Where each window's gradient goes.
    pub place: &'a [u8],
    /// The normalisation.
    pub norm: &'a Affine<T>,
    /// `[lanes]`.
    pub offset: &'a [T],
    /// `[lanes]`.
    pub slope: &'a [T],
    /// `[height + 2, width + 2, lanes]`; the border is left as it is.
    pub dz: &'a mut [T],
}

impl<T: Real> Kernel<T> for Scatter<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let blocks = self.offset.len() / LANES;
        let (width, columns) = (self.width, self.width / 2);
        let z = self.z.as_chunks::<LANES>().0;
        let gradient = self.gradient.as_chunks::<LANES>().0;
        let place = self.place.as_chunks::<LANES>().0;
        let dz = self.dz.as_chunks_mut::<LANES>().0;
        // Pixel (h, w) is at (h + 1, w + 1) of the padded image.
        let padded = |pixel: usize| (pixel / width + 1) * (width + 2) + pixel % width + 1;
        for b in 0..blocks {
            let [mean, scale, _] = self.norm.block::<V>(b);
            let offset = V::get(&self.offset.as_chunks().0[b]);
            let slope = V::get(&self.slope.as_chunks().0[b]);
            let through =
                |pixel: usize| V::get(&z[pixel * blocks + b]).sub(mean).mul_add(slope, offset);
            for index in 0..self.height / 2 * columns {
                let at = window(index, columns, width);
                let first = padded(at[0]);
                let to = [first, first + 1, first + width + 2, first + width + 3];
                let direct = V::get(&gradient[index * blocks + b]).mul(scale);
                let chosen = V::get_bytes(&place[index * blocks + b]);
                for q in 0..4 {
                    let all = through(at[q]);
                    let here = chosen.equals(V::splat(T::from_byte(q as u8)));
                    V::select(here, all.add(direct), all).put(&mut dz[to[q] * blocks + b]);
                }
            }
            // The column and the row that pooling drops.
            let right = (0..self.height).filter(|_| width % 2 == 1).map(|h| h * width + width - 1);
            let bottom =
                (0..width).filter(|_| self.height % 2 == 1).map(|w| (self.height - 1) * width + w);
            for pixel in right.chain(bottom) {
                through(pixel).put(&mut dz[padded(pixel) * blocks + b]);
            }
        }
    }
}

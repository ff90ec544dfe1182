//! 2×2 max pooling with stride 2, normalisation and ReLU of what it chose, and the way back to it.

use crate::kernel::lanes::{Kernel, LANES, Lanes, Real};

/// Which pixels of an unpadded image of `row` columns make the window of output pixel `index`, in
/// scan order.
#[inline(always)]
pub fn window(index: usize, columns: usize, row: usize) -> [usize; 4] {
    let (h, w) = (index / columns, index % columns);
    let first = 2 * h * row + 2 * w;
    [first, first + 1, first + row, first + row + 1]
}

/// Chooses in each window the pixel that normalisation, ReLU and pooling will choose: the greatest
/// where γ is positive, the least where it is negative, the first where it is 0. NaN is chosen
/// before any number, as in PyTorch.
pub struct Peak<'a, T> {
    /// Output of the convolution for one image, `[height, width, lanes]`.
    pub z: &'a [T],
    /// Columns of `z`.
    pub width: usize,
    /// The sign of each filter's γ, `[lanes]`.
    pub sign: &'a [T],
    /// The chosen value, `[height / 2, width / 2, lanes]`.
    pub peak: &'a mut [T],
    /// Its place in the window, 0 to 3 in scan order.
    pub place: &'a mut [u8],
}

impl<T: Real> Kernel<T> for Peak<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let blocks = self.sign.len() / LANES;
        let (z, sign) = (self.z.as_chunks::<LANES>().0, self.sign.as_chunks().0);
        let peak = self.peak.as_chunks_mut::<LANES>().0;
        let place = self.place.as_chunks_mut::<LANES>().0;
        let outputs = peak.chunks_exact_mut(blocks).zip(place.chunks_exact_mut(blocks));
        for (index, (peak, place)) in outputs.enumerate() {
            let at = window(index, self.width / 2, self.width);
            for b in 0..blocks {
                let sign = V::get(&sign[b]);
                let mut chosen = V::get(&z[at[0] * blocks + b]);
                let mut best = chosen.mul(sign);
                let mut position = V::splat(T::default());
                for q in 1..4 {
                    let value = V::get(&z[at[q] * blocks + b]);
                    let signed = value.mul(sign);
                    let take = signed.above(best);
                    best = V::select(take, signed, best);
                    chosen = V::select(take, value, chosen);
                    position = V::select(take, V::splat(T::from_byte(q as u8)), position);
                }
                chosen.put(&mut peak[b]);
                position.put_bytes(&mut place[b]);
            }
        }
    }
}

/// Normalisation of every filter: `(z − mean) · scale + beta`.
#[derive(Clone, Debug, Default)]
pub struct Affine<T> {
    /// Mean over the batch.
    pub mean: Vec<T>,
    /// γ / √(variance + ε).
    pub scale: Vec<T>,
    /// β.
    pub beta: Vec<T>,
}

impl<T: Real> Affine<T> {
    /// Mean, scale and β of one vector of filters.
    #[inline(always)]
    pub fn block<V: Lanes<T>>(&self, b: usize) -> [V; 3] {
        let at = |row: &[T]| V::get(&row.as_chunks().0[b]);
        [at(&self.mean), at(&self.scale), at(&self.beta)]
    }
}

/// Normalisation and ReLU of the chosen pixels.
pub struct Activate<'a, T> {
    /// Chosen values, `[pixels, lanes]`.
    pub peak: &'a [T],
    /// The normalisation.
    pub norm: &'a Affine<T>,
    /// `[pixels, lanes]`.
    pub y: &'a mut [T],
}

impl<T: Real> Kernel<T> for Activate<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let blocks = self.norm.mean.len() / LANES;
        let peak = self.peak.as_chunks::<LANES>().0;
        let y = self.y.as_chunks_mut::<LANES>().0;
        let zero = V::splat(T::default());
        for b in 0..blocks {
            let [mean, scale, beta] = self.norm.block::<V>(b);
            for (y, peak) in y.chunks_exact_mut(blocks).zip(peak.chunks_exact(blocks)) {
                let n = V::get(&peak[b]).sub(mean).mul_add(scale, beta);
                // NaN is not at most 0 and stays.
                V::select(n.at_most(zero), zero, n).put(&mut y[b]);
            }
        }
    }
}

/// The output's gradient behind ReLU and its sums over one image.
pub struct Deactivate<'a, T> {
    /// Chosen values, `[pixels, lanes]`.
    pub peak: &'a [T],
    /// The normalisation.
    pub norm: &'a Affine<T>,
    /// Gradient of the output, `[pixels, lanes]`.
    pub dy: &'a [T],
    /// The same, 0 where ReLU was shut. Lanes beyond the filters are always shut.
    pub gradient: &'a mut [T],
    /// Σ gradient, `[lanes]`.
    pub sum: &'a mut [T],
    /// Σ gradient · (peak − mean), `[lanes]`.
    pub product: &'a mut [T],
}

impl<T: Real> Kernel<T> for Deactivate<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let blocks = self.sum.len() / LANES;
        let peak = self.peak.as_chunks::<LANES>().0;
        let dy = self.dy.as_chunks::<LANES>().0;
        let gradient = self.gradient.as_chunks_mut::<LANES>().0;
        let zero = V::splat(T::default());
        for b in 0..blocks {
            let [mean, scale, beta] = self.norm.block::<V>(b);
            let (mut sum, mut product) = (zero, zero);
            for ((gradient, dy), peak) in gradient
                .chunks_exact_mut(blocks)
                .zip(dy.chunks_exact(blocks))
                .zip(peak.chunks_exact(blocks))
            {
                let centred = V::get(&peak[b]).sub(mean);
                let shut = centred.mul_add(scale, beta).at_most(zero);
                let g = V::select(shut, zero, V::get(&dy[b]));
                g.put(&mut gradient[b]);
                sum = sum.add(g);
                product = g.mul_add(centred, product);
            }
            sum.put(&mut self.sum.as_chunks_mut().0[b]);
            product.put(&mut self.product.as_chunks_mut().0[b]);
        }
    }
}

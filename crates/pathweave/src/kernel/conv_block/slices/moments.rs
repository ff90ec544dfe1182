//! Mean and variance of every filter's output over the batch.

use crate::kernel::lanes::{Kernel, LANES, Lanes, Real};

/// Pixels that are summed side by side; they hide the latency of the additions.
const WAYS: usize = 4;

/// Means and summed squared deviations, one a lane, merged group by group in `f64` (Chan, Golub and
/// LeVeque, 1979). Within a group the sums are of differences from the mean so far, so that a mean
/// far from 0 cancels nothing.
#[derive(Clone, Debug, Default)]
pub struct Moments<T> {
    /// Values seen a filter.
    pub count: usize,
    /// Mean a filter.
    pub mean: Vec<f64>,
    /// Σ (value − mean)² a filter.
    pub deviation: Vec<f64>,
    shift: Vec<T>,
    sum: Vec<T>,
    square: Vec<T>,
}

impl<T: Real> Moments<T> {
    /// Forgets all values.
    pub fn reset(&mut self, lanes: usize) {
        self.count = 0;
        for v in [&mut self.mean, &mut self.deviation] {
            v.clear();
            v.resize(lanes, 0.0);
        }
        for v in [&mut self.shift, &mut self.sum, &mut self.square] {
            v.clear();
            v.resize(lanes, T::default());
        }
    }

    /// The part to run on a group's output, `[pixels, lanes]`; then [`Self::merge`] the same group.
    pub fn gather<'a>(&'a mut self, z: &'a [T]) -> Gather<'a, T> {
        let lanes = self.mean.len();
        if self.count == 0 {
            self.shift.copy_from_slice(&z[..lanes]);
        } else {
            for (s, &m) in self.shift.iter_mut().zip(&self.mean) {
                *s = T::from_f64(m);
            }
        }
        Gather { z, shift: &self.shift, sum: &mut self.sum, square: &mut self.square }
    }

    /// Takes in the sums of a group of `pixels`.
    pub fn merge(&mut self, pixels: usize) {
        let (old, new) = (self.count as f64, pixels as f64);
        let total = old + new;
        for l in 0..self.mean.len() {
            let (sum, square) = (self.sum[l].to_f64(), self.square[l].to_f64());
            let mean = self.shift[l].to_f64() + sum / new;
            let gap = mean - self.mean[l];
            self.mean[l] += gap * new / total;
            self.deviation[l] += (square - sum * sum / new) + gap * gap * old * new / total;
        }
        self.count += pixels;
    }
}

/// Sums of one group.
pub struct Gather<'a, T> {
    z: &'a [T],
    shift: &'a [T],
    sum: &'a mut [T],
    square: &'a mut [T],
}

impl<T: Real> Kernel<T> for Gather<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let blocks = self.shift.len() / LANES;
        let z = self.z.as_chunks::<LANES>().0;
        for b in 0..blocks {
            let shift = V::get(&self.shift.as_chunks().0[b]);
            let mut sum = [V::splat(T::default()); WAYS];
            let mut square = sum;
            let mut groups = z.chunks_exact(WAYS * blocks);
            for pixels in &mut groups {
                for way in 0..WAYS {
                    let d = V::get(&pixels[way * blocks + b]).sub(shift);
                    sum[way] = sum[way].add(d);
                    square[way] = d.mul_add(d, square[way]);
                }
            }
            for pixel in groups.remainder().chunks_exact(blocks) {
                let d = V::get(&pixel[b]).sub(shift);
                sum[0] = sum[0].add(d);
                square[0] = d.mul_add(d, square[0]);
            }
            let total = |v: [V; WAYS]| v[0].add(v[1]).add(v[2].add(v[3]));
            total(sum).put(&mut self.sum.as_chunks_mut().0[b]);
            total(square).put(&mut self.square.as_chunks_mut().0[b]);
        }
    }
}

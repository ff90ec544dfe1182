//! The 3×3 convolution of a group of padded images, by tiles of pixels times filters in registers.

use std::array;

use crate::kernel::lanes::{Kernel, LANES, Lanes, Real};

/// `out[p, f] = bias[f] + Σ_{kh, j} x[start_p + kh·row + j] · filters[kh, j, f]`, where j runs over
/// the 3·depth values of three neighbouring pixels, which lie side by side when channels are last.
pub struct Convolve<'a, T> {
    /// Padded images, channels last.
    pub x: &'a [T],
    /// Where each pixel's window begins in `x`.
    pub starts: &'a [usize],
    /// Values of `x` from one row of an image to the next.
    pub row: usize,
    /// Values a pixel in `x`.
    pub depth: usize,
    /// `[3, 3, depth, lanes]`.
    pub filters: &'a [T],
    /// `[lanes]`.
    pub bias: &'a [T],
    /// `[pixels, lanes]`.
    pub out: &'a mut [T],
}

impl<T: Real> Kernel<T> for Convolve<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let lanes = self.bias.len();
        assert!(lanes.is_multiple_of(LANES));
        assert_eq!(self.filters.len(), 9 * self.depth * lanes);
        assert_eq!(self.out.len(), self.starts.len() * lanes);
        let window = 2 * self.row + 3 * self.depth;
        assert!(self.starts.iter().all(|s| s + window <= self.x.len()));
        let out = self.out.as_mut_ptr();
        let mut first = 0;
        // SAFETY: the assertions above are the contract of `band`, and `first` stays below `lanes`
        // by at least the vectors of the band.
        unsafe {
            if V::WIDE {
                while first + 2 * LANES <= lanes {
                    band::<T, V, 8, 2>(&self, out, lanes, first);
                    first += 2 * LANES;
                }
            }
            while first < lanes {
                if V::WIDE {
                    band::<T, V, 8, 1>(&self, out, lanes, first);
                } else {
                    band::<T, V, 6, 1>(&self, out, lanes, first);
                }
                first += LANES;
            }
        }
    }
}

/// All pixels for the `Q` vectors of filters from `first` on, `P` pixels at a time. The last tile
/// repeats the last pixel instead of being a smaller one: every pixel's sum is the same whichever
/// tile it is in.
///
/// # Safety
///
/// `k` must be as `Convolve::run` checks it, `out` point to its `out`, and `first + Q · LANES <= lanes`.
#[inline(always)]
unsafe fn band<T: Real, V: Lanes<T>, const P: usize, const Q: usize>(
    k: &Convolve<'_, T>,
    out: *mut T,
    lanes: usize,
    first: usize,
) {
    let run = 3 * k.depth;
    // SAFETY: a window lies inside `x` and `[3 · run, lanes]` is the extent of the filters; pixels
    // are clamped to the last, so that `out` has a row for each.
    unsafe {
        let bias: [V; Q] = array::from_fn(|q| V::load(k.bias.as_ptr().add(first + q * LANES)));
        let mut pixel = 0;
        while pixel < k.starts.len() {
            let index: [usize; P] = array::from_fn(|p| (pixel + p).min(k.starts.len() - 1));
            let mut x: [*const T; P] = index.map(|i| k.x.as_ptr().add(*k.starts.get_unchecked(i)));
            let mut w = k.filters.as_ptr().add(first);
            let mut sum = [bias; P];
            for kh in 0..3 {
                for j in 0..run {
                    let filter: [V; Q] = array::from_fn(|q| V::load(w.add(q * LANES)));
                    for (sum, x) in sum.iter_mut().zip(&x) {
                        let value = V::splat(*x.add(j));
                        for (sum, filter) in sum.iter_mut().zip(&filter) {
                            *sum = value.mul_add(*filter, *sum);
                        }
                    }
                    w = w.add(lanes);
                }
                if kh < 2 {
                    x = x.map(|x| x.add(k.row));
                }
            }
            for (sum, index) in sum.iter().zip(&index) {
                for (q, sum) in sum.iter().enumerate() {
                    sum.store(out.add(index * lanes + first + q * LANES));
                }
            }
            pixel += P;
        }
    }
}

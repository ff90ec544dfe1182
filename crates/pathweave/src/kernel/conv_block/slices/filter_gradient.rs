//! The gradient of the 3×3 filters from a group of padded images and padded output gradients.

use std::array;

use crate::kernel::lanes::{Kernel, LANES, Lanes, Real};

/// `out[kh, j, f] += Σ_{n, h, w} x[n, h + kh, w, j] · dz[n, h + 1, w + 1, f]`, where j runs over the
/// 3·depth values of three neighbouring pixels.
pub struct FilterGradient<'a, T> {
    /// Padded images, `[images, height + 2, width + 2, depth]`.
    pub x: &'a [T],
    /// Padded gradients, `[images, height + 2, width + 2, lanes]`.
    pub dz: &'a [T],
    /// Images in the group.
    pub images: usize,
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// Values a pixel in `x`.
    pub depth: usize,
    /// Filters, rounded up to whole vectors.
    pub lanes: usize,
    /// `[3, 3, depth, lanes]`.
    pub out: &'a mut [T],
}

impl<T: Real> Kernel<T> for FilterGradient<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let padded = self.images * (self.height + 2) * (self.width + 2);
        assert!(self.lanes.is_multiple_of(LANES));
        assert_eq!(self.x.len(), padded * self.depth);
        assert_eq!(self.dz.len(), padded * self.lanes);
        assert_eq!(self.out.len(), 9 * self.depth * self.lanes);
        let out = self.out.as_mut_ptr();
        let mut first = 0;
        // SAFETY: the assertions above are the contract of `band`, and `first` stays below `lanes`
        // by at least the vectors of the band.
        unsafe {
            if V::WIDE {
                while first + 2 * LANES <= self.lanes {
                    band::<T, V, 2>(&self, out, first);
                    first += 2 * LANES;
                }
            }
            while first < self.lanes {
                band::<T, V, 1>(&self, out, first);
                first += LANES;
            }
        }
    }
}

/// All taps for the `Q` vectors of filters from `first` on. A row of taps has 3·depth of them, so
/// strips of 12, 9, 6 and 3 cover it exactly.
///
/// # Safety
///
/// `k` must be as `FilterGradient::run` checks it, `out` point to its `out`, and
/// `first + Q · LANES <= lanes`.
#[inline(always)]
unsafe fn band<T: Real, V: Lanes<T>, const Q: usize>(
    k: &FilterGradient<'_, T>,
    out: *mut T,
    first: usize,
) {
    for kh in 0..3 {
        let mut tap = 0;
        while tap < 3 * k.depth {
            // SAFETY: the strip ends at or before 3 · depth; the rest is handed on.
            unsafe {
                match 3 * k.depth - tap {
                    12.. if V::WIDE => {
                        strip::<T, V, 12, Q>(k, out, first, kh, tap);
                        tap += 12;
                    }
                    9.. if V::WIDE => {
                        strip::<T, V, 9, Q>(k, out, first, kh, tap);
                        tap += 9;
                    }
                    6.. => {
                        strip::<T, V, 6, Q>(k, out, first, kh, tap);
                        tap += 6;
                    }
                    _ => {
                        strip::<T, V, 3, Q>(k, out, first, kh, tap);
                        tap += 3;
                    }
                }
            }
        }
    }
}

/// `G` taps from `tap` on in row `kh` times `Q` vectors of filters, over all pixels.
///
/// # Safety
///
/// As `band`, and `kh < 3`, `tap + G <= 3 · depth`.
#[inline(always)]
unsafe fn strip<T: Real, V: Lanes<T>, const G: usize, const Q: usize>(
    k: &FilterGradient<'_, T>,
    out: *mut T,
    first: usize,
    kh: usize,
    tap: usize,
) {
    let mut sum = [[V::splat(T::default()); Q]; G];
    // SAFETY: pixel (h + kh, w) with its two right neighbours and pixel (h + 1, w + 1) lie inside
    // the padded image for every h and w of the loops.
    unsafe {
        for image in 0..k.images {
            for h in 0..k.height {
                let row = image * (k.height + 2) + h;
                let mut x = k.x.as_ptr().add((row + kh) * (k.width + 2) * k.depth + tap);
                let pixel = (row + 1) * (k.width + 2) + 1;
                let mut dz = k.dz.as_ptr().add(pixel * k.lanes + first);
                for _ in 0..k.width {
                    let gradient: [V; Q] = array::from_fn(|q| V::load(dz.add(q * LANES)));
                    for (g, sum) in sum.iter_mut().enumerate() {
                        let value = V::splat(*x.add(g));
                        for (sum, gradient) in sum.iter_mut().zip(&gradient) {
                            *sum = value.mul_add(*gradient, *sum);
                        }
                    }
                    x = x.add(k.depth);
                    dz = dz.add(k.lanes);
                }
            }
        }
        let out = out.add((kh * 3 * k.depth + tap) * k.lanes + first);
        for (g, sum) in sum.iter().enumerate() {
            for (q, sum) in sum.iter().enumerate() {
                let to = out.add(g * k.lanes + q * LANES);
                sum.add(V::load(to)).store(to);
            }
        }
    }
}

//! The gradient of a module's rows, by tiles of dot products.

use std::array;

use crate::kernel::lanes::{Kernel, LANES, Lanes, Real};

/// `dx[rows[i], j] = Σ_o dz[i, o] · weight[j, o]`.
pub struct InputGradient<'a, T> {
    pub input: usize,
    pub output: usize,
    /// The module's rows.
    pub rows: &'a [u32],
    /// `[input, output]`.
    pub weight: &'a [T],
    /// `[rows, output]`.
    pub dz: &'a [T],
    /// `[R, input]`.
    pub dx: &'a mut [T],
}

impl<T: Real> Kernel<T> for InputGradient<'_, T> {
    /// Sixteen inputs at a time, so that their weights are read from the nearest cache again.
    #[inline(always)]
    fn run<V: Lanes<T>>(mut self) {
        assert_eq!(self.weight.len(), self.input * self.output);
        assert_eq!(self.dz.len(), self.rows.len() * self.output);
        let rows = self.rows.len();
        let tiles = rows.div_ceil(if V::WIDE { 4 } else { 2 });
        for first in (0..self.input).step_by(LANES) {
            for tile in 0..tiles {
                let (from, to) = (rows * tile / tiles, rows * (tile + 1) / tiles);
                // SAFETY: the lengths are asserted, and the tile has the rows `from..to`.
                unsafe {
                    match to - from {
                        4.. if V::WIDE => self.tile::<V, 4, 4>(from, first),
                        3 if V::WIDE => self.tile::<V, 3, 8>(from, first),
                        2 if V::WIDE => self.tile::<V, 2, 8>(from, first),
                        1 if V::WIDE => self.tile::<V, 1, 16>(from, first),
                        2 => self.tile::<V, 2, 2>(from, first),
                        _ => self.tile::<V, 1, 4>(from, first),
                    }
                }
            }
        }
    }
}

impl<T: Real> InputGradient<'_, T> {
    /// `P` rows from `from` on times sixteen inputs from `first` on, `G` inputs at a time. Inputs
    /// beyond the last repeat it and are not stored.
    ///
    /// # Safety
    ///
    /// The lengths must be those of the fields' docs, `from + P <= rows` and `first < input`.
    #[inline(always)]
    unsafe fn tile<V: Lanes<T>, const P: usize, const G: usize>(
        &mut self,
        from: usize,
        first: usize,
    ) {
        let (output, whole) = (self.output, self.output / LANES * LANES);
        let zero = V::splat(T::default());
        let mut sums = [[zero; LANES]; P];
        // SAFETY: the caller vouches for rows and lengths; inputs are clamped to the last.
        unsafe {
            let dz: [*const T; P] = array::from_fn(|p| self.dz.as_ptr().add((from + p) * output));
            for group in (0..LANES).step_by(G) {
                let weight: [*const T; G] = array::from_fn(|g| {
                    let input = (first + group + g).min(self.input - 1);
                    self.weight.as_ptr().add(input * output)
                });
                let mut sum = [[zero; P]; G];
                for o in (0..whole).step_by(LANES) {
                    let value = dz.map(|dz| V::load(dz.add(o)));
                    for (sum, weight) in sum.iter_mut().zip(&weight) {
                        let factor = V::load(weight.add(o));
                        for (sum, value) in sum.iter_mut().zip(&value) {
                            *sum = value.mul_add(factor, *sum);
                        }
                    }
                }
                if whole < output {
                    let value = dz.map(|dz| V::load_first(dz.add(whole), output - whole));
                    for (sum, weight) in sum.iter_mut().zip(&weight) {
                        let factor = V::load_first(weight.add(whole), output - whole);
                        for (sum, value) in sum.iter_mut().zip(&value) {
                            *sum = value.mul_add(factor, *sum);
                        }
                    }
                }
                for (p, sums) in sums.iter_mut().enumerate() {
                    for (to, sum) in sums[group..group + G].iter_mut().zip(&sum) {
                        *to = sum[p];
                    }
                }
            }
        }
        for (sums, &row) in sums.iter().zip(&self.rows[from..from + P]) {
            let to = &mut self.dx[row as usize * self.input..][..self.input][first..];
            let sums = V::sums(sums);
            match to.first_chunk_mut() {
                Some(block) => sums.put(block),
                // SAFETY: fewer than sixteen values, and as many as the slice has.
                None => unsafe { sums.store_first(to.as_mut_ptr(), to.len()) },
            }
        }
    }
}

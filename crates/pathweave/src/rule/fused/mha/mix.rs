//! Weighted sums over the tokens of a sample.

use super::core::{Core, Heads};
use crate::kernel::lanes::{Kernel, LANES, Lanes};

/// out\[i, h\] = Σ_j w\[i, j, h\] x\[j, h\], or with w\[j, i, h\]; the lengths are checked before.
pub struct Mix<'a, const BACK: bool> {
    pub core: Core,
    pub samples: usize,
    pub out: (&'a mut [f32], Heads),
    pub weights: &'a [f32],
    pub x: (&'a [f32], Heads),
}

impl<const BACK: bool> Kernel<f32> for Mix<'_, BACK> {
    #[inline(always)]
    fn run<V: Lanes<f32>>(mut self) {
        let Core { heads, width, .. } = self.core;
        for sample in 0..self.samples {
            for head in 0..heads {
                let mut column = 0;
                while column < width {
                    // SAFETY: `Core::check` found every head of every row inside.
                    column += unsafe {
                        match width - column {
                            32.. => self.rows::<V, 2>(sample, head, column, LANES),
                            16.. => self.rows::<V, 1>(sample, head, column, LANES),
                            rest => self.rows::<V, 1>(sample, head, column, rest),
                        }
                    };
                }
            }
        }
    }
}

impl<const BACK: bool> Mix<'_, BACK> {
    /// Some columns of a head for all tokens; how many columns these were.
    ///
    /// # Safety
    ///
    /// The columns must exist in both matrices.
    #[inline(always)]
    unsafe fn rows<V: Lanes<f32>, const CHUNKS: usize>(
        &mut self,
        sample: usize,
        head: usize,
        column: usize,
        last: usize,
    ) -> usize {
        let length = self.core.length;
        let mut i = 0;
        while i < length {
            // SAFETY: as the caller vouches, and no more tokens than are left.
            unsafe {
                i += match length - i {
                    5.. if V::WIDE => self.tile::<V, 5, CHUNKS>(sample, head, column, last, i),
                    2.. => self.tile::<V, 2, CHUNKS>(sample, head, column, last, i),
                    _ => self.tile::<V, 1, CHUNKS>(sample, head, column, last, i),
                };
            }
        }
        (CHUNKS - 1) * LANES + last
    }

    /// # Safety
    ///
    /// As `rows`, and tokens `i..i + ROWS` must exist.
    #[inline(always)]
    unsafe fn tile<V: Lanes<f32>, const ROWS: usize, const CHUNKS: usize>(
        &mut self,
        sample: usize,
        head: usize,
        column: usize,
        last: usize,
        i: usize,
    ) -> usize {
        let Core { length, heads, .. } = self.core;
        let weights = &self.weights[sample * length * length * heads..][..length * length * heads];
        let (x, at) = (self.x.0, self.x.1);
        let mut sums = [[V::splat(0.0); CHUNKS]; ROWS];
        // SAFETY: the caller vouches for the columns and tokens.
        unsafe {
            let x = x.as_ptr().add(sample * length * at.row + self.core.at(at, head) + column);
            for j in 0..length {
                let mut values = [V::splat(0.0); CHUNKS];
                for (chunk, value) in values.iter_mut().enumerate() {
                    let from = x.add(j * at.row + chunk * LANES);
                    *value = if last == LANES { V::load(from) } else { V::load_first(from, last) };
                }
                for (row, sums) in sums.iter_mut().enumerate() {
                    let (a, b) = if BACK { (j, i + row) } else { (i + row, j) };
                    let weight = V::splat(*weights.get_unchecked((a * length + b) * heads + head));
                    for (sum, value) in sums.iter_mut().zip(values) {
                        *sum = value.mul_add(weight, *sum);
                    }
                }
            }
            let at = self.out.1;
            let out = self.out.0.as_mut_ptr().add(self.core.at(at, head) + column);
            for (row, sums) in sums.iter().enumerate() {
                let out = out.add((sample * length + i + row) * at.row);
                for (chunk, sum) in sums.iter().enumerate() {
                    let to = out.add(chunk * LANES);
                    if last == LANES { sum.store(to) } else { sum.store_first(to, last) }
                }
            }
        }
        ROWS
    }
}

//! The gradient of a module's weights, by tiles of inputs times outputs in registers.

use std::array;
use std::mem::MaybeUninit;

use crate::kernel::lanes::{Kernel, LANES, Lanes, Real};

/// `out[j, o] = Σ_i x[rows[i], j] · dz[i, o]`; every value of `out` is written.
pub struct WeightGradient<'a, T> {
    pub input: usize,
    pub output: usize,
    /// The module's rows.
    pub rows: &'a [u32],
    /// `[R, input]`.
    pub x: &'a [T],
    /// `[rows, output]`.
    pub dz: &'a [T],
    /// `[input, output]`.
    pub out: &'a mut [MaybeUninit<T>],
}

impl<T: Real> Kernel<T> for WeightGradient<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(mut self) {
        let last = self.rows.iter().max().map_or(0, |&row| row as usize + 1);
        assert!(last * self.input <= self.x.len());
        assert_eq!(self.dz.len(), self.rows.len() * self.output);
        assert_eq!(self.out.len(), self.input * self.output);
        let mut input = 0;
        while input < self.input {
            // SAFETY: the lengths are asserted, and a strip has no more inputs than are left.
            unsafe {
                input += match self.input - input {
                    4.. if V::WIDE => self.strip::<V, 4>(input),
                    2.. => self.strip::<V, 2>(input),
                    _ => self.strip::<V, 1>(input),
                }
            }
        }
    }
}

impl<T: Real> WeightGradient<'_, T> {
    /// All outputs of `G` inputs from `input` on, so that memory is written in sequence. Returns G.
    ///
    /// # Safety
    ///
    /// The lengths must be those of the fields' docs, and `input + G` at most `self.input`.
    #[inline(always)]
    unsafe fn strip<V: Lanes<T>, const G: usize>(&mut self, input: usize) -> usize {
        let (mut first, output) = (0, self.output);
        while first < output {
            // SAFETY: a tile has no more outputs than are left.
            unsafe {
                first += match (output - first) / LANES {
                    4.. if V::WIDE => self.tile::<V, G, 4, false>(input, first),
                    2.. => self.tile::<V, G, 2, false>(input, first),
                    1 => self.tile::<V, G, 1, false>(input, first),
                    0 => self.tile::<V, G, 1, true>(input, first),
                }
            }
        }
        G
    }

    /// `Q` vectors of outputs from `first` on; where `PART`, the outputs that are left. Returns
    /// their number.
    ///
    /// # Safety
    ///
    /// As `strip`, and `first + Q · LANES <= output` or, where `PART`, `first < output`.
    #[inline(always)]
    unsafe fn tile<V: Lanes<T>, const G: usize, const Q: usize, const PART: bool>(
        &mut self,
        input: usize,
        first: usize,
    ) -> usize {
        let count = if PART { self.output - first } else { Q * LANES };
        let mut sum = [[V::splat(T::default()); Q]; G];
        // SAFETY: the caller vouches for inputs and outputs, the assertions of `run` for rows.
        unsafe {
            let mut dz = self.dz.as_ptr().add(first);
            for &row in self.rows {
                let x = self.x.as_ptr().add(row as usize * self.input + input);
                let factor: [V; Q] = array::from_fn(|q| {
                    let from = dz.add(q * LANES);
                    if PART { V::load_first(from, count) } else { V::load(from) }
                });
                for (g, sum) in sum.iter_mut().enumerate() {
                    let value = V::splat(*x.add(g));
                    for (sum, factor) in sum.iter_mut().zip(&factor) {
                        *sum = value.mul_add(*factor, *sum);
                    }
                }
                dz = dz.add(self.output);
            }
            let out = self.out.as_mut_ptr().cast::<T>().add(input * self.output + first);
            for (g, sum) in sum.iter().enumerate() {
                for (q, &sum) in sum.iter().enumerate() {
                    let to = out.add(g * self.output + q * LANES);
                    if PART { sum.store_first(to, count) } else { sum.store(to) }
                }
            }
        }
        count
    }
}

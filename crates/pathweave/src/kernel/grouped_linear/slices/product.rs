//! The forward pass, by tiles of rows times outputs in registers.

use std::array;

use crate::kernel::lanes::{Kernel, LANES, Lanes, Real};

use super::{Grouping, Shape};

/// `y[r] = f(x[r] · weight[m] + bias[m])` for every row r of every module m.
pub struct Forward<'a, T> {
    pub shape: Shape,
    pub grouping: &'a Grouping,
    /// `[R, input]`.
    pub x: &'a [T],
    /// `[M, input, output]`.
    pub weight: &'a [T],
    /// `[M, output]`.
    pub bias: &'a [T],
    /// Whether f is ReLU; else the identity.
    pub relu: bool,
    /// `[R, output]`.
    pub y: &'a mut [T],
}

/// The rows of one module.
struct Product<'a, T> {
    shape: Shape,
    rows: &'a [u32],
    x: *const T,
    weight: *const T,
    bias: *const T,
    relu: bool,
    y: *mut T,
}

impl<T: Real> Kernel<T> for Forward<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let Shape { modules, input, output } = self.shape;
        assert_eq!(self.grouping.modules(), modules);
        assert_eq!(self.x.len(), self.grouping.rows() * input);
        assert_eq!(self.weight.len(), modules * input * output);
        assert_eq!(self.bias.len(), modules * output);
        assert_eq!(self.y.len(), self.grouping.rows() * output);
        for (module, rows) in self.grouping.groups().enumerate() {
            let product = Product {
                shape: self.shape,
                rows,
                x: self.x.as_ptr(),
                weight: self.weight[module * input * output..].as_ptr(),
                bias: self.bias[module * output..].as_ptr(),
                relu: self.relu,
                y: self.y.as_mut_ptr(),
            };
            // SAFETY: the slices have the lengths asserted above, and a grouping's rows exist.
            unsafe { product.run::<V>() };
        }
    }
}

impl<T: Real> Product<'_, T> {
    /// All outputs of all rows. Few rows take wide bands, which read the weights as they lie.
    ///
    /// # Safety
    ///
    /// The pointers must be to arrays of the lengths that `Forward` asserts, from the module's
    /// block on, with `rows` inside.
    #[inline(always)]
    unsafe fn run<V: Lanes<T>>(&self) {
        let (mut first, output) = (0, self.shape.output);
        while first < output {
            // SAFETY: a band has no more outputs than are left.
            unsafe {
                first += match (output - first) / LANES {
                    8.. if V::WIDE && self.rows.len() <= 3 => self.band::<V, 3, 8, false>(first),
                    4.. if V::WIDE => self.band::<V, 6, 4, false>(first),
                    2.. if V::WIDE => self.band::<V, 6, 2, false>(first),
                    2.. if self.rows.len() <= 2 => self.band::<V, 2, 2, false>(first),
                    1.. => self.band::<V, 6, 1, false>(first),
                    0 => self.band::<V, 6, 1, true>(first),
                }
            }
        }
    }

    /// All rows for `Q` vectors of outputs from `first` on, at most `P` rows at a time, in tiles
    /// of nearly equal size; where `PART`, for the outputs that are left. Returns the number of
    /// outputs.
    ///
    /// # Safety
    ///
    /// As `run`, and `first + Q · LANES <= output` or, where `PART`, `first < output`.
    #[inline(always)]
    unsafe fn band<V: Lanes<T>, const P: usize, const Q: usize, const PART: bool>(
        &self,
        first: usize,
    ) -> usize {
        let (rows, tiles) = (self.rows.len(), self.rows.len().div_ceil(P));
        for tile in 0..tiles {
            let rows = &self.rows[rows * tile / tiles..rows * (tile + 1) / tiles];
            // SAFETY: passed on; the tile is chosen by the number of rows.
            unsafe {
                match rows.len() {
                    6.. if P > 5 => self.tile::<V, 6, Q, PART>(rows, first),
                    5 if P > 4 => self.tile::<V, 5, Q, PART>(rows, first),
                    4 if P > 3 => self.tile::<V, 4, Q, PART>(rows, first),
                    3 if P > 2 => self.tile::<V, 3, Q, PART>(rows, first),
                    2 => self.tile::<V, 2, Q, PART>(rows, first),
                    _ => self.tile::<V, 1, Q, PART>(rows, first),
                }
            }
        }
        if PART { self.shape.output - first } else { Q * LANES }
    }

    /// # Safety
    ///
    /// As `band`, and `rows` must be `P` of `self.rows`.
    #[inline(always)]
    unsafe fn tile<V: Lanes<T>, const P: usize, const Q: usize, const PART: bool>(
        &self,
        rows: &[u32],
        first: usize,
    ) {
        let Shape { input, output, .. } = self.shape;
        // SAFETY: the caller vouches that rows and outputs lie inside the arrays.
        unsafe {
            let load = |from: *const T| {
                if PART { V::load_first(from, output - first) } else { V::load(from) }
            };
            let row: [usize; P] = array::from_fn(|p| *rows.get_unchecked(p) as usize);
            let x = row.map(|row| self.x.add(row * input));
            let mut weight = self.weight.add(first);
            let bias: [V; Q] = array::from_fn(|q| load(self.bias.add(first + q * LANES)));
            let mut sum = [bias; P];
            for j in 0..input {
                let factor: [V; Q] = array::from_fn(|q| load(weight.add(q * LANES)));
                for (sum, x) in sum.iter_mut().zip(&x) {
                    let value = V::splat(*x.add(j));
                    for (sum, factor) in sum.iter_mut().zip(&factor) {
                        *sum = value.mul_add(*factor, *sum);
                    }
                }
                weight = weight.add(output);
            }
            let zero = V::splat(T::default());
            for (sum, row) in sum.iter().zip(&row) {
                for (q, &sum) in sum.iter().enumerate() {
                    // NaN passes.
                    let y = if self.relu { V::select(sum.above(zero), sum, zero) } else { sum };
                    let to = self.y.add(row * output + first + q * LANES);
                    if PART { y.store_first(to, output - first) } else { y.store(to) }
                }
            }
        }
    }
}

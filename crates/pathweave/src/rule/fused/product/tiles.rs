//! Products by tiles that stay in registers: up to eight rows of three vectors.
//!
//! The matrices of a step lie in the nearer caches, so A is read where it is, each number for a
//! whole tile; B is copied only where its rows are no vectors, or to bring a wide one's columns
//! together.

use std::array;
use std::cell::RefCell;

use crate::kernel::lanes::{Kernel, LANES, Lanes, Level};

use super::{Target, View};

/// Rows of a tile.
const ROWS: usize = 8;

/// Vectors of a tile.
const VECTORS: usize = 3;

/// Summed numbers of a pass; B's part of a panel stays in the second cache.
const DEPTH: usize = 512;

thread_local! {
    /// A panel of B. [DEPTH, columns of a tile]
    static PANEL: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Whether there are registers for the tiles.
pub fn suit_this_machine() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        Level::best() == Level::Avx512
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
}

/// C = `beta` · C + `alpha` · A·B, sizes checked, nothing empty.
pub struct Tiles<'a> {
    pub c: Target<'a>,
    pub beta: f32,
    pub a: View<'a>,
    pub b: View<'a>,
    pub alpha: f32,
}

impl Kernel<f32> for Tiles<'_> {
    #[inline(always)]
    fn run<V: Lanes<f32>>(mut self) {
        // Taken, not borrowed: a closure would be compiled without the wide instructions.
        let mut taken = PANEL.take();
        taken.resize(DEPTH * VECTORS * LANES, 0.0);
        let panel = &mut taken[..];
        for depth in (0..self.a.columns).step_by(DEPTH) {
            let count = DEPTH.min(self.a.columns - depth);
            let whole = self.b.columns / LANES;
            let mut vector = 0;
            while vector < whole {
                let vectors = VECTORS.min(whole - vector);
                let at = [depth, vector * LANES];
                // SAFETY: the panel's columns and the depth lie within B.
                unsafe {
                    match vectors {
                        3 => self.panel::<V, 3>(panel, at, count, 3 * LANES),
                        2 => self.panel::<V, 2>(panel, at, count, 2 * LANES),
                        _ => self.panel::<V, 1>(panel, at, count, LANES),
                    }
                }
                vector += vectors;
            }
            if whole * LANES < self.b.columns {
                let columns = self.b.columns - whole * LANES;
                // SAFETY: as above.
                unsafe { self.panel::<V, 1>(panel, [depth, whole * LANES], count, columns) };
            }
            self.beta = 1.0;
        }
        PANEL.set(taken);
    }
}

impl Tiles<'_> {
    /// All rows of `columns` columns, `N` vectors; only with one vector may it be partly filled.
    ///
    /// # Safety
    /// `depth .. depth + count` must be columns of A, `column .. column + columns` ones of B.
    #[inline(always)]
    unsafe fn panel<V: Lanes<f32>, const N: usize>(
        &mut self,
        panel: &mut [f32],
        [depth, column]: [usize; 2],
        count: usize,
        columns: usize,
    ) {
        let b = self.b;
        let start = depth * b.row_stride + column * b.column_stride;
        let scattered = b.column_stride != 1;
        let far = b.row_stride > 256 && self.c.rows > 4 * ROWS;
        let (b, stride) = if scattered || far || !columns.is_multiple_of(LANES) {
            let to = &mut panel[..count * N * LANES];
            gather(&b.data[start..], [b.row_stride, b.column_stride], columns, N * LANES, to);
            (to.as_ptr(), N * LANES)
        } else {
            (b.data[start..].as_ptr(), b.row_stride)
        };
        let tiles = self.c.rows.div_ceil(ROWS);
        for tile in 0..tiles {
            let (from, to) = (self.c.rows * tile / tiles, self.c.rows * (tile + 1) / tiles);
            let place = Place { row: from, depth, column, count, columns, b, stride };
            // SAFETY: the rows are C's and A's, and B's panel has `count` rows of N vectors.
            unsafe {
                match to - from {
                    8 => self.tile::<V, 8, N>(place),
                    7 => self.tile::<V, 7, N>(place),
                    6 => self.tile::<V, 6, N>(place),
                    5 => self.tile::<V, 5, N>(place),
                    4 => self.tile::<V, 4, N>(place),
                    3 => self.tile::<V, 3, N>(place),
                    2 => self.tile::<V, 2, N>(place),
                    _ => self.tile::<V, 1, N>(place),
                }
            }
        }
    }

    /// # Safety
    /// C and A must have `M` rows from `row` on, and B's panel `count` rows of N vectors.
    #[inline(always)]
    unsafe fn tile<V: Lanes<f32>, const M: usize, const N: usize>(&mut self, at: Place) {
        let a = self.a;
        let mut sums = [[V::splat(0.0); N]; M];
        let mut b = at.b;
        // SAFETY: the caller vouches for rows and columns.
        unsafe {
            let mut from: [*const f32; M] = array::from_fn(|m| {
                let place = (at.row + m) * a.row_stride + at.depth * a.column_stride;
                a.data.as_ptr().add(place)
            });
            for _ in 0..at.count {
                let values: [V; N] = array::from_fn(|n| V::load(b.add(n * LANES)));
                for (sums, from) in sums.iter_mut().zip(&mut from) {
                    let factor = V::splat(**from);
                    for (sum, value) in sums.iter_mut().zip(&values) {
                        *sum = factor.mul_add(*value, *sum);
                    }
                    *from = from.wrapping_add(a.column_stride);
                }
                b = b.wrapping_add(at.stride);
            }
        }
        let (alpha, beta) = (V::splat(self.alpha), V::splat(self.beta));
        for (m, sums) in sums.iter().enumerate() {
            let row = &mut self.c.data[(at.row + m) * self.c.stride + at.column..][..at.columns];
            for (n, sum) in sums.iter().enumerate() {
                let to = &mut row[n * LANES..];
                let count = to.len().min(LANES);
                let mut value = alpha.mul(*sum);
                // SAFETY: `count` values lie in the row.
                unsafe {
                    if self.beta != 0.0 {
                        let old = V::load_first(to.as_ptr(), count);
                        value = beta.mul_add(old, value);
                    }
                    value.store_first(to.as_mut_ptr(), count);
                }
            }
        }
    }
}

/// Where a tile lies, and its panel of B.
#[derive(Clone, Copy)]
struct Place {
    row: usize,
    depth: usize,
    column: usize,
    count: usize,
    columns: usize,
    b: *const f32,
    stride: usize,
}

/// Copies `columns` columns to rows of `width`, zeros beyond.
#[inline(always)]
fn gather(
    from: &[f32],
    [row_stride, column_stride]: [usize; 2],
    columns: usize,
    width: usize,
    to: &mut [f32],
) {
    if column_stride == 1 {
        for (row, to) in to.chunks_exact_mut(width).enumerate() {
            let (to, rest) = to.split_at_mut(columns);
            to.copy_from_slice(&from[row * row_stride..][..columns]);
            rest.fill(0.0);
        }
        return;
    }
    if columns < width {
        to.fill(0.0);
    }
    for column in 0..columns {
        let from = &from[column * column_stride..];
        for (row, to) in to.chunks_exact_mut(width).enumerate() {
            to[column] = from[row * row_stride];
        }
    }
}

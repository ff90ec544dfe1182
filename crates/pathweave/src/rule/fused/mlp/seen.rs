//! From a row's numbers and context to its hidden units, and back.

use crate::kernel::functions::Pass;
use crate::kernel::lanes::{LANES, Lanes};

use super::curve::Curve;
use super::vectors::{add_scaled, get, put};

/// What the model is shown of each row.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// [B, 2]
    pub x: &'a [f32],
    /// R where it is missing. \[B\]
    pub context: &'a [u32],
    /// Stretches of both curves. [B, 2]
    pub stretch: &'a [[u32; 2]],
}

impl Seen<'_> {
    #[inline(always)]
    fn row(&self, row: usize) -> ([f32; 2], usize, [usize; 2]) {
        let x = [self.x[2 * row], self.x[2 * row + 1]];
        (x, self.context[row] as usize, self.stretch[row].map(|stretch| stretch as usize))
    }
}

/// Finds the stretches of both numbers of each row.
#[derive(Debug)]
pub struct Locate<'a> {
    /// [B, 2]
    pub x: &'a [f32],
    /// Of either number
    pub curves: &'a [Curve; 2],
    /// [B, 2]
    pub stretch: &'a mut [[u32; 2]],
}

impl Pass for Locate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let [first, second] = self.curves;
        for (to, x) in self.stretch.iter_mut().zip(self.x.as_chunks::<2>().0) {
            *to = [first.stretch(x[0]), second.stretch(x[1])];
        }
    }
}

/// What gives the hidden units: the contexts' table and both curves'.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'a> {
    /// N
    pub hidden: usize,
    /// [C, N]
    pub context: &'a [f32],
    /// [E + 1, 2, N] of either number
    pub curves: [&'a [f32]; 2],
}

impl Tables<'_> {
    /// relu(S₁x₁ + I₁ + S₂x₂ + I₂ + T_c), times `factor`, of the columns from `at` on.
    #[inline(always)]
    pub fn hidden<V: Lanes<f32>>(
        &self,
        seen: &Seen,
        row: usize,
        at: usize,
        factor: f32,
        to: &mut [f32],
    ) {
        let (x, context, stretch) = seen.row(row);
        let (n, len) = (self.hidden, to.len());
        let line = |part: usize, line: usize| &self.curves[part][line * n + at..][..len];
        let base = &self.context[context * n + at..][..len];
        let (s1, i1) = (line(0, 2 * stretch[0]), line(0, 2 * stretch[0] + 1));
        let (s2, i2) = (line(1, 2 * stretch[1]), line(1, 2 * stretch[1] + 1));
        let (zero, factor, x) = (V::splat(0.0), V::splat(factor), x.map(V::splat));
        for at in (0..len).step_by(LANES) {
            let first = x[0].mul_add(get(s1, at), get::<V>(i1, at).add(get(base, at)));
            let value = x[1].mul_add(get(s2, at), get::<V>(i2, at).add(first));
            // NaN is above everything here, and stays.
            put(V::select(value.above(zero), value.mul(factor), zero), to, at);
        }
    }
}

/// Sums over rows of the gradients of [`Tables`].
#[derive(Debug)]
pub struct Sums<'a> {
    /// N
    pub hidden: usize,
    /// [C, N]
    pub context: &'a mut [f32],
    /// [E + 1, 2, N] of either number
    pub curves: [&'a mut [f32]; 2],
}

impl Sums<'_> {
    /// Adds what a row's hidden units, before ReLU, have as gradient, columns from `at` on.
    #[inline(always)]
    pub fn add<V: Lanes<f32>>(&mut self, seen: &Seen, row: usize, at: usize, d: &[f32]) {
        let (x, context, stretch) = seen.row(row);
        let (n, len) = (self.hidden, d.len());
        let one = V::splat(1.0);
        add_scaled(&mut self.context[context * n + at..][..len], d, one);
        for ((curve, stretch), x) in self.curves.iter_mut().zip(stretch).zip(x) {
            let (scaled, plain) = curve[2 * stretch * n..][..2 * n].split_at_mut(n);
            add_scaled(&mut scaled[at..][..len], d, V::splat(x));
            add_scaled(&mut plain[at..][..len], d, one);
        }
    }
}

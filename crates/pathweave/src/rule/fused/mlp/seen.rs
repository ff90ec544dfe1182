//! From a row's numbers and context to its hidden units, and back.

use crate::rule::fused::functions::{Pass, mul_add};

use super::answer::rectified;
use super::curve::Curve;

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
    pub fn hidden<const FUSED: bool>(
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
        for j in 0..len {
            let first = mul_add::<FUSED>(s1[j], x[0], i1[j] + base[j]);
            to[j] = factor * rectified(mul_add::<FUSED>(s2[j], x[1], i2[j] + first));
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
    pub fn add<const FUSED: bool>(&mut self, seen: &Seen, row: usize, at: usize, d: &[f32]) {
        let (x, context, stretch) = seen.row(row);
        let (n, len) = (self.hidden, d.len());
        let base = &mut self.context[context * n + at..][..len];
        let [first, second] = self.curves.each_mut();
        let (s1, i1) = first[2 * stretch[0] * n..][..2 * n].split_at_mut(n);
        let (s2, i2) = second[2 * stretch[1] * n..][..2 * n].split_at_mut(n);
        let [s1, i1, s2, i2] = [s1, i1, s2, i2].map(|line| &mut line[at..][..len]);
        add_scaled::<FUSED>(base, d, 1.0);
        for (line, factor) in [(s1, x[0]), (i1, 1.0), (s2, x[1]), (i2, 1.0)] {
            add_scaled::<FUSED>(line, d, factor);
        }
    }
}

/// to += factor · d
#[inline(always)]
fn add_scaled<const FUSED: bool>(to: &mut [f32], d: &[f32], factor: f32) {
    let (to_chunks, to_rest) = to.as_chunks_mut::<16>();
    let (d_chunks, d_rest) = d.as_chunks::<16>();
    for (to, d) in to_chunks.iter_mut().zip(d_chunks) {
        let (mut sum, d) = (*to, *d);
        for (sum, d) in sum.iter_mut().zip(d) {
            *sum = mul_add::<FUSED>(factor, d, *sum);
        }
        *to = sum;
    }
    for (to, d) in to_rest.iter_mut().zip(d_rest) {
        *to = mul_add::<FUSED>(factor, *d, *to);
    }
}

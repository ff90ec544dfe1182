//! Passes over the rows of models whose modules are all active, each in its measure.
//!
//! Rows of the weighted matrix are [p_1 h_1 … p_M h_M, p_1 … p_M]: the last M columns meet the
//! modules' biases.

use crate::kernel::lanes::{Kernel, LANES, Lanes};
use crate::rule::shape::RuleKind;

use super::seen::{Seen, Sums, Tables};
use super::sizes::Sizes;
use super::vectors::{add_dots, add_scaled, cut, get, put, spread};

/// Hidden units; scores of the modules that give their own.
#[derive(Debug)]
pub struct Hidden<'a> {
    pub s: &'a Sizes,
    pub seen: Seen<'a>,
    pub tables: Tables<'a>,
    /// The modules' scores: weights, then biases. [N + M]
    pub scores: &'a [f32],
    /// [B, N]
    pub hidden: &'a mut [f32],
    /// `Modular`: scores. [B, M]
    pub active: &'a mut [f32],
}

impl Kernel<f32> for Hidden<'_> {
    #[inline(always)]
    fn run<V: Lanes<f32>>(self) {
        let (n, m, unit) = (self.s.hidden, self.s.modules, self.s.unit);
        for (row, hidden) in self.hidden.chunks_exact_mut(n).enumerate() {
            self.tables.hidden::<V>(&self.seen, row, 0, 1.0, hidden);
            if self.s.score > 0 {
                let active = &mut self.active[row * m..][..m];
                let (weights, biases) = self.scores.split_at(n);
                active.copy_from_slice(biases);
                add_dots::<V>(hidden, weights, unit, unit, active);
            }
        }
    }
}

/// Hidden units where every module has the same weight.
#[derive(Debug)]
pub struct Even<'a> {
    pub s: &'a Sizes,
    pub seen: Seen<'a>,
    pub tables: Tables<'a>,
    /// [B, N + M]
    pub weighted: &'a mut [f32],
}

impl Kernel<f32> for Even<'_> {
    #[inline(always)]
    fn run<V: Lanes<f32>>(self) {
        let factor = 1.0 / self.s.modules as f32;
        for (row, to) in self.weighted.chunks_exact_mut(self.s.weighted()).enumerate() {
            let (hidden, weights) = to.split_at_mut(self.s.hidden);
            self.tables.hidden::<V>(&self.seen, row, 0, factor, hidden);
            weights.fill(factor);
        }
    }
}

/// Hidden units times their module's weight.
#[derive(Debug)]
pub struct Weigh<'a> {
    pub s: &'a Sizes,
    /// [B, N]
    pub hidden: &'a [f32],
    /// p. [B, M]
    pub active: &'a [f32],
    /// [B, N + M]
    pub weighted: &'a mut [f32],
    /// One row's p, for each hidden unit. \[N\]
    pub spread: &'a mut [f32],
}

impl Kernel<f32> for Weigh<'_> {
    #[inline(always)]
    fn run<V: Lanes<f32>>(self) {
        let (n, m, unit) = (self.s.hidden, self.s.modules, self.s.unit);
        let rows = self.hidden.chunks_exact(n).zip(self.active.chunks_exact(m));
        for ((hidden, active), to) in rows.zip(self.weighted.chunks_exact_mut(n + m)) {
            let (to, weights) = to.split_at_mut(n);
            spread::<V>(active, unit, self.spread);
            for at in (0..n).step_by(LANES) {
                put(get::<V>(self.spread, at).mul(get(hidden, at)), to, at);
            }
            weights.copy_from_slice(active);
        }
    }
}

/// From the gradients of the weighted rows to everything before them.
#[derive(Debug)]
pub struct Backward<'a> {
    pub s: &'a Sizes,
    pub seen: Seen<'a>,
    /// Empty where every module has the same weight. [B, N]
    pub hidden: &'a [f32],
    /// As `hidden`. [B, M]
    pub active: &'a [f32],
    /// [B, N + M]
    pub weighted: &'a [f32],
    /// ∂; used up. [B, N + M]
    pub d_weighted: &'a mut [f32],
    /// Weights of the scores. \[N\]
    pub scores: &'a [f32],
    /// [N + M]
    pub d_scores: &'a mut [f32],
    /// `ModularOp`: ∂p, summed over the rows of a context. [C, M]
    pub d_context: &'a mut [f32],
    /// One row's p and the gradient of its scores, for each hidden unit. [2, N]
    pub spread: &'a mut [f32],
    pub sums: Sums<'a>,
}

impl Kernel<f32> for Backward<'_> {
    #[inline(always)]
    fn run<V: Lanes<f32>>(mut self) {
        let (n, width) = (self.s.hidden, self.s.weighted());
        self.spread.fill(1.0 / self.s.modules as f32);
        for row in 0..self.seen.context.len() {
            match self.s.kind {
                RuleKind::Modular => self.own::<V>(row),
                RuleKind::ModularOp => self.given::<V>(row),
                _ => {
                    let weighted = &self.weighted[row * width..][..n];
                    let d = &mut self.d_weighted[row * width..][..n];
                    cut::<V>(d, weighted, &self.spread[..n]);
                }
            }
            let d = &self.d_weighted[row * width..][..n];
            self.sums.add::<V>(&self.seen, row, 0, d);
        }
    }
}

impl Backward<'_> {
    /// Scores of the modules' own: through the softmax to the hidden units.
    #[inline(always)]
    fn own<V: Lanes<f32>>(&mut self, row: usize) {
        let (n, m, unit) = (self.s.hidden, self.s.modules, self.s.unit);
        let hidden = &self.hidden[row * n..][..n];
        let active = &self.active[row * m..][..m];
        let (d, d_active) = self.d_weighted[row * (n + m)..][..n + m].split_at_mut(n);
        add_dots::<V>(hidden, d, unit, unit, d_active);
        let mean: f32 = active.iter().zip(&*d_active).map(|(p, d)| p * d).sum();
        let (d_scores, d_biases) = self.d_scores.split_at_mut(n);
        for ((d_active, p), d_bias) in d_active.iter_mut().zip(active).zip(d_biases) {
            *d_active = p * (*d_active - mean);
            *d_bias += *d_active;
        }
        let (p, d_own) = self.spread.split_at_mut(n);
        spread::<V>(active, unit, p);
        spread::<V>(d_active, unit, d_own);
        let zero = V::splat(0.0);
        for at in (0..n).step_by(LANES) {
            let (value, d_own) = (get::<V>(hidden, at), get::<V>(d_own, at));
            put(d_own.mul_add(value, get(d_scores, at)), d_scores, at);
            let slope = get::<V>(p, at).mul(get(d, at));
            let slope = d_own.mul_add(get(self.scores, at), slope);
            put(V::select(value.above(zero), slope, zero), d, at);
        }
    }

    /// Weights given by the context.
    #[inline(always)]
    fn given<V: Lanes<f32>>(&mut self, row: usize) {
        let (n, m, unit) = (self.s.hidden, self.s.modules, self.s.unit);
        let hidden = &self.hidden[row * n..][..n];
        let active = &self.active[row * m..][..m];
        let (d, d_active) = self.d_weighted[row * (n + m)..][..n + m].split_at_mut(n);
        add_dots::<V>(hidden, d, unit, unit, d_active);
        let to = &mut self.d_context[self.seen.context[row] as usize * m..][..m];
        add_scaled(to, d_active, V::splat(1.0));
        let p = &mut self.spread[..n];
        spread::<V>(active, unit, p);
        cut::<V>(d, hidden, p);
    }
}

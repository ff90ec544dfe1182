//! Passes over the rows of models whose modules are all active, each in its measure.
//!
//! Rows of the weighted matrix are [p_1 h_1 … p_M h_M, p_1 … p_M]: the last M columns meet the
//! modules' biases.

use crate::rule::fused::functions::{Pass, mul_add};
use crate::rule::shape::RuleKind;

use super::curve::fold;
use super::seen::{Seen, Sums, Tables};
use super::sizes::Sizes;

/// Runs `$self.rows::<FUSED, L>()` with the widest L that divides a module's units.
macro_rules! by_unit {
    ($self:ident, $unit:expr) => {
        match $unit {
            unit if unit % 16 == 0 => $self.rows::<FUSED, 16>(),
            unit if unit % 8 == 0 => $self.rows::<FUSED, 8>(),
            unit if unit % 4 == 0 => $self.rows::<FUSED, 4>(),
            _ => $self.rows::<FUSED, 1>(),
        }
    };
}

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

impl Hidden<'_> {
    #[inline(always)]
    fn rows<const FUSED: bool, const L: usize>(self) {
        let (n, m) = (self.s.hidden, self.s.modules);
        for (row, hidden) in self.hidden.chunks_exact_mut(n).enumerate() {
            self.tables.hidden::<FUSED>(&self.seen, row, 0, 1.0, hidden);
            if self.s.score > 0 {
                let active = &mut self.active[row * m..][..m];
                let (weights, biases) = self.scores.split_at(n);
                dots::<FUSED, L>(hidden, weights, biases, self.s.unit, active);
            }
        }
    }
}

impl Pass for Hidden<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        by_unit!(self, self.s.unit)
    }
}

/// Σ_j a_mj b_mj + base_m for each module.
#[inline(always)]
fn dots<const FUSED: bool, const L: usize>(
    a: &[f32],
    b: &[f32],
    base: &[f32],
    unit: usize,
    to: &mut [f32],
) {
    let pairs = a.chunks_exact(unit).zip(b.chunks_exact(unit));
    for ((a, b), (base, to)) in pairs.zip(base.iter().zip(to)) {
        let mut sums = [0.0; L];
        for (a, b) in a.as_chunks::<L>().0.iter().zip(b.as_chunks::<L>().0) {
            for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                *sum = mul_add::<FUSED>(*a, *b, *sum);
            }
        }
        *to = fold(sums) + base;
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

impl Pass for Even<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let factor = 1.0 / self.s.modules as f32;
        for (row, to) in self.weighted.chunks_exact_mut(self.s.weighted()).enumerate() {
            let (hidden, weights) = to.split_at_mut(self.s.hidden);
            self.tables.hidden::<FUSED>(&self.seen, row, 0, factor, hidden);
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
}

impl Weigh<'_> {
    #[inline(always)]
    fn rows<const FUSED: bool, const L: usize>(self) {
        let (n, m, unit) = (self.s.hidden, self.s.modules, self.s.unit);
        let rows = self.hidden.chunks_exact(n).zip(self.active.chunks_exact(m));
        for ((hidden, active), to) in rows.zip(self.weighted.chunks_exact_mut(n + m)) {
            let (to, weights) = to.split_at_mut(n);
            let modules = to.chunks_exact_mut(unit).zip(hidden.chunks_exact(unit));
            for ((to, hidden), p) in modules.zip(active) {
                for (to, hidden) in
                    to.as_chunks_mut::<L>().0.iter_mut().zip(hidden.as_chunks::<L>().0)
                {
                    to.iter_mut().zip(hidden).for_each(|(to, hidden)| *to = p * hidden);
                }
            }
            weights.copy_from_slice(active);
        }
    }
}

impl Pass for Weigh<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        by_unit!(self, self.s.unit)
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
    pub sums: Sums<'a>,
}

impl Backward<'_> {
    #[inline(always)]
    fn rows<const FUSED: bool, const L: usize>(mut self) {
        let n = self.s.hidden;
        for row in 0..self.seen.context.len() {
            let width = n + self.s.modules;
            match self.s.kind {
                RuleKind::Modular => self.own::<FUSED, L>(row),
                RuleKind::ModularOp => self.given::<FUSED, L>(row),
                _ => {
                    let factor = 1.0 / self.s.modules as f32;
                    let weighted = &self.weighted[row * width..][..n];
                    let d = &mut self.d_weighted[row * width..][..n];
                    for (d, weighted) in d.iter_mut().zip(weighted) {
                        *d = if *weighted > 0.0 { factor * *d } else { 0.0 };
                    }
                }
            }
            let d = &self.d_weighted[row * width..][..n];
            self.sums.add::<FUSED>(&self.seen, row, 0, d);
        }
    }

    /// Scores of the modules' own: through the softmax to the hidden units.
    #[inline(always)]
    fn own<const FUSED: bool, const L: usize>(&mut self, row: usize) {
        let (n, m, unit) = (self.s.hidden, self.s.modules, self.s.unit);
        let hidden = &self.hidden[row * n..][..n];
        let active = &self.active[row * m..][..m];
        let (d, d_active) = self.d_weighted[row * (n + m)..][..n + m].split_at_mut(n);
        add_dots::<FUSED, L>(hidden, d, unit, d_active);
        let mean: f32 = active.iter().zip(&*d_active).map(|(p, d)| p * d).sum();
        let (d_scores, d_biases) = self.d_scores.split_at_mut(n);
        for ((d_active, p), d_bias) in d_active.iter_mut().zip(active).zip(d_biases) {
            *d_active = p * (*d_active - mean);
            *d_bias += *d_active;
        }
        let modules = d.chunks_exact_mut(unit).zip(hidden.chunks_exact(unit));
        let scores = self.scores.chunks_exact(unit).zip(d_scores.chunks_exact_mut(unit));
        let weights = active.iter().zip(&*d_active);
        for (((d, hidden), (score, d_score)), (p, d_active)) in modules.zip(scores).zip(weights) {
            let (d, hidden) = (d.as_chunks_mut::<L>().0, hidden.as_chunks::<L>().0);
            let (score, d_score) = (score.as_chunks::<L>().0, d_score.as_chunks_mut::<L>().0);
            for ((d, hidden), (score, d_score)) in
                d.iter_mut().zip(hidden).zip(score.iter().zip(d_score))
            {
                for lane in 0..L {
                    d_score[lane] = mul_add::<FUSED>(*d_active, hidden[lane], d_score[lane]);
                    let value = mul_add::<FUSED>(*d_active, score[lane], p * d[lane]);
                    d[lane] = if hidden[lane] > 0.0 { value } else { 0.0 };
                }
            }
        }
    }

    /// Weights given by the context.
    #[inline(always)]
    fn given<const FUSED: bool, const L: usize>(&mut self, row: usize) {
        let (n, m, unit) = (self.s.hidden, self.s.modules, self.s.unit);
        let hidden = &self.hidden[row * n..][..n];
        let active = &self.active[row * m..][..m];
        let (d, d_active) = self.d_weighted[row * (n + m)..][..n + m].split_at_mut(n);
        add_dots::<FUSED, L>(hidden, d, unit, d_active);
        let to = &mut self.d_context[self.seen.context[row] as usize * m..][..m];
        to.iter_mut().zip(&*d_active).for_each(|(to, d)| *to += d);
        let modules = d.chunks_exact_mut(unit).zip(hidden.chunks_exact(unit));
        for ((d, hidden), p) in modules.zip(active) {
            for (d, hidden) in d.as_chunks_mut::<L>().0.iter_mut().zip(hidden.as_chunks::<L>().0) {
                for (d, hidden) in d.iter_mut().zip(hidden) {
                    *d = if *hidden > 0.0 { p * *d } else { 0.0 };
                }
            }
        }
    }
}

/// Σ_j a_mj b_mj added for each module.
#[inline(always)]
fn add_dots<const FUSED: bool, const L: usize>(a: &[f32], b: &[f32], unit: usize, to: &mut [f32]) {
    let pairs = a.chunks_exact(unit).zip(b.chunks_exact(unit));
    for ((a, b), to) in pairs.zip(to) {
        let mut sums = [0.0; L];
        for (a, b) in a.as_chunks::<L>().0.iter().zip(b.as_chunks::<L>().0) {
            for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                *sum = mul_add::<FUSED>(*a, *b, *sum);
            }
        }
        *to += fold(sums);
    }
}

impl Pass for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        by_unit!(self, self.s.unit)
    }
}

//! Scores to weights and back, token by token; heads beside each other.

use super::core::Core;
use crate::kernel::functions::Pass;
use crate::kernel::lanes::LANES;

/// Subtracts the largest score of the other tokens.
pub struct Shift<'a> {
    pub core: &'a Core,
    pub scores: &'a mut [f32],
}

impl Pass for Shift<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let (length, heads) = (self.core.length, self.core.heads);
        let rows = self.scores.chunks_exact_mut(self.core.row().max(1));
        for (i, row) in rows.enumerate() {
            let own = i % length;
            let mut base = 0;
            while base < heads {
                let count = LANES.min(heads - base);
                let mut most = [f32::NEG_INFINITY; LANES];
                for j in (0..length).filter(|&j| j != own) {
                    let scores = &row[j * heads + base..][..count];
                    for (most, &score) in most.iter_mut().zip(scores) {
                        *most = if score > *most { score } else { *most };
                    }
                }
                for j in 0..length {
                    let scores = &mut row[j * heads + base..][..count];
                    scores.iter_mut().zip(most).for_each(|(score, most)| *score -= most);
                }
                base += count;
            }
            row[own * heads..][..heads].fill(0.0);
        }
    }
}

/// Divides by the sum over the other tokens; a token's own weight is 0.
pub struct Scale<'a> {
    pub core: &'a Core,
    pub weights: &'a mut [f32],
}

impl Pass for Scale<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let (length, heads) = (self.core.length, self.core.heads);
        let rows = self.weights.chunks_exact_mut(self.core.row().max(1));
        for (i, row) in rows.enumerate() {
            row[i % length * heads..][..heads].fill(0.0);
            let mut base = 0;
            while base < heads {
                let count = LANES.min(heads - base);
                let mut sums = [0.0f32; LANES];
                for j in 0..length {
                    let weights = &row[j * heads + base..][..count];
                    sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
                }
                let scale = sums.map(|sum| if length == 1 { 0.0 } else { 1.0 / sum });
                for j in 0..length {
                    let weights = &mut row[j * heads + base..][..count];
                    weights.iter_mut().zip(scale).for_each(|(weight, scale)| *weight *= scale);
                }
                base += count;
            }
        }
    }
}

/// ∂score = a · (∂a − Σ a ∂a).
pub struct Back<'a> {
    pub core: &'a Core,
    pub weights: &'a [f32],
    pub gradient: &'a mut [f32],
}

impl Pass for Back<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let (heads, columns) = (self.core.heads, self.core.row().max(1));
        let rows = self.gradient.chunks_exact_mut(columns).zip(self.weights.chunks_exact(columns));
        for (gradient, weights) in rows {
            let mut base = 0;
            while base < heads {
                let count = LANES.min(heads - base);
                let mut mean = [0.0f32; LANES];
                for j in 0..self.core.length {
                    let at = j * heads + base..j * heads + base + count;
                    let pairs = weights[at.clone()].iter().zip(&gradient[at]);
                    mean.iter_mut().zip(pairs).for_each(|(mean, (a, g))| *mean += a * g);
                }
                for j in 0..self.core.length {
                    let at = j * heads + base..j * heads + base + count;
                    let pairs = gradient[at.clone()].iter_mut().zip(&weights[at]);
                    pairs.zip(mean).for_each(|((g, a), mean)| *g = a * (*g - mean));
                }
                base += count;
            }
        }
    }
}

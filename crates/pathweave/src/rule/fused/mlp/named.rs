//! The pass over the rows of `GtModular`, whose context names the one active module.

use crate::kernel::lanes::{Kernel, LANES, Lanes};

use super::answer::{Decoder, Labels, Losses, answer, answer_backward};
use super::seen::{Seen, Sums, Tables};
use super::sizes::Sizes;
use super::vectors::{add_dots, add_scaled, get, put};

/// Whole rows, one after the other, each through its module alone.
#[derive(Debug)]
pub struct Named<'a> {
    pub s: &'a Sizes,
    pub seen: Seen<'a>,
    pub tables: Tables<'a>,
    /// [N + M, K]
    pub merged: &'a [f32],
    pub decoder: Option<Decoder<'a>>,
    /// One row's hidden units and their gradient, and what the merged layer makes of them.
    /// [2, H], \[K\]
    pub hidden: &'a mut [f32],
    pub z: &'a mut [f32],
    /// ŷ. \[B\]
    pub answers: &'a mut [f32],
    /// What training adds; prediction has none
    pub train: Option<Train<'a>>,
    pub losses: &'a mut Losses,
}

/// Labels, and where gradients are summed.
#[derive(Debug)]
pub struct Train<'a> {
    pub labels: Labels<'a>,
    /// Factor of every derivative: 1 / rows
    pub scale: f32,
    /// [N + M, K]
    pub d_merged: &'a mut [f32],
    /// Merged bias, weight
    pub d_decoder: &'a mut [Vec<f32>; 2],
    pub sums: Sums<'a>,
}

impl Kernel<f32> for Named<'_> {
    #[inline(always)]
    fn run<V: Lanes<f32>>(mut self) {
        let (n, m, unit, k) = (self.s.hidden, self.s.modules, self.s.unit, self.s.merged);
        let (decoder, zero) = (self.decoder.as_ref(), V::splat(0.0));
        let (hidden, d_hidden) = self.hidden.split_at_mut(unit);
        for row in 0..self.seen.context.len() {
            let context = self.seen.context[row] as usize;
            // Without context no module is active, and the decoder is given zeros.
            let module = (context + 1 < self.s.contexts).then_some(context % m);
            match module {
                Some(module) => {
                    self.tables.hidden::<V>(&self.seen, row, module * unit, 1.0, hidden);
                    let rows = &self.merged[module * unit * k..][..unit * k];
                    combine::<V>(hidden, rows, &self.merged[(n + module) * k..][..k], self.z);
                }
                // 0 · x, so that NaN shows.
                None => self.z.fill(0.0 * (self.seen.x[2 * row] + self.seen.x[2 * row + 1])),
            }
            let answer = answer::<V>(self.z, decoder);
            self.answers[row] = answer;
            let Some(train) = &mut self.train else { continue };
            let d = self.losses.add(&train.labels, row, answer, train.scale);
            answer_backward::<V>(self.z, decoder, d, train.d_decoder);
            let Some(module) = module else { continue };
            let at = module * unit;
            let d_bias = &mut train.d_merged[(n + module) * k..][..k];
            add_scaled(d_bias, self.z, V::splat(1.0));
            let d_rows = train.d_merged[at * k..][..unit * k].chunks_exact_mut(k);
            for (d_row, value) in d_rows.zip(&*hidden) {
                add_scaled(d_row, self.z, V::splat(*value));
            }
            d_hidden.fill(0.0);
            add_dots::<V>(&self.merged[at * k..][..unit * k], self.z, k, 0, d_hidden);
            for at in (0..unit).step_by(LANES) {
                let through = get::<V>(hidden, at).above(zero);
                put(V::select(through, get(d_hidden, at), zero), d_hidden, at);
            }
            train.sums.add::<V>(&self.seen, row, at, d_hidden);
        }
    }
}

/// z = Σ_j h_j V_j + b. \[H\], [H, K], \[K\], \[K\]
#[inline(always)]
fn combine<V: Lanes<f32>>(hidden: &[f32], rows: &[f32], bias: &[f32], z: &mut [f32]) {
    let k = z.len();
    for at in (0..k).step_by(LANES) {
        let mut sum = get::<V>(bias, at);
        for (value, row) in hidden.iter().zip(rows.chunks_exact(k)) {
            sum = V::splat(*value).mul_add(get(row, at), sum);
        }
        put(sum, z, at);
    }
}

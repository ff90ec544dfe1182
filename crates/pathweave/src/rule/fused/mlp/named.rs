//! The pass over the rows of `GtModular`, whose context names the one active module.

use crate::rule::fused::functions::Pass;

use super::answer::{
    Decoder, Labels, Losses, add_rows, add_rows_backward, answer, answer_backward,
};
use super::seen::{Seen, Sums, Tables};
use super::sizes::Sizes;

/// Whole rows, one after the other, each through its module alone.
#[derive(Debug)]
pub struct Named<'a> {
    pub s: &'a Sizes,
    pub seen: Seen<'a>,
    pub tables: Tables<'a>,
    /// [N + M, K]
    pub merged: &'a [f32],
    pub decoder: Option<Decoder<'a>>,
    /// One row's hidden units, and what the merged layer makes of them. \[H\], \[K\]
    pub hidden: &'a mut [f32],
    pub z: &'a mut [f32],
    /// ŷ. \[B\]
    pub answers: &'a mut [f32],
    /// What training adds; prediction has none
    pub train: Option<Train<'a>>,
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

impl Pass for Named<'_> {
    /// Summed loss; sum of the derivatives by ŷ
    type Output = (f64, f32);

    #[inline(always)]
    fn run<const FUSED: bool>(mut self) -> (f64, f32) {
        let (n, m, unit, k) = (self.s.hidden, self.s.modules, self.s.unit, self.s.merged);
        let (mut losses, mut last) = (Losses::new(), 0.0);
        let decoder = self.decoder.as_ref();
        for row in 0..self.seen.context.len() {
            let context = self.seen.context[row] as usize;
            // Without context no module is active, and the decoder is given zeros.
            let module = (context + 1 < self.s.contexts).then_some(context % m);
            match module {
                Some(module) => {
                    let at = module * unit;
                    self.tables.hidden::<FUSED>(&self.seen, row, at, 1.0, self.hidden);
                    self.z.copy_from_slice(&self.merged[(n + module) * k..][..k]);
                    let rows = &self.merged[at * k..][..unit * k];
                    add_rows::<FUSED>(self.z, self.hidden, rows);
                }
                // 0 · x, so that NaN shows.
                None => self.z.fill(0.0 * (self.seen.x[2 * row] + self.seen.x[2 * row + 1])),
            }
            let answer = answer::<FUSED>(self.z, decoder);
            self.answers[row] = answer;
            let Some(train) = &mut self.train else { continue };
            let d = losses.add::<FUSED>(&train.labels, row, answer) * train.scale;
            last += d;
            answer_backward::<FUSED>(self.z, decoder, d, train.d_decoder);
            let Some(module) = module else { continue };
            let at = module * unit;
            for (to, dz) in train.d_merged[(n + module) * k..][..k].iter_mut().zip(&*self.z) {
                *to += dz;
            }
            let rows = &self.merged[at * k..][..unit * k];
            let d_rows = &mut train.d_merged[at * k..][..unit * k];
            add_rows_backward::<FUSED>(self.z, self.hidden, rows, d_rows);
            train.sums.add::<FUSED>(&self.seen, row, at, self.hidden);
        }
        (losses.total(), last)
    }
}

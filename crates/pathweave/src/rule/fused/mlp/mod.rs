//! MLP models of the rule benchmark (M section 4), whole passes on flat buffers.
//!
//! # How it is fast
//!
//! - Linear maps that follow each other are multiplied together once a step, at a cost that does
//!   not depend on the batch: the encoders' second layers with the modules' first ([`front`]), the
//!   modules' second layers with the decoder's first ([`back`]).
//! - What is left of the encoder of a number is a function of that number, linear between the
//!   places where one of its E units switches ([`curve`]): a row costs a look-up and two
//!   multiplications a column.
//! - The context is one of R + 1: its part is a row of a table, and so is the score of `ModularOp`.
//! - Σ_m p_m (h_m V_m + b_m) is one product of [p_1 h_1 … p_M h_M, p_1 … p_M] with the stacked V and
//!   b; the modules' outputs are never formed.
//! - `GtModular` computes the module that the context names and no other.
//!
//! # Deviations
//! - Merging changes the order of sums, so results agree with the authors' code to rounding. A
//!   number within rounding of where a unit of its encoder switches may fall on the other side.
//! - Modules ≠ rules is open in the document for `GtModular`: rule c names module c mod M. A
//!   missing context names none: the decoder is given zeros.

mod answer;
mod back;
mod curve;
mod front;
mod named;
mod scorer;
mod seen;
mod sizes;
mod soft;
mod vectors;

use pathweave_data::dataset::rules::RuleBatch;

use super::FusedModel;
use crate::kernel::functions::{softmax, widest};
use crate::kernel::lanes::run_at_best;
use crate::kernel::product::{Target, View, product};
use crate::rule::engine::Prediction;
use crate::rule::layout::Layout;
use crate::rule::shape::{RuleKind, RuleShape};

use answer::{Answers, Decoder, Labels, Losses};
use back::Back;
use front::Front;
use named::{Named, Train};
use scorer::Scorer;
use seen::{Locate, Seen, Sums, Tables};
use sizes::{Places, Sizes};
use soft::{Backward, Even, Hidden, Weigh};

/// Rows of a prediction that are computed together, so that buffers stay in the cache.
const ROWS: usize = 256;

/// Passes of the MLP models.
#[derive(Clone, Debug)]
pub struct FusedMlp {
    s: Sizes,
    at: Places,
    front: Front,
    back: Back,
    scorer: Scorer,
    rows: Rows,
}

/// Buffers of a batch.
#[derive(Clone, Debug, Default)]
struct Rows {
    /// [B, 2]
    stretch: Vec<[u32; 2]>,
    /// [B, N]; [2, H] for `GtModular`
    hidden: Vec<f32>,
    /// p. [B, M]
    active: Vec<f32>,
    /// Hidden units times p, and p. [B, N + M]
    weighted: Vec<f32>,
    d_weighted: Vec<f32>,
    /// [2, N]
    spread: Vec<f32>,
    /// [B, K]; \[K\] for `GtModular`
    z: Vec<f32>,
    /// ŷ. \[B\]
    answers: Vec<f32>,
}

impl Rows {
    fn resize(&mut self, s: &Sizes, rows: usize) {
        let [hidden, active, weighted, z] = match s.kind {
            RuleKind::GtModular => [2 * s.unit, 0, 0, s.merged],
            RuleKind::Monolithic | RuleKind::Random => [0, 0, s.weighted(), s.merged],
            _ => [s.hidden, s.modules, s.weighted(), s.merged],
        };
        let times = if s.kind == RuleKind::GtModular { 1 } else { rows };
        self.stretch.resize(rows, [0; 2]);
        self.answers.resize(rows, 0.0);
        self.hidden.resize(times * hidden, 0.0);
        self.active.resize(times * active, 0.0);
        self.weighted.resize(times * weighted, 0.0);
        self.d_weighted.resize(times * weighted, 0.0);
        self.z.resize(times * z, 0.0);
        self.spread.resize(2 * s.hidden, 0.0);
    }
}

impl FusedModel for FusedMlp {
    fn new(shape: &RuleShape) -> Option<Self> {
        let s = Sizes::new(shape)?;
        let at = Places::new(&Layout::new(shape));
        let (front, back, scorer) = (Front::new(&s), Back::new(&s), Scorer::new(&s, &at));
        Some(Self { s, at, front, back, scorer, rows: Rows::default() })
    }

    fn gradient(&mut self, parameters: &[f32], batch: &RuleBatch, gradient: &mut [f32]) -> f64 {
        check(batch);
        let count = batch.rows();
        if count == 0 {
            gradient.fill(0.0);
            return 0.0;
        }
        self.merge(parameters);
        self.front.clear();
        self.back.clear();
        self.scorer.clear();
        let losses = self.rows(parameters, batch, 0..count, true);
        if self.s.decoder {
            gradient[self.at.answer[1].start] = losses.slope;
        }
        let Self { s, at, front, back, scorer, .. } = self;
        back.backward(s, at, parameters, gradient);
        if s.kind == RuleKind::ModularOp {
            let encoded = (&front.encoded[..], &mut front.d_encoded[..]);
            scorer.backward(s, at, parameters, encoded, gradient);
        }
        front.backward(s, at, parameters, gradient);
        losses.total() / count as f64
    }

    fn predict(&mut self, parameters: &[f32], batch: &RuleBatch, into: &mut Prediction) {
        check(batch);
        into.output.clear();
        into.activation.clear();
        self.merge(parameters);
        for first in (0..batch.rows()).step_by(ROWS) {
            let range = first..batch.rows().min(first + ROWS);
            self.rows(parameters, batch, range.clone(), false);
            into.output.extend_from_slice(&self.rows.answers);
            let (m, contexts) = (self.s.modules, &batch.context[range]);
            match self.s.kind {
                RuleKind::Monolithic => {}
                RuleKind::Modular | RuleKind::ModularOp => {
                    into.activation.extend_from_slice(&self.rows.active);
                }
                RuleKind::Random => {
                    let even = std::iter::repeat_n(1.0 / m as f32, m * contexts.len());
                    into.activation.extend(even);
                }
                RuleKind::GtModular => {
                    for context in contexts.iter().map(|context| *context as usize) {
                        let named = context + 1 < self.s.contexts;
                        let one = |module| f32::from(named && context % m == module);
                        into.activation.extend((0..m).map(one));
                    }
                }
            }
        }
    }
}

/// # Panics
/// Where the batch is none of two numbers and one context a row.
fn check(batch: &RuleBatch) {
    let rows = batch.rows();
    assert_eq!(batch.x.len(), rows * 2, "two numbers a row");
    assert_eq!(batch.context.len(), rows, "one context a row");
}

impl FusedMlp {
    /// What depends on the parameters alone.
    fn merge(&mut self, parameters: &[f32]) {
        let Self { s, at, front, back, scorer, .. } = self;
        front.forward(s, at, parameters);
        back.forward(s, at, parameters);
        if s.kind == RuleKind::ModularOp {
            scorer.forward(s, at, parameters, &front.encoded);
        }
    }

    /// Passes over some rows.
    fn rows(
        &mut self,
        parameters: &[f32],
        batch: &RuleBatch,
        range: std::ops::Range<usize>,
        train: bool,
    ) -> Losses {
        let Self { s, at, front, back, scorer, rows } = self;
        let count = range.len();
        rows.resize(s, count);
        let (n, m, k) = (s.hidden, s.modules, s.merged);
        let x = &batch.x[2 * range.start..2 * range.end];
        let context = &batch.context[range.clone()];
        widest(Locate { x, curves: &front.curves, stretch: &mut rows.stretch });
        let seen = Seen { x, context, stretch: &rows.stretch };
        let Front { curves: [first, second], table, d_table, .. } = front;
        let (first, second) = (first.parts(), second.parts());
        let tables = Tables { hidden: n, context: table, curves: [first.0, second.0] };
        let sums = Sums { hidden: n, context: d_table, curves: [first.1, second.1] };
        let get = |place: &std::ops::Range<usize>| &parameters[place.clone()];
        let decoder = s.decoder.then(|| Decoder {
            bias: get(&at.decoder[1]),
            weight: get(&at.answer[0]),
            last: parameters[at.answer[1].start],
        });
        let labels = train.then(|| Labels { y: &batch.y[range], classification: s.classification });
        let (scale, mut losses) = (1.0 / count as f32, Losses::new());

        if s.kind == RuleKind::GtModular {
            let Back { merged, d_merged, d_decoder, .. } = back;
            d_merged.fill(0.0);
            let train = labels.map(|labels| Train { labels, scale, d_merged, d_decoder, sums });
            let (hidden, z, answers) = (&mut rows.hidden, &mut rows.z, &mut rows.answers);
            run_at_best(Named {
                s,
                seen,
                tables,
                merged,
                decoder,
                hidden,
                z,
                answers,
                train,
                losses: &mut losses,
            });
            return losses;
        }

        if matches!(s.kind, RuleKind::Monolithic | RuleKind::Random) {
            run_at_best(Even { s, seen, tables, weighted: &mut rows.weighted });
        } else {
            let (hidden, active) = (&mut rows.hidden, &mut rows.active);
            run_at_best(Hidden { s, seen, tables, scores: &back.scores, hidden, active });
            if s.kind == RuleKind::Modular {
                softmax(&mut rows.active, m);
            } else {
                for (to, context) in rows.active.chunks_exact_mut(m).zip(context) {
                    to.copy_from_slice(&scorer.active[*context as usize * m..][..m]);
                }
            }
            let (hidden, active) = (&rows.hidden, &rows.active);
            let spread = &mut rows.spread[..n];
            run_at_best(Weigh { s, hidden, active, weighted: &mut rows.weighted, spread });
        }
        let width = s.weighted();
        let merged = View::new(&back.merged, width, k);
        let weighted = View::new(&rows.weighted, count, width);
        product(Target::new(&mut rows.z, count, k), weighted, merged);
        run_at_best(Answers {
            z: &mut rows.z,
            merged: k,
            decoder,
            labels,
            scale,
            answers: &mut rows.answers,
            d_decoder: &mut back.d_decoder,
            losses: &mut losses,
        });
        if !train {
            return losses;
        }
        let dz = View::new(&rows.z, count, k);
        product(Target::new(&mut back.d_merged, width, k), weighted.t(), dz);
        product(Target::new(&mut rows.d_weighted, count, width), dz, merged.t());
        run_at_best(Backward {
            s,
            seen,
            hidden: &rows.hidden,
            active: &rows.active,
            weighted: &rows.weighted,
            d_weighted: &mut rows.d_weighted,
            scores: &back.scores[..n * s.score],
            d_scores: &mut back.d_scores,
            d_context: &mut scorer.d_active,
            spread: &mut rows.spread,
            sums,
        });
        losses
    }
}

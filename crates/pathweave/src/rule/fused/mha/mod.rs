//! Attention models (M section 3, equations 7 to 11), forward and backward.

mod answer;
mod chosen;
mod core;
mod dense;
mod inputs;
mod mix;
mod passes;
mod sizes;
mod soften;
mod weights;

use pathweave_data::dataset::rules::{RuleBatch, RuleFamily};

use self::answer::{Block, Model};
use self::chosen::Chosen;
use self::dense::Dense;
use self::sizes::{Places, Sizes};
use self::weights::Weights;
use super::FusedModel;
use crate::rule::{Layout, Prediction, RuleKind, RuleShape};

/// Rows computed at a time by all groups: their activations then stay near the processor.
const BLOCK: usize = 320;

/// An attention model of the benchmark. Linear maps that follow each other are multiplied together
/// once a step, contexts are looked up, and the modules' outputs are summed before they are built:
/// Σ_m p_m (h_m V_m + b_m) is one product of \[p_1 h_1 … p_M h_M\] with the stacked V.
///
/// `GtModular` computes only what its modules are asked for: scores are (q W_k) · e and values
/// (Σ a e) W_v, so that its cost does not depend on the number of modules.
///
/// # Deviations
/// - A token without others in its sample attends to nothing: the outputs of its heads are zeros
///   (M is silent on sequences of one token).
/// - A key's bias adds the same to all scores of a query, so that the softmax takes it out: it is
///   left out, and its gradient is exactly zero, where the authors' code computes rounding noise.
/// - `GtModular` with a missing context activates no module; with fewer modules than rules, rule c
///   names module c mod M (M is silent on both).
#[derive(Clone, Debug)]
pub struct FusedMha {
    sizes: Sizes,
    places: Places,
    parameters: usize,
    /// Without and with the encoder's second layer merged into the projections.
    weights: [Weights; 2],
    sums: [Weights; 2],
    dense: Dense,
    chosen: Chosen,
}

impl FusedMha {
    /// The blocks of a batch, in order.
    fn blocks<'a>(&self, batch: &'a RuleBatch) -> impl Iterator<Item = Block<'a>> + use<'a> {
        assert_eq!(batch.features, self.sizes.features, "numbers a row");
        assert_eq!(batch.depth, 1, "rules a row");
        let (features, outputs, length) = (self.sizes.features, self.sizes.outputs, batch.length);
        let rows = if self.sizes.kind == RuleKind::GtModular {
            batch.rows()
        } else {
            (BLOCK / length.max(1)).max(1) * length
        };
        (0..batch.rows()).step_by(rows.max(1)).map(move |first| {
            let end = batch.rows().min(first + rows);
            Block {
                length,
                x: &batch.x[first * features..end * features],
                context: &batch.context[first..end],
                y: batch.y.get(first * outputs..end * outputs).unwrap_or(&[]),
                count: batch.rows() * outputs,
            }
        })
    }

    /// Which weights a batch is best computed with.
    fn merges(&self, batch: &RuleBatch) -> usize {
        let dense = self.sizes.kind != RuleKind::GtModular;
        usize::from(dense && batch.rows() >= self.sizes.projections())
    }
}

impl FusedModel for FusedMha {
    fn new(shape: &RuleShape) -> Option<Self> {
        let sizes = Sizes::new(shape);
        let fits = sizes.head > 0 && sizes.heads * sizes.head == sizes.width;
        if shape.family != RuleFamily::Mha || !fits || !sizes.heads.is_multiple_of(sizes.groups) {
            return None;
        }
        let weights = [false, true].map(|merged| Weights::new(&sizes, merged));
        Some(Self {
            sizes,
            places: Places::new(shape),
            parameters: Layout::new(shape).len(),
            sums: weights.clone(),
            weights,
            dense: Dense::new(&sizes),
            chosen: Chosen::new(&sizes),
        })
    }

    fn gradient(&mut self, parameters: &[f32], batch: &RuleBatch, gradient: &mut [f32]) -> f64 {
        assert_eq!(parameters.len(), self.parameters, "parameters");
        gradient.fill(0.0);
        if batch.rows() == 0 {
            return 0.0;
        }
        let (merges, blocks) = (self.merges(batch), self.blocks(batch));
        let (sizes, places) = (&self.sizes, &self.places);
        let (weights, sums) = (&mut self.weights[merges], &mut self.sums[merges]);
        weights.prepare(sizes, places, parameters);
        sums.clear();
        let model = Model { sizes, places, parameters, weights };
        let mut loss = 0.0;
        for block in blocks {
            loss += if sizes.kind == RuleKind::GtModular {
                self.chosen.gradient(&model, &block, sums, gradient)
            } else {
                self.dense.gradient(&model, &block, sums, gradient)
            };
        }
        sums.finish(sizes, places, weights, parameters, gradient);
        loss
    }

    fn predict(&mut self, parameters: &[f32], batch: &RuleBatch, into: &mut Prediction) {
        into.output.clear();
        into.activation.clear();
        let (merges, blocks) = (self.merges(batch), self.blocks(batch));
        let (sizes, places) = (&self.sizes, &self.places);
        let weights = &mut self.weights[merges];
        weights.prepare(sizes, places, parameters);
        let model = Model { sizes, places, parameters, weights };
        for block in blocks {
            let (rows, chosen) = (block.rows(), sizes.kind == RuleKind::GtModular);
            let (answer, activation) = if chosen {
                self.chosen.forward(&model, &block);
                (&self.chosen.answer, &self.chosen.activation)
            } else {
                self.dense.forward(&model, &block);
                (&self.dense.answer, &self.dense.activation)
            };
            into.output.extend_from_slice(&answer[..rows * sizes.outputs]);
            if !sizes.monolithic() {
                into.activation.extend_from_slice(&activation[..rows * sizes.groups]);
            }
        }
    }
}

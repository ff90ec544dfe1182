//! The benchmark's models in ordinary tensor operations: the path of devices without kernels of our
//! own, and the oracle of those that have them.

mod inputs;
mod mha;
mod mlp;
mod parts;
mod rnn;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData, activation};
pub use inputs::{Contexts, Inputs};
pub use mha::MhaNetwork;
pub use mlp::{MlpBody, MlpNetwork};
use parts::Source;
pub use parts::{Coder, Grouped, Linear, Modules, Sees, Weights};
use pathweave_data::Streams;
use pathweave_data::dataset::rules::{RuleBatch, RuleFamily};
pub use rnn::{RnnCell, RnnNetwork};

use super::layout::Layout;
use super::shape::RuleShape;
use crate::train::optimizer::Used;

/// Decides which module a row takes, in the place of a soft score.
pub trait Guide {
    /// The decision number `at` of each row, from its encoding [R, E]: the depth for an MLP, the
    /// token's place for an RNN, else 0.
    fn weights(&mut self, at: usize, encoding: &Tensor<2>, contexts: &Contexts) -> Weights;
}

/// What a network makes of a batch.
pub struct Answer {
    /// ŷ, or the logit of y = 1. [R, outputs]
    pub output: Tensor<2>,
    /// p(m) of each row and depth; `None` for `Monolithic`. [R · depth, M]
    pub activation: Option<Tensor<2>>,
}

/// A model of the benchmark, of any family.
///
/// Parameters are visited in the order of [`Layout`] and have its shapes.
#[derive(Module, Debug)]
pub enum RuleNetwork {
    /// Rows
    Mlp(MlpNetwork),
    /// Attention
    Mha(MhaNetwork),
    /// Sequences
    Rnn(RnnNetwork),
}

impl RuleNetwork {
    /// With the initial values of [`Layout::init`].
    pub fn new(shape: &RuleShape, streams: &Streams, device: &Device) -> Self {
        let layout = Layout::new(shape);
        let values = layout.init(streams);
        Self::of(shape, &values, device)
    }

    /// With given parameters, in the order of [`Layout`].
    ///
    /// # Panics
    /// Where their number is not that of the layout.
    pub fn of(shape: &RuleShape, values: &[f32], device: &Device) -> Self {
        let layout = Layout::new(shape);
        assert_eq!(values.len(), layout.len(), "numbers against those of the layout");
        let source = Source { layout: &layout, values, device };
        match shape.family {
            RuleFamily::Mlp => Self::Mlp(MlpNetwork::new(shape, source)),
            RuleFamily::Mha => Self::Mha(MhaNetwork::new(shape, source)),
            RuleFamily::Rnn => Self::Rnn(RnnNetwork::new(shape, source)),
        }
    }

    /// A forward pass. A guide decides in the place of the modules' scores.
    pub fn forward(&self, inputs: &Inputs, guide: Option<&mut dyn Guide>) -> Answer {
        match self {
            Self::Mlp(network) => network.forward(inputs, guide),
            Self::Mha(network) => network.forward(inputs, guide),
            Self::Rnn(network) => network.forward(inputs, guide),
        }
    }

    /// Notes which modules were chosen, for [`crate::train::optimizer::step`].
    pub(super) fn mark(&self, chosen: &[bool], used: &mut Used) {
        let stacked = match self {
            Self::Mlp(network) => network.stacked(),
            Self::Mha(network) => network.stacked(),
            Self::Rnn(network) => network.stacked(),
        };
        used.extend(stacked.into_iter().map(|id| (id, chosen.to_vec())));
    }
}

/// The loss of each row, the mean over its outputs: L1, or binary cross entropy on logits.
/// [R, outputs], the batch's labels → \[R\]
pub(super) fn losses(shape: &RuleShape, output: &Tensor<2>, batch: &RuleBatch) -> Tensor<1> {
    let data = TensorData::new(batch.y.clone(), output.dims());
    let y = Tensor::<2>::from_data(data, &output.device());
    let each = if shape.classification {
        // −y ln σ(z) − (1 − y) ln σ(−z)
        (-y + 1.0) * output.clone() - activation::log_sigmoid(output.clone())
    } else {
        (output.clone() - y).abs()
    };
    each.mean_dim(1).squeeze_dim(1)
}

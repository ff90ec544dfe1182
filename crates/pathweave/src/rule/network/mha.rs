//! Modules that are heads of attention (M section 4).

use burn::module::{Module, ParamId};
use burn::tensor::{Tensor, TensorData, activation};

use super::parts::{Coder, Linear, Modules, Sees, Source};
use super::{Answer, Guide, Inputs, Weights};
use crate::rule::shape::{HEADS, RuleKind, RuleShape};

/// What follows the heads.
#[derive(Module, Debug)]
pub enum MhaBody {
    /// `Monolithic`
    Whole(Coder),
    /// All others
    Modules(Modules),
}

/// Heads over the other tokens of a sample, beside them a projection of the token itself. Head
/// m · H + j is head j of module m.
///
/// # Deviations
/// - A token without others in its sample attends to nothing: the outputs of its heads are zeros
///   (M is silent on sequences of one token).
#[derive(Module, Debug)]
pub struct MhaNetwork {
    encoder: Coder,
    query: Linear,
    key: Linear,
    value: Linear,
    own: Linear,
    body: MhaBody,
    scorer: Option<Coder>,
    decoder: Option<Coder>,
    #[module(skip)]
    shape: RuleShape,
}

impl MhaNetwork {
    pub(super) fn new(shape: &RuleShape, source: Source) -> Self {
        let body = match shape.kind {
            RuleKind::Monolithic => MhaBody::Whole(source.coder("model.out_proj")),
            _ => MhaBody::Modules(source.modules("model.out_proj")),
        };
        Self {
            encoder: source.coder("encoder"),
            query: source.linear("model.query_net"),
            key: source.linear("model.key_net"),
            value: source.linear("model.value_net"),
            own: source.linear("model.in_"),
            body,
            scorer: (shape.kind == RuleKind::ModularOp).then(|| source.coder("model.scorer")),
            decoder: shape.decoder.then(|| source.coder("decoder")),
            shape: shape.clone(),
        }
    }

    /// See [`super::RuleNetwork::forward`].
    pub fn forward(&self, inputs: &Inputs, guide: Option<&mut dyn Guide>) -> Answer {
        let (rows, m) = (inputs.samples * inputs.length, self.shape.modules);
        let d = self.shape.head_width();
        let contexts = &inputs.contexts[0];
        let encoded = self.encoder.forward(inputs.told());
        let heads = self.heads(&encoded, [inputs.samples, inputs.length]);
        let own = self.own.forward(encoded.clone());
        let (y, weights) = match &self.body {
            MhaBody::Whole(whole) => (whole.forward(Tensor::cat(vec![heads, own], 1)), None),
            MhaBody::Modules(modules) => {
                let heads = heads.reshape([rows, m, HEADS * d]);
                let sees = Tensor::cat(vec![heads, own.reshape([rows, m, d])], 2);
                let weights = match (guide, &self.scorer) {
                    (Some(guide), _) => Some(guide.weights(0, &encoded, contexts)),
                    (None, Some(scorer)) => {
                        let table = activation::softmax(scorer.forward(contexts.all()), 1);
                        Some(Weights::Soft(contexts.look_up(table)))
                    }
                    (None, None) => contexts.weights(&self.shape),
                };
                let (y, weights) = modules.forward(Sees::Own(sees), weights);
                (y, Some(weights))
            }
        };
        let output = self.decoder.as_ref().map_or(y.clone(), |decoder| decoder.forward(y));
        Answer { output, activation: weights.map(|weights| weights.activation(m)) }
    }

    /// softmax(q kᵀ / √d) v of each head, over the other tokens. [B · L, dim] → [B · L, M · H · d]
    fn heads(&self, encoded: &Tensor<2>, [samples, length]: [usize; 2]) -> Tensor<2> {
        let (heads, d) = (HEADS * self.shape.modules, self.shape.head_width());
        let split = |layer: &Linear| {
            let x = layer.forward(encoded.clone());
            x.reshape([samples, length, heads, d]).swap_dims(1, 2)
        };
        let query = split(&self.query) * (d as f64).powf(-0.5);
        let logits = query.matmul(split(&self.key).swap_dims(2, 3));
        let mut others = vec![1.0f32; length * length];
        (0..length).for_each(|token| others[token * length + token] = 0.0);
        let others = TensorData::new(others, [1, 1, length, length]);
        let others = Tensor::<4>::from_data(others, &encoded.device());
        let weights = activation::softmax(logits + (others.clone() - 1.0) * 1e30, 3) * others;
        let attended = weights.matmul(split(&self.value));
        attended.swap_dims(1, 2).reshape([samples * length, heads * d])
    }

    /// Parameters that are stacked by module.
    pub(super) fn stacked(&self) -> Vec<ParamId> {
        let MhaBody::Modules(modules) = &self.body else { return Vec::new() };
        let projections = [&self.query, &self.key, &self.value, &self.own];
        let of_layers = projections.into_iter().flat_map(|layer| [layer.weight.id, layer.bias.id]);
        of_layers.chain(modules.stacked()).collect()
    }
}

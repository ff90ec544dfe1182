//! Modules that are perceptrons (M section 4).

use burn::module::{Module, ParamId};
use burn::tensor::{Tensor, activation};

use super::parts::{Coder, Linear, Modules, Sees, Source};
use super::{Answer, Contexts, Guide, Inputs, Weights};
use crate::rule::shape::{RuleKind, RuleShape};

/// What stands between encoders and decoder.
#[derive(Module, Debug)]
pub enum MlpBody {
    /// `Monolithic`
    Whole(Coder),
    /// All others
    Modules(Modules),
}

/// x₁ and x₂ through one encoder, c through its own; [x₁, x₂, c] through the modules, their sum
/// through the decoder.
///
/// # Deviations
/// - Where two rules are composed (appendix of M), the whole network, encoders and decoder
///   included, is applied twice: ŷ₁ of (x₁, x₂, c₁), then ŷ of (ŷ₁, x₂, c₂). The text at hand does
///   not describe that network. In classification ŷ₁ is a logit, which nothing but the final label
///   trains.
#[derive(Module, Debug)]
pub struct MlpNetwork {
    encoder_digit: Coder,
    encoder_operation: Coder,
    body: MlpBody,
    scorer: Option<Linear>,
    decoder: Option<Coder>,
    #[module(skip)]
    shape: RuleShape,
}

impl MlpNetwork {
    pub(super) fn new(shape: &RuleShape, source: Source) -> Self {
        let body = match shape.kind {
            RuleKind::Monolithic => MlpBody::Whole(source.coder("MLP")),
            _ => MlpBody::Modules(source.modules("MLP")),
        };
        Self {
            encoder_digit: source.coder("encoder_digit"),
            encoder_operation: source.coder("encoder_operation"),
            body,
            scorer: (shape.kind == RuleKind::ModularOp).then(|| source.linear("scorer")),
            decoder: shape.decoder.then(|| source.coder("decoder")),
            shape: shape.clone(),
        }
    }

    /// See [`super::RuleNetwork::forward`].
    pub fn forward(&self, inputs: &Inputs, mut guide: Option<&mut dyn Guide>) -> Answer {
        let (rows, modules) = (inputs.x.dims()[0], self.shape.modules);
        let mut x = inputs.x.clone();
        let mut output = None;
        let mut activations: Vec<Tensor<3>> = Vec::new();
        for (depth, contexts) in inputs.contexts.iter().enumerate() {
            if let Some(before) = output.take() {
                x = Tensor::cat(vec![before, x.narrow(1, 1, 1)], 1);
            }
            let (y, weights) = self.once(x.clone(), (depth, contexts), guide.as_deref_mut());
            activations.extend(weights.map(|w| w.activation(modules).unsqueeze_dim(1)));
            output = Some(y);
        }
        let depths = activations.len();
        let activation =
            (depths > 0).then(|| Tensor::cat(activations, 1).reshape([rows * depths, modules]));
        Answer { output: output.expect("a batch has a depth of at least 1"), activation }
    }

    /// One application. [R, 2] → [R, outputs]
    fn once<'g>(
        &self,
        x: Tensor<2>,
        (depth, contexts): (usize, &Contexts),
        guide: Option<&mut (dyn Guide + 'g)>,
    ) -> (Tensor<2>, Option<Weights>) {
        let (rows, e) = (x.dims()[0], self.shape.encoder);
        let digits = self.encoder_digit.forward(x.reshape([rows * 2, 1])).reshape([rows, 2 * e]);
        let codes = self.encoder_operation.forward(contexts.all());
        let encoded = Tensor::cat(vec![digits, contexts.look_up(codes.clone())], 1);
        let (y, weights) = match &self.body {
            MlpBody::Whole(whole) => (whole.forward(encoded), None),
            MlpBody::Modules(modules) => {
                let weights = match (guide, &self.scorer) {
                    (Some(guide), _) => Some(guide.weights(depth, &encoded, contexts)),
                    (None, Some(scorer)) => {
                        let table = activation::softmax(scorer.forward(codes), 1);
                        Some(Weights::Soft(contexts.look_up(table)))
                    }
                    (None, None) => contexts.weights(&self.shape),
                };
                let (y, weights) = modules.forward(Sees::Same(encoded), weights);
                (y, Some(weights))
            }
        };
        (self.decoder.as_ref().map_or(y.clone(), |decoder| decoder.forward(y)), weights)
    }

    /// Parameters that are stacked by module.
    pub(super) fn stacked(&self) -> Vec<ParamId> {
        match &self.body {
            MlpBody::Whole(_) => Vec::new(),
            MlpBody::Modules(modules) => modules.stacked(),
        }
    }
}

//! Pairs through routed blocks or attentions.

use burn::tensor::{Device, Tensor};
use pathweave_data::text::Sentences;

use super::{RoutedPart, Transformer};
use crate::dispatcher::online::gated;
use crate::init::Init;
use crate::kernel::segment_sum::gather_rows;
use crate::model::{Forward, Network, Trunk};
use crate::noise::Noise;
use crate::routed_layer::RoutedLayer;
use crate::spec::CheckedSpec;
use crate::trajectory::{Drive, Rows, Trajectory};

impl Network {
    /// Encodes pairs where blocks or attentions of the transformer are routed: one decision a pair and
    /// layer. 2B sentences → [B, D], decisions
    pub(in crate::model::text) fn routed_blocks(
        &self,
        (transformer, layer): (&Transformer, &RoutedLayer),
        (sentences, device): (&Sentences, &Device),
        rows: &Rows,
        agents: Option<Vec<u32>>,
        (drive, noise): (Drive<'_>, &Noise),
    ) -> (Tensor<2>, Forward) {
        let joined = transformer.join(sentences);
        let (agents, dispatch) = match agents {
            Some(agents) => (agents, None),
            None => self.dispatch(layer, sentences, device, rows, (drive, noise)),
        };
        let (h, words) = (transformer.embed(&joined), &joined.sequences);
        let (h, trajectory) =
            layer.forward_sequences(agents, (h, words), rows, &transformer.rests, (drive, noise));
        let h = gather_rows(h, &words.last());
        let h = match &dispatch {
            Some(step) => gated(h, &step.choice),
            None => h,
        };
        let mut out = Forward::empty(&h);
        out.trajectory = Some(Trajectory { dispatch, ..trajectory });
        (h, out)
    }

    /// Puts an encoder that was trained elsewhere in the place of the network's, its routed part as
    /// copies with the noise that [`Network::new`] draws.
    pub(crate) fn start_from(&mut self, encoder: Transformer, spec: &CheckedSpec, init: &Init) {
        let settings = &spec.model.text;
        let (mut routed, mut modules) = (RoutedPart::Classifier, 1);
        if let (true, Trunk::Routed(layer)) = (spec.routes_encoder(), &self.trunk) {
            (routed, modules) = (settings.routed, layer.bank(0).modules());
        }
        let copies = (modules, settings.transformer.noise);
        let (encoder, banks) = encoder.split(routed, copies, &place(init));
        if let (false, Trunk::Routed(layer)) = (banks.is_empty(), &mut self.trunk) {
            layer.banks = banks;
        }
        if let Some(text) = &mut self.text {
            text.transformer = Some(encoder);
        }
    }
}

/// Where a network's transformer draws its numbers.
pub(crate) fn place<'a>(init: &Init<'a>) -> Init<'a> {
    init.at("text").at("transformer")
}

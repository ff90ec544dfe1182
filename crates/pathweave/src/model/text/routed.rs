//! The routed layer inside the text encoder.

use burn::tensor::{Device, Tensor};
use pathweave_data::text::Sentences;

use super::{DecidesFor, side_by_side};
use crate::dispatcher::online::gated;
use crate::kernel::segment_sum::segment_sum;
use crate::model::{Forward, Network, Trunk};
use crate::noise::Noise;
use crate::routed_layer::{RoutedLayer, words};
use crate::trajectory::{Drive, Rows, Step, Trajectory};

impl Network {
    /// Encodes pairs where a part of the encoder is routed. 2B sentences → [B, 2·width], decisions
    ///
    /// # Panics
    /// If the trunk is no routed layer: nothing else may stand in an encoder.
    pub(crate) fn routed_text(
        &self,
        (sentences, device): (&Sentences, &Device),
        rows: &Rows,
        agents: Option<Vec<u32>>,
        (drive, noise): (Drive<'_>, &Noise),
    ) -> (Tensor<2>, Forward) {
        let Trunk::Routed(layer) = &self.trunk else {
            panic!("only a router stands in an encoder")
        };
        let encoder = self.encoder();
        if let Some(transformer) = &encoder.transformer {
            let part = (transformer, layer);
            return self.routed_blocks(part, (sentences, device), rows, agents, (drive, noise));
        }
        let looked = encoder.look_up(sentences, device);
        let units = encoder.units(sentences, looked.row_of, rows);
        let (agents, dispatch) = match agents {
            Some(agents) => (agents, None),
            None => self.dispatch(layer, sentences, device, rows, (drive, noise)),
        };
        let agents = units.owner.iter().map(|&owner| agents[owner as usize]).collect();
        let (x, row_of, trajectory) =
            layer.forward_words(agents, looked.vectors, &units.words, &units.rows, (drive, noise));
        let h = side_by_side(segment_sum(x, &row_of.into(), &sentences.starts[..].into()));
        let h = match &dispatch {
            Some(step) => gated(h, &step.choice),
            None => h,
        };
        let mut out = Forward::empty(&h);
        out.trajectory = Some(Trajectory { dispatch, ..trajectory });
        out.units = (encoder.decides_for() != DecidesFor::Pair).then_some(units);
        (h, out)
    }

    /// The agent of each pair \[B\], and the decision behind it where one was made.
    pub(super) fn dispatch(
        &self,
        layer: &RoutedLayer,
        sentences: &Sentences,
        device: &Device,
        rows: &Rows,
        (drive, noise): (Drive<'_>, &Noise),
    ) -> (Vec<u32>, Option<Step>) {
        let looked = self.encoder().look_up(sentences, device);
        let seen = words::mean(looked.vectors, &looked.row_of, &sentences.starts);
        layer.router.dispatch(&side_by_side(seen), rows, drive, noise, layer.depths())
    }
}

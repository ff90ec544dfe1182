//! The routed layer inside the text encoder.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};
use pathweave_data::text::Sentences;

use super::{DecidesFor, Looked, Lstm, RoutedPart, Units, side_by_side, starts_of};
use crate::dispatcher::online::gated;
use crate::kernel::segment_sum::segment_sum;
use crate::model::{Forward, Network, Trunk};
use crate::noise::Noise;
use crate::routed_layer::{RoutedLayer, words};
use crate::trajectory::{Drive, Rows, Step, Trajectory};

/// The routed layer, the agent of each decision, the decisions' words, who decides.
type Decider<'a> = (&'a RoutedLayer, Vec<u32>, &'a Units, (Drive<'a>, &'a Noise<'a>));

/// Words through the routed layer: distinct results, which of them each word is, decisions.
fn words_of(
    vectors: Tensor<2>,
    (layer, agents, units, driven): Decider<'_>,
) -> (Tensor<2>, Vec<u32>, Trajectory) {
    layer.forward_words(agents, vectors, &units.words, &units.rows, driven)
}

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
        let starts = starts_of(sentences);
        let decider = (layer, agents, &units, (drive, noise));
        let (h, trajectory) = match encoder.routed() {
            RoutedPart::InputToHidden => self.routed_input(looked.vectors, &starts, decider),
            RoutedPart::HiddenToHidden => self.routed_state(looked.vectors, &starts, decider),
            _ => {
                let (x, row_of, trajectory) = words_of(looked.vectors, decider);
                (segment_sum(x, &row_of.into(), &starts), trajectory)
            }
        };
        let h = side_by_side(h);
        let h = match &dispatch {
            Some(step) => gated(h, &step.choice),
            None => h,
        };
        let mut out = Forward::empty(&h);
        out.trajectory = Some(Trajectory { dispatch, ..trajectory });
        out.units = (encoder.decides_for() != DecidesFor::Pair).then_some(units);
        (h, out)
    }

    /// Sentences whose words' part of an LSTM's gates is routed. → [2B, H], decisions
    fn routed_input(
        &self,
        vectors: Tensor<2>,
        starts: &Arc<[u32]>,
        decider: Decider<'_>,
    ) -> (Tensor<2>, Trajectory) {
        let bank = decider.0.bank(0);
        let (gates, row_of, trajectory) = words_of(vectors, decider);
        (self.lstm().routed_input(bank.pass(gates), row_of, starts), trajectory)
    }

    /// Sentences whose state's part of an LSTM's gates is routed: decided before the recurrence.
    /// → [2B, H], decisions
    fn routed_state(
        &self,
        vectors: Tensor<2>,
        starts: &Arc<[u32]>,
        (layer, agents, units, driven): Decider<'_>,
    ) -> (Tensor<2>, Trajectory) {
        let words = &units.words;
        let seen = match &layer.router.sight.state {
            Some(_) => words::mean(vectors.clone(), &words.row_of, &words.starts),
            None => vectors.clone(),
        };
        let trajectory = layer.decide_ahead(agents, &seen, &units.rows, driven);
        let sentences = starts.len() as u32 - 1;
        let of: Vec<u32> = match self.encoder().decides_for() {
            DecidesFor::Sentence => (0..sentences).collect(),
            _ => (0..sentences).map(|sentence| sentence / 2).collect(),
        };
        let looked = Looked { vectors, row_of: words.row_of.clone() };
        (self.lstm().routed_state(looked, starts, layer, (&of, &trajectory)), trajectory)
    }

    /// The LSTM of the encoder.
    fn lstm(&self) -> &Lstm {
        self.encoder().lstm.as_ref().expect("what is routed is a part of an LSTM")
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
        // Labels need no sight of the words.
        if let Some(agents) = layer.router.sight.dispatcher.assign(rows) {
            return (agents, None);
        }
        let looked = self.encoder().look_up(sentences, device);
        let seen = words::mean(looked.vectors, &looked.row_of, &starts_of(sentences));
        layer.router.dispatch(&side_by_side(seen), rows, drive, noise, layer.depths())
    }
}

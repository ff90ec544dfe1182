//! Builds a network for sentence pairs from a checked spec.

use pathweave_data::TaskSet;
use pathweave_data::text::Texts;

use super::TextEncoder;
use super::transformer::place;
use crate::block::{Activation, LinearBlock};
use crate::init::Init;
use crate::model::build::{Plan, projection};
use crate::model::{BuildError, ConvBase, Network};
use crate::spec::CheckedSpec;

impl Network {
    /// A network for sentence pairs (T 5.3.1).
    pub(in crate::model) fn of_texts(
        spec: &CheckedSpec,
        data: &TaskSet,
        texts: &Texts,
        init: &Init,
    ) -> Result<Self, BuildError> {
        let m = &spec.model;
        let base = ConvBase { blocks: Vec::new() };
        let mut encoder = TextEncoder::new(&m.text, texts, m.task_input, &init.at("text"));
        let pair = encoder.pair_width();
        if !spec.routes_encoder() {
            let (projection, entry) = projection(spec, pair, init);
            let plan = Plan::new(spec, data, entry);
            let (trunk, output, clusters) = plan.rest(data, init)?;
            let (text, head, task_input) = (Some(encoder), Vec::new(), 0);
            return Ok(Self { base, text, projection, trunk, head, output, clusters, task_input });
        }
        let plan = match encoder.transformer.take() {
            Some(transformer) => {
                let plan = Plan::of_blocks(spec, data, texts.width);
                let copies = (plan.modules(0), m.text.transformer.noise);
                let (rest, banks) = transformer.split(m.text.routed, copies, &place(init));
                encoder.transformer = Some(rest);
                plan.with(banks)
            }
            None => Plan::of_encoder(spec, data, &encoder),
        };
        let (trunk, _, clusters) = plan.rest(data, init)?;
        let mut widths = vec![pair];
        widths.extend(&m.hidden);
        let layer = |(depth, widths): (usize, &[usize])| {
            let init = init.at("head").at(depth);
            LinearBlock::new(widths[0], widths[1], Activation::Relu, &init)
        };
        let head = widths.windows(2).enumerate().map(layer).collect();
        let last = *widths.last().expect("there is the pair's width");
        let id = Activation::Identity;
        let output = Some(LinearBlock::new(last, data.classes, id, &init.at("output")));
        let (text, projection, task_input) = (Some(encoder), None, 0);
        Ok(Self { base, text, projection, trunk, head, output, clusters, task_input })
    }
}

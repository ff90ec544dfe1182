//! Builds a network from a checked spec.

use pathweave_data::TaskSet;
use thiserror::Error;

use super::build_router::words;
use super::text::{RoutedPart, TextEncoder};
use super::{ConvBase, CrossStitch, Gating, Network, SoftMixture, SparseMixture, Trunk};
use crate::bank::{Bank, GATES, GateBank, LinearBank};
use crate::block::{Activation, BlockKind, LinearBlock};
use crate::decision::{AlgorithmKind, AlgorithmSettings, Decision};
use crate::dispatcher::Dispatcher;
use crate::dispatcher::encoding::EncodingShape;
use crate::dispatcher::offline::Clusters;
use crate::init::Init;
use crate::policy::{Policy, PolicyShape};
use crate::routed_layer::{ExtraActions, RoutedLayer};
use crate::router::{Router, Sight};
use crate::spec::{Banks, CheckedSpec, ModelKind, Output, Place, SubRouters};

/// A spec that does not fit its data.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BuildError {
    /// The base halves the image once a block.
    #[error(
        "model.base.blocks: found {blocks}, but images of {height}x{width} allow at most {most} \
         halvings"
    )]
    ImageTooSmall {
        /// Blocks asked for
        blocks: usize,
        /// Image height
        height: usize,
        /// Image width
        width: usize,
        /// Largest number of blocks
        most: u32,
    },
    /// A module that is to be frozen does not exist.
    #[error("model.frozen: found \"{place}\", but depth {} has {modules} modules", place.depth)]
    NoSuchModule {
        /// What was asked for
        place: Place,
        /// Modules at that depth
        modules: usize,
    },
}

pub(in crate::model) type Rest = (Trunk, Option<LinearBlock>, Option<Clusters>);

/// Layer widths of the trunk, and what surrounds it.
pub(in crate::model) struct Plan<'a> {
    pub(super) spec: &'a CheckedSpec,
    pub(super) tasks: usize,
    /// Width of what enters the trunk, then of each depth's output
    pub(super) widths: Vec<usize>,
    pub(super) depths: usize,
    /// Widest activation that a sub-router sees
    pub(super) seen: usize,
    /// Whether modules drive the four gates of a long short-term memory
    gates: bool,
    /// Width of the activation that a dispatcher that learns may see
    pub(super) dispatched: usize,
    /// Of what it may read
    pub(super) words: EncodingShape,
    /// Banks that are known before, one a depth; none where they are drawn
    given: Vec<Bank>,
    /// Whether all depths choose from one bank
    shared: bool,
    /// Whether the last depth answers
    answers: bool,
}

impl Network {
    /// A network for a data set, its parameters drawn from `init`.
    ///
    /// # Errors
    /// Where the images are too small for the base.
    pub fn new(spec: &CheckedSpec, data: &TaskSet, init: &Init) -> Result<Self, BuildError> {
        if let Some(texts) = &data.texts {
            return Self::of_texts(spec, data, texts, init);
        }
        let (m, shape) = (&spec.model, data.shape);
        let least = shape.height.min(shape.width);
        if (least >> m.base.blocks.min(31)) == 0 {
            let (blocks, height, width) = (m.base.blocks, shape.height, shape.width);
            return Err(BuildError::ImageTooSmall { blocks, height, width, most: least.ilog2() });
        }
        let base = ConvBase::new(m.base.blocks, shape.channels, m.base.filters, &init.at("base"));
        let channels = if m.base.blocks == 0 { shape.channels } else { m.base.filters };
        let task_input = if m.task_input { data.tasks } else { 0 };
        let features =
            ConvBase::features(m.base.blocks, channels, shape.height, shape.width) + task_input;

        let (projection, entry) = projection(spec, features, init);
        let plan = Plan::new(spec, data, entry);
        let (trunk, output, clusters) = plan.rest(data, init)?;
        let (text, head) = (None, Vec::new());
        Ok(Self { base, text, projection, trunk, head, output, clusters, task_input })
    }
}

/// Brings features to the width that rows keep, where they keep one; the width that follows.
pub(in crate::model) fn projection(
    spec: &CheckedSpec,
    features: usize,
    init: &Init,
) -> (Option<LinearBlock>, usize) {
    let m = &spec.model;
    let keeps_width = spec.rows_may_pass() || m.banks == Banks::Shared;
    if !keeps_width || features == m.hidden[0] {
        return (None, features);
    }
    let init = init.at("projection");
    (Some(LinearBlock::new(features, m.hidden[0], Activation::Relu, &init)), m.hidden[0])
}

impl<'a> Plan<'a> {
    pub(in crate::model) fn new(spec: &'a CheckedSpec, data: &TaskSet, entry: usize) -> Self {
        let m = &spec.model;
        let (shared, answers) = (m.banks == Banks::Shared, m.output == Output::Routed);
        let mut widths = vec![entry];
        if shared {
            widths = vec![m.hidden[0]; spec.router.max_depth + 1];
        } else {
            widths.extend(&m.hidden);
            if answers {
                widths.push(data.classes);
            }
        }
        let depths = widths.len() - 1;
        let (tasks, dispatched, gates) = (data.tasks, widths[0], false);
        let (words, given) = (words(spec, data), Vec::new());
        let seen = widths[..depths].iter().copied().max().unwrap_or(0);
        Self { spec, tasks, widths, depths, seen, gates, dispatched, words, given, shared, answers }
    }

    /// Of a layer inside the text encoder: one bank for all depths.
    pub(in crate::model) fn of_encoder(
        spec: &'a CheckedSpec,
        data: &TaskSet,
        encoder: &TextEncoder,
    ) -> Self {
        let depths = spec.router.max_depth;
        let (word, width) = (encoder.word_width(), encoder.width());
        let mut widths = vec![width; depths + 1];
        let (gates, seen) = match encoder.routed() {
            // The first module sees a word, the others what it made of it for four gates.
            RoutedPart::InputToHidden => {
                widths[0] = word;
                (true, if depths > 1 { word.max(GATES * width) } else { word })
            }
            RoutedPart::HiddenToHidden => (true, word),
            _ => (false, width),
        };
        let (tasks, dispatched, words) = (data.tasks, 2 * word, words(spec, data));
        let (shared, answers, given) = (true, false, Vec::new());
        Self { spec, tasks, widths, depths, seen, gates, dispatched, words, given, shared, answers }
    }

    /// Of the blocks of a transformer, whose words keep their width: a bank for each. `word` is the
    /// width of the data's word vectors, which a dispatcher sees.
    pub(in crate::model) fn of_blocks(spec: &'a CheckedSpec, data: &TaskSet, word: usize) -> Self {
        let settings = &spec.model.text.transformer;
        let (depths, seen, gates) = (settings.layers, settings.width, false);
        let widths = vec![settings.width; depths + 1];
        let (tasks, dispatched, words) = (data.tasks, 2 * word, words(spec, data));
        let (shared, answers, given) = (false, false, Vec::new());
        Self { spec, tasks, widths, depths, seen, gates, dispatched, words, given, shared, answers }
    }

    /// With banks that are known before, one a depth.
    pub(in crate::model) fn with(self, given: Vec<Bank>) -> Self {
        Self { given, ..self }
    }

    /// Everything behind the base: trunk, output layer, clusters.
    pub(in crate::model) fn rest(&self, data: &TaskSet, init: &Init) -> Result<Rest, BuildError> {
        let (m, r) = (&self.spec.model, &self.spec.router);
        let last = *self.widths.last().expect("a trunk has at least one layer");
        let output = (!self.answers).then(|| {
            LinearBlock::new(last, data.classes, Activation::Identity, &init.at("output"))
        });
        if let Some(&place) =
            m.frozen.iter().find(|place| place.module >= self.modules(place.depth))
        {
            return Err(BuildError::NoSuchModule { place, modules: self.modules(place.depth) });
        }
        let trunk = self.trunk(&init.at("trunk"));
        let clustered = m.kind == ModelKind::Routed && r.dispatcher.is_offline();
        let clusters =
            clustered.then(|| Clusters::new(r.dispatcher, &r.dispatch, self.agents(), data, init));
        Ok((trunk, output, clusters))
    }

    /// Modules at a depth.
    pub(in crate::model) fn modules(&self, depth: usize) -> usize {
        let asked = self.spec.model.modules;
        let all = if asked == 0 { self.tasks } else { asked };
        match self.spec.model.kind {
            ModelKind::Unrouted => 1,
            ModelKind::TaskSpecific1Fc if depth + 1 < self.depths => 1,
            ModelKind::TaskSpecific1Fc | ModelKind::TaskSpecificAllFc => self.tasks,
            _ => all,
        }
    }

    /// The layer that answers has no activation.
    fn activation(&self, depth: usize) -> Activation {
        if self.answers && depth + 1 == self.depths {
            Activation::Identity
        } else {
            Activation::Relu
        }
    }

    fn bank(&self, depth: usize, kinds: &[BlockKind], init: &Init) -> Bank {
        let (modules, init) = (self.modules(depth), init.at("bank").at(depth));
        let (input, output) = (self.widths[depth], self.widths[depth + 1]);
        if self.gates {
            return Bank::Gates(GateBank::new(modules, input, output, &init));
        }
        Bank::new(modules, kinds, input, output, self.activation(depth), &init)
    }

    fn banks(&self, init: &Init) -> Vec<Bank> {
        if !self.given.is_empty() {
            return self.given.clone();
        }
        let count = if self.shared { 1 } else { self.depths };
        (0..count).map(|depth| self.bank(depth, &self.spec.model.blocks, init)).collect()
    }

    fn trunk(&self, init: &Init) -> Trunk {
        match self.spec.model.kind {
            ModelKind::Routed => Trunk::Routed(self.routed(init)),
            ModelKind::SoftMixture => {
                let gate = |depth: usize| {
                    let shape = PolicyShape { slots: 1, ..self.policy(self.modules(depth)) };
                    Policy::new(&shape, shape.actions, &init.at("gate").at(depth))
                };
                let gates = (0..self.depths).map(gate).collect();
                Trunk::SoftMixture(SoftMixture::new(gates, self.banks(init), self.sight()))
            }
            ModelKind::TopK => self.sparse(Gating::TopK(self.spec.model.top_k.clone()), init),
            ModelKind::Switch => self.sparse(Gating::Switch(self.spec.model.switch.clone()), init),
            ModelKind::CrossStitch => {
                let layer = |depth: usize| {
                    let (input, output) = (self.widths[depth], self.widths[depth + 1]);
                    let init = init.at("bank").at(depth);
                    LinearBank::new(
                        self.modules(depth),
                        input,
                        output,
                        self.activation(depth),
                        &init,
                    )
                };
                let banks = (0..self.depths).map(layer).collect();
                Trunk::CrossStitch(CrossStitch::new(banks, self.spec.model.stitch_own, init))
            }
            _ => Trunk::Routed(self.assigned(init)),
        }
    }

    fn sparse(&self, gating: Gating, init: &Init) -> Trunk {
        let gate = |depth: usize| {
            let columns = gating.columns(self.modules(depth));
            Policy::new(&self.policy(columns), columns, &init.at("gate").at(depth))
        };
        let gates = (0..self.depths).map(gate).collect();
        let init_shares = init.at("shares");
        let (banks, sight) = (self.banks(init), self.sight());
        Trunk::SparseMixture(SparseMixture::new(gates, banks, sight, gating, &init_shares))
    }

    /// The module of a row follows from its task alone.
    fn assigned(&self, init: &Init) -> RoutedLayer {
        let sub_routers = (0..self.depths)
            .map(|depth| {
                let modules = self.modules(depth);
                let shape = self.policy(modules);
                let settings = AlgorithmSettings::default();
                Decision::new(AlgorithmKind::Assigned, &settings, &shape, modules, init)
            })
            .collect();
        let dispatcher = Dispatcher::Meta;
        let sight = Sight { dispatcher, state: None, ..self.sight() };
        let router = Router::new(sub_routers, sight);
        RoutedLayer::new(router, self.banks(init), self.depths, ExtraActions::default())
    }

    fn routed(&self, init: &Init) -> RoutedLayer {
        let r = &self.spec.router;
        let extra = ExtraActions { skip: r.skip, terminate: r.terminate };
        let settings = self.spec.router.settings();
        let count = if r.sub_routers == SubRouters::Single { 1 } else { self.depths };
        let sub_routers = (0..count)
            .map(|index| {
                let modules = self.modules(index);
                let shape = PolicyShape {
                    slots: if count == 1 { self.depths } else { 1 },
                    ..self.policy(modules + extra.count())
                };
                let init = init.at("router").at(index);
                Decision::new(r.algorithm, &settings, &shape, modules, &init)
            })
            .collect();
        let mut router = Router::new(sub_routers, self.sight());
        if r.dispatcher.is_online() {
            router = router.dispatched_by(self.online(&init.at("dispatcher")));
        }
        RoutedLayer::new(router, self.banks(init), self.depths, extra)
    }
}

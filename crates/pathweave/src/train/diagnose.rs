//! Where the first number that is not finite is. Looked for only after a loss was found bad: the
//! forward pass is run again, one depth further each time, so that good steps pay nothing.

use std::collections::BTreeSet;
use std::fmt;

use burn::tensor::Tensor;

use crate::decision::DecisionAlgorithm;
use crate::model::{ConvBase, Features, Input, Network, Trunk};
use crate::noise::Noise;
use crate::reward::Returns;
use crate::routed_layer::RoutedLayer;
use crate::trajectory::{Drive, Heads, Rows, Seen, Trajectory};

/// A place in the forward pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The images, or the encoded sentences, of the batch
    Input,
    /// Output of a block of the convolutional base
    Base {
        /// From 0
        block: usize,
    },
    /// Output of the projection between base and trunk
    Projection,
    /// What a dispatcher makes of the premises that it reads
    Dispatcher,
    /// Action values, logits or probabilities of a sub-router, or its loss
    Router {
        /// Depth t, from 0
        depth: usize,
    },
    /// Outputs of modules
    Modules {
        /// Depth t, from 0
        depth: usize,
        /// Those that some bad row chose, from 0; empty where all modules are mixed
        modules: Vec<u32>,
    },
    /// Output of the last layer, where it is not part of the trunk
    Output,
    /// Return of a decision
    Reward {
        /// Depth t, from 0
        depth: usize,
    },
    /// Nothing before the loss itself
    Loss,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = "the first number that is not finite is in";
        match self {
            Self::Input => write!(f, "{first} the inputs"),
            Self::Base { block } => write!(f, "{first} block {block} of the base"),
            Self::Projection => write!(f, "{first} the projection before the trunk"),
            Self::Dispatcher => write!(f, "{first} the dispatcher"),
            Self::Router { depth } => write!(f, "{first} the router at depth {depth}"),
            Self::Modules { depth, modules } if modules.is_empty() => {
                write!(f, "{first} the modules at depth {depth}")
            }
            Self::Modules { depth, modules } => {
                write!(f, "{first} the modules at depth {depth} (chosen there: {modules:?})")
            }
            Self::Output => write!(f, "{first} the output layer"),
            Self::Reward { depth } => write!(f, "{first} the rewards at depth {depth}"),
            Self::Loss => write!(f, "every number before it is finite"),
        }
    }
}

/// The first bad place of a forward pass with batch statistics; `None` where there is none.
pub(super) fn forward(
    network: &Network,
    input: Input,
    rows: &Rows,
    drive: Drive<'_>,
    noise: &Noise,
) -> Option<Place> {
    let images = match &input {
        Input::Images(images) => images.clone(),
        Input::Texts { .. } => return text(network, input, rows, drive, noise),
    };
    let agents = network.agents(&input);
    if !finite(&images) {
        return Some(Place::Input);
    }
    let base = |blocks: usize| {
        let part = ConvBase { blocks: network.base.blocks[..blocks].to_vec() };
        part.forward_train(images.clone()).0
    };
    let blocks = network.base.blocks.len();
    if let Some(block) = (0..blocks).find(|block| !finite(&base(block + 1))) {
        return Some(Place::Base { block });
    }
    trunk(network, base(blocks), (rows, agents), drive, noise)
}

/// In the encoder, then in what follows it.
fn text(
    network: &Network,
    input: Input,
    rows: &Rows,
    drive: Drive<'_>,
    noise: &Noise,
) -> Option<Place> {
    let told = network.told(&input);
    let features = network.features(input, rows);
    if matches!(&features, Features::Rows(h) if !finite(h)) {
        return Some(Place::Input);
    }
    let (agents, dispatch) = network.dispatched(&told, rows, (drive, noise));
    if dispatch.is_some_and(|step| bad_heads(&step.heads)) {
        return Some(Place::Dispatcher);
    }
    let (sentences, device) = match features {
        Features::Rows(h) => return trunk(network, h, (rows, agents), drive, noise),
        Features::Texts { sentences, device } => (sentences, device),
    };
    let Trunk::Routed(layer) = &network.trunk else { return None };
    let mut last = None;
    for depth in 0..layer.depths() {
        let part = Network { trunk: Trunk::Routed(layer.first(depth + 1)), ..network.clone() };
        let at = (&sentences, &device);
        let (h, out) = part.routed_text(at, rows, agents.clone(), (drive, noise));
        let Some(step) = out.trajectory.as_ref().and_then(|decided| decided.steps.get(depth))
        else {
            break;
        };
        if bad_heads(&step.heads) {
            return Some(Place::Router { depth });
        }
        let bad = bad_rows(&h);
        let owner = |unit: usize| out.units.as_ref().map_or(unit, |u| u.owner[unit] as usize);
        let chosen = step.actions.iter().enumerate().filter(|(unit, _)| bad[owner(*unit)]);
        let modules: BTreeSet<u32> = chosen.map(|(_, &action)| action).collect();
        if !modules.is_empty() {
            return Some(Place::Modules { depth, modules: modules.into_iter().collect() });
        }
        last = Some(h);
    }
    after(network, last?)
}

/// The layers behind the trunk.
fn after(network: &Network, h: Tensor<2>) -> Option<Place> {
    let h = network.head.iter().fold(h, |h, layer| layer.forward(h));
    let out = network.output.as_ref().map_or(h.clone(), |output| output.forward(h));
    (!finite(&out)).then_some(Place::Output)
}

fn trunk(
    network: &Network,
    features: Tensor<2>,
    (rows, agents): (&Rows, Option<Vec<u32>>),
    drive: Drive<'_>,
    noise: &Noise,
) -> Option<Place> {
    let h = network.enter(features, rows);
    if !finite(&h) {
        return Some(Place::Projection);
    }
    let (h, place) = match &network.trunk {
        Trunk::Routed(layer) => routed(layer, h, (rows, agents), drive, noise),
        Trunk::SoftMixture(layer) => {
            let depths = layer.banks.len();
            plain(depths, h, |depths, h| layer.first(depths).forward(h, rows).0)
        }
        Trunk::SparseMixture(layer) => {
            let depths = layer.banks.len();
            plain(depths, h, |depths, h| layer.first(depths).forward(h, rows, true, noise).h)
        }
        Trunk::CrossStitch(layer) => {
            let depths = layer.banks.len();
            plain(depths, h, |depths, h| layer.first(depths).forward(h, rows))
        }
    };
    place.or_else(|| after(network, h))
}

/// Whether some number of a sub-router is no sound one. −∞ is a logit like others: of an action that
/// must not be taken.
fn bad_heads(heads: &Heads) -> bool {
    let action = heads.action.to_data();
    let bad = |value: f32| value.is_nan() || value == f32::INFINITY;
    action.iter::<f32>().any(bad) || heads.critic.as_ref().is_some_and(|v| !finite(v))
}

/// Which rows hold a number that is not finite. \[R\]
fn bad_rows(h: &Tensor<2>) -> Vec<bool> {
    let values: Vec<f32> = h.to_data().iter::<f32>().collect();
    let rows = values.chunks(h.dims()[1].max(1));
    rows.map(|row| row.iter().any(|value| !value.is_finite())).collect()
}

fn routed(
    layer: &RoutedLayer,
    h: Tensor<2>,
    (rows, agents): (&Rows, Option<Vec<u32>>),
    drive: Drive<'_>,
    noise: &Noise,
) -> (Tensor<2>, Option<Place>) {
    let mut last = h.clone();
    for depth in 0..layer.depths() {
        let part = layer.first(depth + 1);
        let (out, trajectory) = match &agents {
            Some(agents) => part.forward_of(agents.clone(), h.clone(), rows, drive, noise),
            None => part.forward(h.clone(), rows, drive, noise),
        };
        // All rows may have ended before.
        let Some(step) = trajectory.steps.get(depth) else { break };
        if bad_heads(&step.heads) {
            return (out, Some(Place::Router { depth }));
        }
        let chosen = bad_rows(&out).into_iter().zip(&step.actions).filter(|(bad, _)| *bad);
        let modules: BTreeSet<u32> = chosen.map(|(_, &action)| action).collect();
        if !modules.is_empty() {
            return (out, Some(Place::Modules { depth, modules: modules.into_iter().collect() }));
        }
        last = out;
    }
    (last, None)
}

fn plain(
    depths: usize,
    h: Tensor<2>,
    forward: impl Fn(usize, Tensor<2>) -> Tensor<2>,
) -> (Tensor<2>, Option<Place>) {
    let mut last = h.clone();
    for depth in 0..depths {
        last = forward(depth + 1, h.clone());
        if !finite(&last) {
            return (last, Some(Place::Modules { depth, modules: Vec::new() }));
        }
    }
    (last, None)
}

/// The return that is not finite first, with its depth; they are summed from the last to the first.
pub(super) fn returns(returns: &[Returns]) -> Option<(f32, usize)> {
    let bad = |returns: &Returns| returns.returns.iter().copied().find(|value| !value.is_finite());
    returns.iter().enumerate().rev().find_map(|(depth, step)| Some((bad(step)?, depth)))
}

/// The first depth whose sub-router has a bad loss.
pub(super) fn router(
    trunk: &Trunk,
    trajectory: &Option<Trajectory>,
    seen: &[Seen],
) -> Option<Place> {
    let (Trunk::Routed(layer), Some(trajectory)) = (trunk, trajectory) else { return None };
    let steps = trajectory.steps.iter().zip(seen).enumerate();
    let bad = steps.filter(|(index, (step, seen))| {
        let next = trajectory.steps.get(index + 1).map(|next| &next.heads);
        let loss = layer.router.at(step.depth).loss(&step.heads, next, seen);
        loss.is_some_and(|loss| !finite(&loss))
    });
    bad.map(|(_, (step, _))| Place::Router { depth: step.depth }).next()
}

fn finite<const D: usize>(values: &Tensor<D>) -> bool {
    values.to_data().iter::<f32>().all(f32::is_finite)
}

//! What a training step does for a dispatcher that learns.

use burn::module::Module;

use crate::dispatcher::online::Lesson;
use crate::kernel::conv_block::BatchStatistics;
use crate::model::{Forward, Input, Network, Trunk};
use crate::noise::Noise;
use crate::reward::Returns;
use crate::router::Router;
use crate::trajectory::{Drive, Mode, Rows, Trajectory};

/// The forward pass of a step that trains the dispatcher alone: it takes over, all else is as in
/// evaluation, and no gradient reaches anything but the dispatcher.
pub(super) fn forward_alone(
    network: &mut Network,
    input: Input,
    rows: &Rows,
    mode: Mode,
    noise: &Noise,
) -> (Forward, Vec<BatchStatistics>) {
    if let Trunk::Routed(layer) = &mut network.trunk {
        layer.router.dispatcher.iter_mut().for_each(|dispatcher| dispatcher.take_over());
    }
    let out = frozen(network).forward(input, rows, Drive::Dispatcher(mode), noise);
    (out, Vec::new())
}

/// The network without gradients, but for its dispatcher.
fn frozen(network: &Network) -> Network {
    let mut frozen = network.clone().no_grad();
    if let (Trunk::Routed(frozen), Trunk::Routed(layer)) = (&mut frozen.trunk, &network.trunk) {
        frozen.router.dispatcher = layer.router.dispatcher.clone();
    }
    frozen
}

/// What the dispatcher learns from a batch, if it decided.
pub(super) fn lesson(
    router: &Router,
    trajectory: &Trajectory,
    returns: &[Returns],
    discount: f32,
) -> Option<Lesson> {
    let (online, step) = (router.dispatcher.as_ref()?, trajectory.dispatch.as_ref()?);
    let read = trajectory.read.as_ref();
    Some(online.lesson(step, read, &returns.first()?.returns, discount))
}

/// Updates of the dispatcher that are no gradient steps.
pub(super) fn observe(
    router: &mut Router,
    trajectory: &Trajectory,
    rows: &Rows,
    lesson: Option<Lesson>,
) {
    if let (Some(online), Some(step), Some(lesson)) =
        (&mut router.dispatcher, &trajectory.dispatch, lesson)
    {
        online.observe(step, rows, &lesson.seen);
    }
}

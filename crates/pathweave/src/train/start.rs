//! What a run is given besides its data.

use super::replay::Replay;
use super::snapshot::{NamedArray, Snapshot};

/// What a run is given besides its data; nothing unless its spec asks for it.
#[derive(Default)]
pub struct Start<'a> {
    /// State to go on from
    pub resume: Option<&'a Snapshot>,
    /// Decisions that `train.replay` asks for
    pub replay: Option<&'a mut dyn Replay>,
    /// Arrays that `model.text.transformer.weights` asks for; void where the run is resumed
    pub weights: Option<&'a [NamedArray]>,
}

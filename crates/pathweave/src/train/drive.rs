//! The forward pass of a training step: who decides in it.

use super::dispatch;
use super::paths::Routes;
use super::replay::decided;
use super::trainer::Trainer;
use crate::kernel::conv_block::BatchStatistics;
use crate::model::{Forward, Input, Trunk};
use crate::noise::Noise;
use crate::trajectory::{Drive, Mode, Rows};

impl Trainer {
    /// The sub-routers decide, unless decisions are forced or come from an E-step. The base is
    /// passed once, with the batch's statistics. Input → logits, decisions, statistics
    pub(super) fn forward(
        &mut self,
        input: Input,
        rows: &Rows,
        labels: &[u32],
        exploration: f32,
    ) -> (Forward, Vec<BatchStatistics>) {
        let streams = *self.streams();
        let (mode, noise) = (Mode::Train { exploration }, Noise::new(&streams, self.step));
        let (out, statistics) = if self.trains_dispatcher_alone() {
            dispatch::forward_alone(&mut self.network, input, rows, mode, &noise)
        } else {
            let told = self.network.told(&input);
            let (features, statistics) = self.network.features_train(input, rows);
            let seen = (features.clone(), rows, &told);
            self.followed = match self.forced.take() {
                None if self.maximises_expectation() => {
                    Some(self.expectation(seen, labels, (mode, &noise)))
                }
                forced => forced,
            };
            let followed = self.followed.as_ref();
            let drive = followed.map_or(Drive::Own(mode), |paths| Drive::Instead(paths));
            (self.network.classify(features, rows, told, drive, &noise), statistics)
        };
        if self.spec.train.record_routing {
            let recorded = out.trajectory.as_ref().map(|trajectory| decided(trajectory, rows));
            self.decided = recorded.unwrap_or_default();
        }
        (out, statistics)
    }

    /// The actions of its network, where it chooses.
    pub fn routes(&self) -> Option<Routes> {
        match &self.network.trunk {
            Trunk::Routed(layer) => Some(Routes::of(layer)),
            _ => None,
        }
    }
}

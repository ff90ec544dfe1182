//! What a step changes: who learns, from which rows, how often.

use super::dispatch;
use super::epochs::Again;
use super::lesson::Lesson;
use super::optimizer::Used;
use super::shares::Shares;
use super::trainer::Trainer;
use crate::model::{Forward, Trunk};
use crate::routed_layer::RoutedLayer;
use crate::spec::ModelKind;
use crate::trajectory::{Rows, Trajectory};

impl Trainer {
    /// The router's epochs after the first, if its algorithm has some.
    pub(super) fn learn_again(
        &mut self,
        again: Again,
        (trajectory, rows, lesson): (&Trajectory, &Rows, &Lesson),
        used: &Used,
        decay: f64,
    ) -> Result<(), f32> {
        let beta = self.entropy_weight();
        let loss = |layer: &RoutedLayer| {
            let losses = layer.router_loss_again(trajectory, rows, &lesson.seen, beta)?;
            Some(lesson.shares.router_loss(losses))
        };
        let train = &self.spec.train;
        again.learn(&mut self.network, &mut self.optimizer, loss, (train, decay, used))
    }

    /// Which modules, agents and table rows took part in a step.
    pub(super) fn used(&self, out: &Forward, rows: &Rows, shares: &Shares) -> Used {
        match (&self.network.trunk, &out.trajectory) {
            (Trunk::Routed(layer), Some(trajectory)) => layer.used_by(trajectory, shares),
            (Trunk::SoftMixture(layer), _) => layer.used(rows),
            (Trunk::SparseMixture(layer), _) => layer.used(&out.weights),
            _ => Used::new(),
        }
    }

    /// Updates that are no gradient steps, and the reward's memory.
    pub(super) fn observe(
        &mut self,
        out: &Forward,
        rows: &Rows,
        lesson: Lesson,
        learns: bool,
        alone: bool,
    ) {
        match (&mut self.network.trunk, &out.trajectory) {
            (Trunk::Routed(layer), Some(trajectory)) => {
                self.rewards.remember(trajectory, |depth| layer.router.index(depth));
                if learns && !alone {
                    layer.observe(trajectory, rows, &lesson.seen);
                }
                if learns {
                    dispatch::observe(&mut layer.router, trajectory, rows, lesson.dispatch);
                }
            }
            (Trunk::SparseMixture(layer), _) => layer.observe(&out.weights),
            _ => {}
        }
    }

    /// Whether the dispatcher is trained behind a network that stays as it is.
    pub(super) fn trains_dispatcher_alone(&self) -> bool {
        let r = &self.spec.router;
        let after = u64::from(r.dispatch.after_epochs);
        let learns = self.spec.model.kind == ModelKind::Routed && r.dispatcher.is_online();
        learns && after > 0 && self.step / self.steps_per_epoch >= after
    }
}

//! What a batch teaches the router: lines 3 and 4 of thesis algorithm 3.1, backward.

use burn::tensor::Tensor;

use super::diagnose::{self, Place};
use super::dispatch;
use super::outcome::Outcome;
use super::shares::Shares;
use super::trainer::Trainer;
use crate::dispatcher::online;
use crate::model::{Forward, Trunk};
use crate::trajectory::{Rows, Seen};

/// What the decisions of a batch led to.
#[derive(Default)]
pub(super) struct Lesson {
    /// By depth
    pub seen: Vec<Seen>,
    /// Of a dispatcher that learns
    pub dispatch: Option<online::Lesson>,
    /// Which rows train what
    pub shares: Shares,
    /// Mean over the rows that train the router; `None` where nothing of it is trained by gradient.
    /// \[1\]
    pub router_loss: Option<Tensor<1>>,
}

/// A number that must not be.
pub(super) struct Bad {
    pub which: &'static str,
    pub value: f32,
    pub place: Option<Place>,
}

impl Trainer {
    /// The rewards of every decision and the loss that follows. Where the dispatcher is trained
    /// `alone`, the sub-routers have none.
    pub(super) fn lesson(
        &self,
        out: &Forward,
        rows: &Rows,
        outcome: &Outcome,
        alone: bool,
    ) -> Result<Lesson, Bad> {
        let (Trunk::Routed(layer), Some(trajectory)) = (&self.network.trunk, &out.trajectory)
        else {
            return Ok(Lesson { router_loss: out.auxiliary.clone(), ..Lesson::default() });
        };
        let epoch = self.epoch();
        let shares = Shares::of(&self.spec, trajectory, rows, (self.streams(), self.step));
        let returns = self.rewards.score(
            epoch,
            trajectory,
            |depth| layer.router.index(depth),
            (&outcome.losses, &outcome.correct),
        );
        if let Some((value, depth)) = diagnose::returns(&returns) {
            return Err(Bad { which: "return", value, place: Some(Place::Reward { depth }) });
        }
        let discount = self.rewards.discount();
        let mut seen = Seen::of(trajectory, &returns, discount);
        shares.mask(&mut seen);
        let mut dispatch = dispatch::lesson(&layer.router, trajectory, &returns, discount);
        if let Some(lesson) = &mut dispatch {
            // What it observes beside its loss goes by the same rows.
            shares.mask(std::slice::from_mut(&mut lesson.seen));
        }
        let of_sub_routers = if alone {
            None
        } else {
            let bonus = self
                .entropy_weight()
                .and_then(|beta| Some(layer.entropy(trajectory, &seen)? * -beta));
            add(layer.router_loss(trajectory, &seen), bonus)
        };
        let of_dispatcher = dispatch.as_ref().and_then(|lesson| lesson.loss.clone());
        let of_dispatcher = of_dispatcher.map(|loss| shares.router_rows(loss));
        let router_loss =
            add(of_sub_routers, of_dispatcher).map(|losses| shares.router_loss(losses));
        Ok(Lesson { seen, dispatch, shares, router_loss })
    }

    /// β of the entropy bonus in this step; `None` where there is none.
    pub(super) fn entropy_weight(&self) -> Option<f32> {
        let beta = self.spec.router.entropy.weight_at(self.epoch());
        (beta > 0.0).then_some(beta as f32)
    }
}

/// Losses of the same rows, where there are any. \[R\]
fn add(first: Option<Tensor<1>>, second: Option<Tensor<1>>) -> Option<Tensor<1>> {
    match (first, second) {
        (Some(first), Some(second)) => Some(first + second),
        (first, second) => first.or(second),
    }
}

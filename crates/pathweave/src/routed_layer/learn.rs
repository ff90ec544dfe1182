//! What a routed layer learns from its decisions.

use burn::tensor::Tensor;

use super::RoutedLayer;
use crate::decision::{self, DecisionAlgorithm};
use crate::policy;
use crate::train::optimizer::Used;
use crate::train::shares::Shares;
use crate::trajectory::{Rows, Seen, Site, Trajectory};

impl<D: DecisionAlgorithm> RoutedLayer<D> {
    /// Router loss of each row, summed over its decisions \[R\]; `None` where nothing is trained by
    /// gradient.
    pub fn router_loss(&self, trajectory: &Trajectory, seen: &[Seen]) -> Option<Tensor<1>> {
        let mut total: Option<Tensor<1>> = None;
        for (index, (step, seen)) in trajectory.steps.iter().zip(seen).enumerate() {
            let next = trajectory.steps.get(index + 1).map(|next| &next.heads);
            let Some(loss) = self.router.at(step.depth).loss(&step.heads, next, seen) else {
                continue;
            };
            let loss = loss * seen.alive.clone();
            total = Some(match total {
                Some(total) => total + loss,
                None => loss,
            });
        }
        total
    }

    /// How often the router learns from the decisions of one batch.
    pub fn epochs(&self) -> u32 {
        self.router.sub_routers.iter().map(DecisionAlgorithm::epochs).max().unwrap_or(1)
    }

    /// Router loss of each row in a later epoch, summed over its decisions \[R\]; `None` where
    /// there is none. The heads are computed again from what the sub-routers saw, which is taken
    /// as constant: no gradient reaches the modules. `entropy` is the weight of the entropy bonus.
    pub fn router_loss_again(
        &self,
        trajectory: &Trajectory,
        rows: &Rows,
        seen: &[Seen],
        entropy: Option<f32>,
    ) -> Option<Tensor<1>> {
        let losses = trajectory.steps.iter().zip(seen).filter_map(|(step, seen)| {
            let (agents, state) = (step.agents.clone(), step.state.clone().map(Tensor::detach));
            let site = Site { depth: step.depth, agents, state, rows };
            let decision = self.router.at(step.depth);
            let heads = decision.heads(&site);
            let mut loss = decision.again(&heads, &step.heads, seen)?;
            if let Some((beta, policy)) = entropy.zip(decision.policy(&heads)) {
                loss = loss - decision::entropy(policy) * beta;
            }
            Some(loss * seen.alive.clone())
        });
        losses.reduce(|total, loss| total + loss)
    }

    /// Moves the schedules of sub-routers and of a dispatcher that learns to this epoch, before a step.
    pub fn at_epoch(&mut self, epoch: f64) {
        self.router.sub_routers.iter_mut().for_each(|decision| decision.at_epoch(epoch));
        if let Some(online) = &mut self.router.dispatcher {
            online.decision.at_epoch(epoch);
        }
    }

    /// Entropy of the policy, summed over a row's decisions \[R\]; `None` where no algorithm learns a
    /// stochastic policy.
    pub fn entropy(&self, trajectory: &Trajectory, seen: &[Seen]) -> Option<Tensor<1>> {
        let mut total: Option<Tensor<1>> = None;
        for (step, seen) in trajectory.steps.iter().zip(seen) {
            let Some(policy) = self.router.at(step.depth).policy(&step.heads) else { continue };
            let entropy = decision::entropy(policy) * seen.alive.clone();
            total = Some(match total {
                Some(total) => total + entropy,
                None => entropy,
            });
        }
        total
    }

    /// Lets every sub-router make its updates that are no gradient steps.
    pub fn observe(&mut self, trajectory: &Trajectory, rows: &Rows, seen: &[Seen]) {
        for (step, seen) in trajectory.steps.iter().zip(seen) {
            let agents = step.agents.clone();
            let site = Site { depth: step.depth, agents, state: None, rows };
            self.router.at_mut(step.depth).observe(&site, seen);
        }
    }

    /// Which modules some row chose and which agents decided, for
    /// [`crate::train::optimizer::step`].
    pub fn used(&self, trajectory: &Trajectory) -> Used {
        self.used_by(trajectory, &Shares::default())
    }

    /// As [`RoutedLayer::used`], where a row may train the modules only, or the router only.
    pub(crate) fn used_by(&self, trajectory: &Trajectory, shares: &Shares) -> Used {
        let mut used = Used::new();
        let all = self.router.sight.gradient_to_modules;
        let slots = if self.router.sub_routers.len() == 1 { self.depths } else { 1 };
        for step in &trajectory.steps {
            let bank = self.bank(step.depth);
            let mut chosen = vec![false; bank.modules()];
            let mut agents = Vec::with_capacity(step.actions.len());
            for (row, &action) in
                step.actions.iter().enumerate().filter(|(row, _)| step.alive[*row])
            {
                if let Some(chosen) = chosen.get_mut(action as usize) {
                    *chosen |= all || shares.trains_modules(row);
                }
                if shares.trains_router(row) {
                    agents.push(trajectory.agents[row]);
                }
            }
            bank.mark(&chosen, &mut used);
            let slot = if slots == 1 { 0 } else { step.depth };
            policy::mark(self.router.at(step.depth), (slot, slots), &agents, &mut used);
        }
        if let (Some(online), Some(step)) = (&self.router.dispatcher, &trajectory.dispatch) {
            online.mark(step, trajectory.read.as_ref(), &mut used);
        }
        used
    }
}

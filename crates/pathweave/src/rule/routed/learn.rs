//! One training step of a hard-routed model: thesis algorithm 3.1, backward.

use burn::tensor::Tensor;
use pathweave_data::dataset::rules::RuleBatch;

use super::{RoutedEngine, repeated};
use crate::decision::{self, DecisionAlgorithm};
use crate::policy;
use crate::rule::engine::Update;
use crate::rule::network::losses;
use crate::rule::store;
use crate::spec::TrainSpec;
use crate::train::optimizer::{self, Owner, Used};
use crate::train::shares::Shares;
use crate::trajectory::{Rows, Seen, Site, Step, Trajectory};

impl RoutedEngine {
    /// The losses and rewards of a forward pass, one backward pass, two optimizers. → mean loss
    pub(super) fn learn(
        &mut self,
        batch: &RuleBatch,
        output: &Tensor<2>,
        (rows, trajectory): (Rows, Trajectory),
        update: &Update,
    ) -> f64 {
        // Lines 1 and 2: the model's loss, the final reward.
        let losses = repeated(losses(&self.shape, output, batch), rows.len() / batch.rows());
        let host: Vec<f32> = losses.to_data().iter::<f32>().collect();
        let loss = host.iter().map(|&loss| f64::from(loss)).sum::<f64>() / host.len() as f64;
        if !loss.is_finite() {
            return loss;
        }
        let correct = self.correct(batch, output, rows.len() / batch.rows());
        let outcome = (host.as_slice(), correct.as_slice());
        let returns = self.rewards.score(update.epoch, &trajectory, |_| 0, outcome);

        // Lines 3 and 4: the loss of every decision.
        let shares = Shares::of(&self.spec, &trajectory, &rows, (&self.streams, self.updates));
        let mut seen = Seen::of(&trajectory, &returns, self.rewards.discount());
        shares.mask(&mut seen);
        let (step, seen) = (&trajectory.steps[0], &seen[0]);
        let beta = self.spec.router.entropy.weight_at(update.epoch) as f32;
        let of_router = self.router_loss(step, seen, beta);
        let total = match of_router.map(|losses| shares.router_loss(losses)) {
            Some(of_router) => shares.module_loss(losses) + of_router,
            None => shares.module_loss(losses),
        };
        if !total.clone().into_scalar::<f64>().is_finite() {
            return f64::NAN;
        }

        // Line 5: one backward pass, two optimizers.
        let mut gradients = total.backward();
        if !store::finite(&self.routed, &gradients) {
            return f64::NAN;
        }
        let used = self.used(&trajectory, &shares);
        let frozen = shares.frozen(&self.spec, update.epoch);
        for &owner in &frozen {
            optimizer::freeze(&self.routed, owner, &mut gradients);
        }
        let train = self.rates(update);
        let before = (self.routed.router.epochs() > 1)
            .then(|| (self.routed.clone(), self.optimizer.clone()));
        let (routed, state) = (self.routed.clone(), &mut self.optimizer);
        self.routed = optimizer::step(routed, &mut gradients, &train, 1.0, &used, state);
        let learns = !frozen.contains(&Owner::Router);
        if let (true, Some(before)) = (learns, before)
            && !self.learn_again((step, seen), &rows, &shares, beta, (&train, &used))
        {
            (self.routed, self.optimizer) = before;
            return f64::NAN;
        }
        if learns {
            let agents = step.agents.clone();
            let site = Site { depth: 0, agents, state: None, rows: &rows };
            self.routed.router.observe(&site, seen);
        }
        self.rewards.remember(&trajectory, |_| 0);
        self.updates += 1;
        loss
    }

    /// Whether each decision's row has the right answer, where answers are classes.
    fn correct(&self, batch: &RuleBatch, output: &Tensor<2>, sites: usize) -> Vec<bool> {
        let logits = output.to_data();
        let right = logits.iter::<f32>().zip(&batch.y).map(|(z, &y)| (z >= 0.0) == (y > 0.5));
        let right: Vec<bool> = right.collect();
        // Only labels of one number are classes.
        let width = self.shape.outputs;
        let of_row = |row: usize| right[row * width..(row + 1) * width].iter().all(|&right| right);
        (0..batch.rows() * sites).map(|decision| of_row(decision / sites)).collect()
    }

    /// With the entropy bonus; 0 for rows that train the modules only. \[N\]
    fn router_loss(&self, step: &Step, seen: &Seen, beta: f32) -> Option<Tensor<1>> {
        let router = &self.routed.router;
        let bonus = (beta > 0.0)
            .then(|| router.policy(&step.heads).map(|policy| decision::entropy(policy) * -beta))
            .flatten();
        let loss = match (router.loss(&step.heads, None, seen), bonus) {
            (Some(loss), Some(bonus)) => loss + bonus,
            (loss, bonus) => loss.or(bonus)?,
        };
        Some(loss * seen.alive.clone())
    }

    /// Epochs 2 to k: the router alone, on the decisions as they were made. False where a loss is
    /// not finite.
    fn learn_again(
        &mut self,
        (step, seen): (&Step, &Seen),
        rows: &Rows,
        shares: &Shares,
        beta: f32,
        (train, used): (&TrainSpec, &Used),
    ) -> bool {
        for _ in 1..self.routed.router.epochs() {
            let router = &self.routed.router;
            let (agents, state) = (step.agents.clone(), step.state.clone().map(Tensor::detach));
            let heads = router.heads(&Site { depth: 0, agents, state, rows });
            let Some(mut losses) = router.again(&heads, &step.heads, seen) else { break };
            if let (true, Some(policy)) = (beta > 0.0, router.policy(&heads)) {
                losses = losses - decision::entropy(policy) * beta;
            }
            let loss = shares.router_loss(losses * seen.alive.clone());
            if !loss.clone().into_scalar::<f64>().is_finite() {
                return false;
            }
            let mut gradients = loss.backward();
            let (routed, state) = (self.routed.clone(), &mut self.optimizer);
            self.routed = optimizer::step(routed, &mut gradients, train, 1.0, used, state);
        }
        true
    }

    /// Which modules, agents and table rows took part in a step.
    fn used(&self, trajectory: &Trajectory, shares: &Shares) -> Used {
        let mut used = Used::new();
        let mut chosen = vec![false; self.shape.modules];
        let mut agents = Vec::with_capacity(trajectory.agents.len());
        let all = self.sight.gradient_to_modules;
        for (row, &action) in trajectory.steps[0].actions.iter().enumerate() {
            chosen[action as usize] |= all || shares.trains_modules(row);
            if shares.trains_router(row) {
                agents.push(trajectory.agents[row]);
            }
        }
        self.routed.network.mark(&chosen, &mut used);
        policy::mark(&self.routed.router, (0, 1), &agents, &mut used);
        used
    }

    /// The update's rate for the modules, and for the router in the same proportion as the spec's.
    fn rates(&self, update: &Update) -> TrainSpec {
        let train = &self.spec.train;
        let router = train.router_rate() / train.learning_rate * update.rate;
        TrainSpec {
            learning_rate: update.rate,
            router_learning_rate: router,
            clip_norm: update.clip_norm,
            ..train.clone()
        }
    }
}

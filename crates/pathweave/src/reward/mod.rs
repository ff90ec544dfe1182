//! Rewards of decisions (T 3.1.2). Host numbers: a reward never carries gradient.

mod collaboration;
mod returns;

pub use collaboration::{CollaborationOver, Windows};
pub use returns::{Returns, returns};
use serde::{Deserialize, Serialize};

use crate::trajectory::Trajectory;

/// Final reward r_f (T 3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FinalReward {
    /// +1 where the prediction is right, −1 where it is wrong
    #[default]
    Correct,
    /// −L of that sample
    NegativeLoss,
}

impl FinalReward {
    /// Every final reward with a line of explanation.
    pub const ALL: &'static [(FinalReward, &'static str, &'static str)] = &[
        (Self::Correct, "correct", "+1 for a right prediction, -1 for a wrong one (T 3.1.2.1)"),
        (Self::NegativeLoss, "negative-loss", "minus the sample's loss (T 3.1.2.1)"),
    ];

    /// r_f of one sample.
    pub fn of(self, loss: f32, correct: bool) -> f32 {
        match (self, correct) {
            (Self::Correct, true) => 1.0,
            (Self::Correct, false) => -1.0,
            (Self::NegativeLoss, _) => -loss,
        }
    }
}

/// Settings of the rewards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RewardSpec {
    /// r_f
    #[serde(rename = "final")]
    pub last: FinalReward,
    /// ρ in [−1, 1]: above 0 rewards sharing a module, below 0 diversity
    pub collaboration: f32,
    /// Epochs over which ρ falls to 0 on a line; 0 keeps it (T 7.3.2)
    pub collaboration_anneal_epochs: u32,
    /// w, number of decisions that C(a) is taken over
    pub window: usize,
    /// Whose decisions those are
    pub collaboration_over: CollaborationOver,
    /// Cost of each action, subtracted from its reward; the last one stands for all that follow
    pub cost: Vec<f32>,
    /// Reward of each action by depth, added; the last row stands for all deeper ones
    pub table: Vec<Vec<f32>>,
    /// γ
    pub discount: f32,
}

impl Default for RewardSpec {
    fn default() -> Self {
        Self {
            last: FinalReward::default(),
            collaboration: 0.0,
            collaboration_anneal_epochs: 0,
            window: 256,
            collaboration_over: CollaborationOver::default(),
            cost: Vec::new(),
            table: Vec::new(),
            discount: 1.0,
        }
    }
}

impl RewardSpec {
    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut faults = Vec::new();
        if !(-1.0..=1.0).contains(&self.collaboration) {
            faults.push(("collaboration", self.collaboration.to_string(), "a number from -1 to 1"));
        }
        if self.window == 0 {
            faults.push(("window", "0".into(), "a whole number of at least 1"));
        }
        if !(0.0..=1.0).contains(&self.discount) {
            faults.push(("discount", self.discount.to_string(), "a number from 0 to 1"));
        }
        let mut finite = |key, mut values: std::slice::Iter<f32>| {
            if let Some(value) = values.find(|value| !value.is_finite()) {
                faults.push((key, value.to_string(), "finite numbers"));
            }
        };
        finite("cost", self.cost.iter());
        finite("table", self.table.concat().iter());
        faults
    }

    /// ρ after `epoch` epochs.
    ///
    /// # Deviations
    /// - T 7.3.2 asks for a reward "that eventually anneals to zero" and names no schedule: ρ falls
    ///   on a line, step by step, over `reward.collaboration_anneal_epochs` epochs.
    pub fn collaboration_at(&self, epoch: f64) -> f32 {
        match self.collaboration_anneal_epochs {
            0 => self.collaboration,
            epochs => self.collaboration * (1.0 - epoch / f64::from(epochs)).max(0.0) as f32,
        }
    }

    fn action_reward(&self, depth: usize, action: usize) -> f32 {
        let cost = self.cost.get(action).or(self.cost.last()).copied().unwrap_or(0.0);
        let row = self.table.get(depth).or(self.table.last());
        let extra = row.and_then(|row| row.get(action)).copied().unwrap_or(0.0);
        extra - cost
    }
}

/// Turns what a batch led to into rewards, and remembers recent decisions.
#[derive(Clone, Debug)]
pub struct Rewards {
    spec: RewardSpec,
    /// Recent decisions, part of a run's state
    pub windows: Windows,
}

impl Rewards {
    /// Nothing is remembered yet.
    pub fn new(spec: RewardSpec) -> Self {
        let windows = Windows::new(spec.window, spec.collaboration_over);
        Self { spec, windows }
    }

    /// γ
    pub fn discount(&self) -> f32 {
        self.spec.discount
    }

    /// Rewards and returns of every depth, from each row's loss and correctness \[B\].
    ///
    /// `epoch` counts the epochs behind the step, `sub_router(depth)` numbers the sub-router of a
    /// depth. The share C(a) is taken over the decisions remembered before this batch.
    pub fn score(
        &self,
        epoch: f64,
        trajectory: &Trajectory,
        sub_router: impl Fn(usize) -> usize,
        outcome: (&[f32], &[bool]),
    ) -> Vec<Returns> {
        let (losses, correct) = outcome;
        let lengths = trajectory.lengths();
        let rho = self.spec.collaboration_at(epoch);
        let mut rewards: Vec<Vec<f32>> = Vec::with_capacity(trajectory.steps.len());
        for step in &trajectory.steps {
            let place = sub_router(step.depth);
            let reward = |row: usize| {
                let action = step.actions[row] as usize;
                let mut reward = self.spec.action_reward(step.depth, action);
                if rho != 0.0 {
                    let share = self.windows.share(place, trajectory.agents[row], action);
                    reward += rho / lengths[row] as f32 * share;
                }
                if step.alive[row] { reward } else { 0.0 }
            };
            rewards.push((0..step.alive.len()).map(reward).collect());
        }
        let last: Vec<f32> = losses
            .iter()
            .zip(correct)
            .map(|(&loss, &correct)| self.spec.last.of(loss, correct))
            .collect();
        returns(rewards, &lengths, &last, self.spec.discount)
    }

    /// Remembers a batch's decisions, for the shares C(a) of the batches after it.
    pub fn remember(&mut self, trajectory: &Trajectory, sub_router: impl Fn(usize) -> usize) {
        if self.spec.collaboration == 0.0 {
            return;
        }
        for step in &trajectory.steps {
            let place = sub_router(step.depth);
            for (row, &action) in step.actions.iter().enumerate() {
                if step.alive[row] {
                    self.windows.push(place, trajectory.agents[row], action as usize);
                }
            }
        }
    }
}

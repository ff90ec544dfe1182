//! What became of a batch, as host numbers.

use burn::tensor::Tensor;

use crate::trajectory::Trajectory;

/// What became of each row of a batch.
pub(crate) struct Outcome {
    pub losses: Vec<f32>,
    pub correct: Vec<bool>,
}

pub(crate) fn outcome(losses: &Tensor<1>, logits: &Tensor<2>, labels: &[u32]) -> Outcome {
    let answers = logits.clone().argmax(1).into_data();
    Outcome {
        losses: losses.to_data().iter::<f32>().collect(),
        correct: answers
            .iter::<i64>()
            .zip(labels)
            .map(|(a, &label)| a == i64::from(label))
            .collect(),
    }
}

impl Outcome {
    /// The outcome of each decision, where sample `owner[r]` is that of decision r.
    pub fn of_decisions(&self, owner: &[u32]) -> Self {
        let owners = || owner.iter().map(|&owner| owner as usize);
        Self {
            losses: owners().map(|owner| self.losses[owner]).collect(),
            correct: owners().map(|owner| self.correct[owner]).collect(),
        }
    }
}

pub(super) fn exploratory(trajectory: &Trajectory) -> f32 {
    let flags = trajectory.dispatch.iter().chain(&trajectory.steps).flat_map(|step| {
        let explored: Vec<bool> = step.choice.exploratory.to_data().iter::<bool>().collect();
        explored.into_iter().zip(&step.alive).filter(|(_, alive)| **alive).map(|(flag, _)| flag)
    });
    share(flags)
}

pub(super) fn share(flags: impl Iterator<Item = bool>) -> f32 {
    let (count, set) = flags.fold((0u32, 0u32), |(n, set), flag| (n + 1, set + u32::from(flag)));
    set as f32 / count.max(1) as f32
}

pub(super) fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

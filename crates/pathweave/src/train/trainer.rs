//! One training step, read from top to bottom as thesis algorithm 3.1, backward.

use burn::tensor::{Device, Tensor, TensorData};
use pathweave_data::Streams;
use pathweave_data::{Batch, ImageShape, TaskSet};
use thiserror::Error;

use super::epochs::Again;
use super::optimizer::{self, OptimizerState, Used};
use crate::init::Init;
use crate::model::{BuildError, ImageNetwork, Trunk, cross_entropy};
use crate::noise::Noise;
use crate::reward::Rewards;
use crate::spec::CheckedSpec;
use crate::trajectory::{Mode, Rows, Seen, Trajectory};

/// What stops a step.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum StepError {
    /// The loss is NaN or infinite.
    #[error(
        "step {step}: the {which} loss is {value}: the run diverged; a smaller learning rate or \
         train.clip_norm may help"
    )]
    NotFinite {
        /// Number of the step, from 0
        step: u64,
        /// module or router
        which: &'static str,
        /// NaN or infinity
        value: f32,
    },
}

/// Host numbers of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepReport {
    /// Number of the step, from 0
    pub step: u64,
    /// Mean cross entropy
    pub loss: f32,
    /// Mean router loss; 0 where the router is not trained by gradient
    pub router_loss: f32,
    /// Share of right answers
    pub accuracy: f32,
    /// Share of decisions that were not greedy
    pub exploratory: f32,
    /// ε of the step
    pub exploration: f32,
}

/// A network in training, with everything that makes the next step what it is.
pub struct Trainer {
    /// The network
    pub network: ImageNetwork,
    /// Optimizer moments
    pub optimizer: OptimizerState,
    /// Reward memory
    pub rewards: Rewards,
    /// Steps made so far
    pub step: u64,
    spec: CheckedSpec,
    shape: ImageShape,
    streams: Streams,
    device: Device,
    steps_per_epoch: u64,
}

impl Trainer {
    /// A fresh network for a data set. `device` without autodiff; the trainer adds it.
    ///
    /// # Errors
    /// Where spec and data do not fit.
    pub fn new(spec: &CheckedSpec, data: &TaskSet, device: &Device) -> Result<Self, BuildError> {
        let streams = Streams::new(spec.train.seed);
        let device = device.clone().autodiff();
        let network = ImageNetwork::new(spec, data, &Init::new(&streams, &device))?;
        let samples = data.examples(pathweave_data::Split::Train).len();
        Ok(Self {
            network,
            optimizer: OptimizerState::default(),
            rewards: Rewards::new(spec.reward.clone()),
            step: 0,
            spec: spec.clone(),
            shape: data.shape,
            streams,
            device,
            steps_per_epoch: samples.div_ceil(spec.train.batch).max(1) as u64,
        })
    }

    /// Batches in a pass over the training samples; the last one may be smaller.
    pub fn steps_per_epoch(&self) -> u64 {
        self.steps_per_epoch
    }

    /// Random streams of the run.
    pub fn streams(&self) -> &Streams {
        &self.streams
    }

    /// ε of the next step.
    pub fn exploration(&self) -> f32 {
        self.spec.exploration.rate(self.step as f64 / self.steps_per_epoch as f64)
    }

    /// One batch forward, backward, updated.
    ///
    /// # Errors
    /// Where the loss is not finite; the network is then as it was before the step.
    pub fn step(&mut self, batch: &Batch) -> Result<StepReport, StepError> {
        let rows = Rows { contexts: batch.tasks.clone(), samples: batch.samples.clone() };
        let exploration = self.exploration();
        let noise = Noise::new(&self.streams, self.step);
        let images = images(batch, self.shape, &self.device);
        let (out, statistics) =
            self.network.forward_train(images, &rows, Mode::Train { exploration }, &noise);

        // Lines 1 and 2: the model's loss, the final reward.
        let losses = cross_entropy(out.logits.clone(), &batch.labels);
        let outcome = outcome(&losses, &out.logits, &batch.labels);
        let loss = mean(&outcome.losses);
        self.finite("module", loss)?;

        // Lines 3 and 4: the loss of every decision.
        let (seen, router_losses) = match (&self.network.trunk, &out.trajectory) {
            (Trunk::Routed(layer), Some(trajectory)) => {
                let returns = self.rewards.score(
                    trajectory,
                    |depth| layer.router.index(depth),
                    (&outcome.losses, &outcome.correct),
                );
                let seen = Seen::of(trajectory, &returns, self.rewards.discount());
                let loss = layer.router_loss(trajectory, &seen);
                (seen, loss)
            }
            _ => (Vec::new(), None),
        };
        let (total, router_loss) = match router_losses {
            Some(router_losses) => {
                let router_loss = router_losses.mean();
                let value = router_loss.clone().into_scalar::<f32>();
                self.finite("router", value)?;
                (losses.mean() + router_loss, value)
            }
            None => (losses.mean(), 0.0),
        };

        // Line 5: one backward pass, two optimizers.
        let mut gradients = total.backward();
        let used = match (&self.network.trunk, &out.trajectory) {
            (Trunk::Routed(layer), Some(trajectory)) => layer.used(trajectory),
            _ => Used::new(),
        };
        let decay = self.spec.train.decay(self.step / self.steps_per_epoch);
        let again = Again::of(&self.network, &self.optimizer);
        self.network = optimizer::step(
            self.network.clone(),
            &mut gradients,
            &self.spec.train,
            decay,
            &used,
            &mut self.optimizer,
        );
        if let (Some(again), Some(trajectory)) = (again, &out.trajectory) {
            self.learn_again(again, (trajectory, &rows, &seen), decay)?;
        }
        self.network.base.absorb(statistics);
        if let (Trunk::Routed(layer), Some(trajectory)) = (&mut self.network.trunk, &out.trajectory)
        {
            layer.observe(trajectory, &rows, &seen);
        }

        let report = StepReport {
            step: self.step,
            loss,
            router_loss,
            accuracy: share(outcome.correct.iter().copied()),
            exploratory: out.trajectory.as_ref().map_or(0.0, exploratory),
            exploration,
        };
        self.step += 1;
        Ok(report)
    }

    /// The router's epochs after the first, if its algorithm has some.
    fn learn_again(
        &mut self,
        again: Again,
        decisions: (&Trajectory, &Rows, &[Seen]),
        decay: f64,
    ) -> Result<(), StepError> {
        let train = &self.spec.train;
        match again.learn(&mut self.network, &mut self.optimizer, decisions, train, decay) {
            Ok(()) => Ok(()),
            Err(value) => self.finite("router", value),
        }
    }

    fn finite(&self, which: &'static str, value: f32) -> Result<(), StepError> {
        if value.is_finite() {
            return Ok(());
        }
        Err(StepError::NotFinite { step: self.step, which, value })
    }
}

/// What became of each row of a batch.
pub(super) struct Outcome {
    pub losses: Vec<f32>,
    pub correct: Vec<bool>,
}

pub(super) fn outcome(losses: &Tensor<1>, logits: &Tensor<2>, labels: &[u32]) -> Outcome {
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

pub(super) fn images(batch: &Batch, shape: ImageShape, device: &Device) -> Tensor<4> {
    let dims = [batch.labels.len(), shape.channels, shape.height, shape.width];
    Tensor::from_data(TensorData::new(batch.images.clone(), dims), device)
}

fn exploratory(trajectory: &Trajectory) -> f32 {
    let flags = trajectory.steps.iter().flat_map(|step| {
        let explored: Vec<bool> = step.choice.exploratory.to_data().iter::<bool>().collect();
        explored.into_iter().zip(&step.alive).filter(|(_, alive)| **alive).map(|(flag, _)| flag)
    });
    share(flags)
}

fn share(flags: impl Iterator<Item = bool>) -> f32 {
    let (count, set) = flags.fold((0u32, 0u32), |(n, set), flag| (n + 1, set + u32::from(flag)));
    set as f32 / count.max(1) as f32
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

//! One training step, read from top to bottom as thesis algorithm 3.1, backward.

use burn::tensor::{Device, Tensor, TensorData};
use pathweave_data::Streams;
use pathweave_data::{Batch, ImageShape, TaskSet};

use super::diagnose::{self, Place};
use super::dispatch;
use super::epochs::Again;
use super::fault::StepError;
use super::lesson::{Bad, Lesson};
use super::optimizer::{self, OptimizerState, Owner, Used};
use super::paths::Paths;
use super::replay::Decided;
use super::shares::Shares;
use crate::init::Init;
use crate::model::{BuildError, Forward, ImageNetwork, Trunk, cross_entropy};
use crate::noise::Noise;
use crate::reward::Rewards;
use crate::routed_layer::RoutedLayer;
use crate::spec::{CheckedSpec, ModelKind};
use crate::trajectory::{Drive, Mode, Rows, Trajectory};

/// Host numbers of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepReport {
    /// Number of the step, from 0
    pub step: u64,
    /// Mean cross entropy
    pub loss: f32,
    /// Mean router loss, or the balancing losses of a sparse mixture; 0 where there is none
    pub router_loss: f32,
    /// Share of right answers
    pub accuracy: f32,
    /// Share of decisions that were not greedy, a dispatcher's included
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
    /// Compositions that the E-step kept for the samples it saw
    pub kept: Paths,
    /// Decisions of the next step, where somebody else makes them; taken by that step
    pub forced: Option<Paths>,
    /// Decisions that were forced in the step that is under way, or the last one
    pub(super) followed: Option<Paths>,
    /// Decisions of the last step, where `train.record_routing` asks for them
    pub decided: Vec<Decided>,
    pub(super) spec: CheckedSpec,
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
            kept: Paths::default(),
            forced: None,
            followed: None,
            decided: Vec::new(),
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

    /// Epochs behind the next step, with their fraction.
    pub fn epoch(&self) -> f64 {
        self.step as f64 / self.steps_per_epoch as f64
    }

    /// ε of the next step.
    pub fn exploration(&self) -> f32 {
        self.spec.exploration.rate(self.epoch())
    }

    /// One batch forward, backward, updated.
    ///
    /// # Errors
    /// Where the batch is empty, or a loss or a return is not finite; network, optimizer and reward
    /// memory are then as they were before the step.
    ///
    /// # Deviations
    /// - T 4.2 fixes "their parameters for a short initial period". A frozen router goes on to
    ///   explore and choose, and its decisions go on to fill the collaboration reward's memory;
    ///   frozen modules go on to measure the running averages of the batch norm, which are no
    ///   parameters. Nothing else of a frozen part moves: no parameter, no policy table, no running
    ///   mean of returns, no optimizer state.
    pub fn step(&mut self, batch: &Batch) -> Result<StepReport, StepError> {
        if batch.labels.is_empty() {
            return Err(StepError::EmptyBatch { step: self.step });
        }
        let rows = Rows { contexts: batch.tasks.clone(), samples: batch.samples.clone() };
        let (epoch, exploration) = (self.epoch(), self.exploration());
        if let Trunk::Routed(layer) = &mut self.network.trunk {
            layer.at_epoch(epoch);
        }
        let images = images(batch, self.shape, &self.device);
        let alone = self.trains_dispatcher_alone();
        let (out, statistics) = self.forward(images, &rows, &batch.labels, exploration);

        // Lines 1 and 2: the model's loss, the final reward.
        let losses = cross_entropy(out.logits.clone(), &batch.labels);
        let outcome = outcome(&losses, &out.logits, &batch.labels);
        let loss = mean(&outcome.losses);
        if !loss.is_finite() {
            let bad = Bad { which: "module loss", value: loss, place: None };
            return Err(self.not_finite(bad, batch));
        }

        // Lines 3 and 4: the loss of every decision.
        let lesson = self.lesson(&out, &rows, &outcome, alone);
        let lesson = lesson.map_err(|bad| self.not_finite(bad, batch))?;
        let module_loss = lesson.shares.module_loss(losses);
        let (total, router_loss) = match lesson.router_loss.clone() {
            Some(router_loss) => {
                let value = router_loss.clone().into_scalar::<f32>();
                if !value.is_finite() {
                    let trunk = &self.network.trunk;
                    let place = diagnose::router(trunk, &out.trajectory, &lesson.seen);
                    return Err(self.not_finite(Bad { which: "router loss", value, place }, batch));
                }
                (module_loss + router_loss, value)
            }
            None => (module_loss, 0.0),
        };

        // Line 5: one backward pass, two optimizers.
        let mut gradients = total.backward();
        let used = self.used(&out, &rows, &lesson.shares);
        let frozen = self.frozen(&lesson.shares);
        for &owner in &frozen {
            optimizer::freeze(&self.network, owner, &mut gradients);
        }
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
        let learns = !frozen.contains(&Owner::Router);
        if let (true, Some(again), Some(trajectory)) = (learns, again, &out.trajectory) {
            let decisions = (trajectory, &rows, &lesson);
            if let Err(value) = self.learn_again(again, decisions, &used, decay) {
                let bad = Bad { which: "router loss", value, place: None };
                return Err(self.not_finite(bad, batch));
            }
        }
        self.network.base.absorb(statistics);
        self.observe(&out, &rows, lesson, learns, alone);

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
    fn used(&self, out: &Forward, rows: &Rows, shares: &Shares) -> Used {
        match (&self.network.trunk, &out.trajectory) {
            (Trunk::Routed(layer), Some(trajectory)) => layer.used_by(trajectory, shares),
            (Trunk::SoftMixture(layer), _) => layer.used(rows),
            (Trunk::SparseMixture(layer), _) => layer.used(&out.weights),
            _ => Used::new(),
        }
    }

    /// Updates that are no gradient steps, and the reward's memory.
    fn observe(&mut self, out: &Forward, rows: &Rows, lesson: Lesson, learns: bool, alone: bool) {
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

    /// Whose parameters this step leaves alone: warm-ups (T 4.2), and who got no row to learn from.
    fn frozen(&self, shares: &Shares) -> Vec<Owner> {
        let epoch = self.step / self.steps_per_epoch;
        let train = &self.spec.train;
        let warming = |epochs: u32| epoch < u64::from(epochs);
        let reached = shares.anyone_trains_modules() || self.spec.router.gradient_to_modules;
        let mut frozen = Vec::new();
        if warming(train.freeze_modules_epochs) || !reached {
            frozen.push(Owner::Modules);
        }
        if warming(train.freeze_router_epochs) || !shares.anyone_trains_router() {
            frozen.push(Owner::Router);
        }
        frozen
    }

    /// Runs the forward pass again, with checks, to say where the first bad number is.
    fn not_finite(&self, bad: Bad, batch: &Batch) -> StepError {
        let rows = Rows { contexts: batch.tasks.clone(), samples: batch.samples.clone() };
        let noise = Noise::new(&self.streams, self.step);
        let own = Drive::Own(Mode::Train { exploration: self.exploration() });
        let drive = self.followed.as_ref().map_or(own, |paths| Drive::Instead(paths));
        let images = images(batch, self.shape, &self.device);
        let found = diagnose::forward(&self.network, images, &rows, drive, &noise);
        let place = found.or(bad.place).unwrap_or(Place::Loss);
        StepError::NotFinite { step: self.step, which: bad.which, value: bad.value, place }
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
    let flags = trajectory.dispatch.iter().chain(&trajectory.steps).flat_map(|step| {
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

//! One training step, read from top to bottom as thesis algorithm 3.1, backward.

use burn::tensor::Device;
use pathweave_data::{Batch, ImageShape, Streams, TaskSet};
use pathweave_eval::alarm::{Alarm, Detector};

use super::diagnose::{self, Place};
use super::epochs::Again;
use super::fault::StepError;
use super::lesson::Bad;
use super::optimizer::{self, OptimizerState, Owner};
use super::outcome::{exploratory, mean, outcome, share};
use super::paths::Paths;
use super::replay::Decided;
use crate::init::Init;
use crate::intervention::freeze;
use crate::model::{BuildError, Input, Network, Trunk, cross_entropy};
use crate::noise::Noise;
use crate::reward::Rewards;
use crate::spec::{CheckedSpec, ModelKind};
use crate::trajectory::{Drive, Mode, Rows};

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
    pub network: Network,
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
    /// Watches the router's choices, where it has any and the spec asks for alarms
    pub detector: Option<Detector>,
    /// What rang in the last step
    pub alarms: Vec<Alarm>,
    pub(super) spec: CheckedSpec,
    shape: Option<ImageShape>,
    streams: Streams,
    device: Device,
    pub(super) steps_per_epoch: u64,
}

impl Trainer {
    /// A fresh network for a data set. `device` without autodiff; the trainer adds it.
    ///
    /// # Errors
    /// Where spec and data do not fit.
    pub fn new(spec: &CheckedSpec, data: &TaskSet, device: &Device) -> Result<Self, BuildError> {
        let streams = Streams::new(spec.train.seed);
        let device = device.clone().autodiff();
        let network = Network::new(spec, data, &Init::new(&streams, &device))?;
        let samples = data.examples(pathweave_data::Split::Train).len();
        Ok(Self {
            detector: detector(spec, &network),
            alarms: Vec::new(),
            network,
            optimizer: OptimizerState::default(),
            rewards: Rewards::new(spec.reward.clone()),
            step: 0,
            kept: Paths::default(),
            forced: None,
            followed: None,
            decided: Vec::new(),
            spec: spec.clone(),
            shape: data.texts.is_none().then_some(data.shape),
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

    /// Where it trains, with autodiff.
    pub(super) fn device(&self) -> &Device {
        &self.device
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
        let input = Input::of(batch, self.shape, &self.device);
        let alone = self.trains_dispatcher_alone();
        let (out, statistics) = self.forward(input, &rows, &batch.labels, exploration);

        // Lines 1 and 2: the model's loss, the final reward.
        let losses = cross_entropy(out.logits.clone(), &batch.labels);
        let outcome = outcome(&losses, &out.logits, &batch.labels);
        let loss = mean(&outcome.losses);
        if !loss.is_finite() {
            let bad = Bad { which: "module loss", value: loss, place: None };
            return Err(self.not_finite(bad, batch));
        }

        // Lines 3 and 4: the loss of every decision. A sample may have several.
        let (rows, outcome_of_decisions) = match &out.units {
            Some(units) => (units.rows.clone(), Some(outcome.of_decisions(&units.owner))),
            None => (rows, None),
        };
        let decided = outcome_of_decisions.as_ref().unwrap_or(&outcome);
        let lesson = self.lesson(&out, &rows, decided, alone);
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
        let mut used = self.used(&out, &rows, &lesson.shares);
        if let Trunk::Routed(layer) = &self.network.trunk {
            freeze(layer, &self.spec.model.frozen, &mut used, &mut gradients);
        }
        let frozen = lesson.shares.frozen(&self.spec, epoch);
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
        self.alarms = match (&mut self.detector, &out.trajectory) {
            (Some(detector), Some(trajectory)) => {
                detector.see(self.step, &trajectory.counts(detector.choices()))
            }
            _ => Vec::new(),
        };
        Ok(report)
    }

    /// Runs the forward pass again, with checks, to say where the first bad number is.
    fn not_finite(&self, bad: Bad, batch: &Batch) -> StepError {
        let rows = Rows { contexts: batch.tasks.clone(), samples: batch.samples.clone() };
        let noise = Noise::new(&self.streams, self.step);
        let own = Drive::Own(Mode::Train { exploration: self.exploration() });
        let drive = self.followed.as_ref().map_or(own, |paths| Drive::Instead(paths));
        let input = Input::of(batch, self.shape, &self.device);
        let found = diagnose::forward(&self.network, input, &rows, drive, &noise);
        let place = found.or(bad.place).unwrap_or(Place::Loss);
        StepError::NotFinite { step: self.step, which: bad.which, value: bad.value, place }
    }
}

/// Controls and baselines whose choices nobody learns have no collapse to watch.
fn detector(spec: &CheckedSpec, network: &Network) -> Option<Detector> {
    match &network.trunk {
        Trunk::Routed(layer) if spec.model.kind == ModelKind::Routed && !spec.alarms.is_off() => {
            let modules = (0..layer.depths()).map(|depth| layer.bank(depth).modules()).collect();
            Some(Detector::new(spec.alarms.clone(), modules, layer.extra().count()))
        }
        _ => None,
    }
}

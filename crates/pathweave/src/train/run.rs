//! A whole run: epochs of steps, evaluations between them, checkpoints for whoever watches.

use burn::tensor::Device;
use pathweave_data::{Batch, Split, TaskSet};
use pathweave_eval::alarm::{Action, Alarm};

use super::curriculum::{order, split};
use super::evaluate::{Evaluation, evaluate_driven};
use super::paths::{Paths, Routes};
use super::pretrain::{self, Began};
use super::replay::{Decided, Replay, ReplayError, decided_in, follow, same_routes};
use super::run_error::RunError;
use super::snapshot::{Snapshot, parameters};
use super::start::Start;
use super::trainer::{StepReport, Trainer};
use crate::dispatcher::offline::Fit;
use crate::spec::CheckedSpec;
use crate::trajectory::{Drive, Mode};

/// What an observer wants after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Go on
    Continue,
    /// Hand over a snapshot, then go on
    Checkpoint,
    /// Hand over a snapshot, then end the run unfinished
    Stop,
}

/// Scores of one moment.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Steps made
    pub step: u64,
    /// Epochs completed
    pub epoch: u64,
    /// On the validation split, where there is one
    pub validation: Option<Evaluation>,
    /// On the test split
    pub test: Evaluation,
}

/// Watches a run. All files, clocks and terminals are behind this trait.
pub trait Observe {
    /// After the trainer is built, before its first step: (total steps, parameters).
    fn start(&mut self, _steps: u64, _parameters: u64) {}

    /// Before the first step, where `train.record_routing` is set: the network's actions.
    fn records(&mut self, _routes: &Routes) {}

    /// Where `train.record_routing` is set, every decision: those of training step `step`, counted
    /// from 0; before [`Observe::evaluated`] those of an evaluation after `step` steps.
    fn decided(&mut self, _split: Split, _step: u64, _decided: &[Decided]) {}

    /// After [`Observe::start`], where inputs were clustered to dispatch them.
    fn clustered(&mut self, _fit: &Fit) {}

    /// After every step of pretraining, before the first step: (steps made, of how many, mean cross
    /// entropy of a word). A snapshot is not to be had before its end.
    fn pretraining(&mut self, _done: u64, _total: u64, _loss: f32) -> Control {
        Control::Continue
    }

    /// After every step.
    fn step(&mut self, _report: &StepReport) -> Control {
        Control::Continue
    }

    /// Before and after an evaluation, so that its time can be told from training.
    fn evaluating(&mut self, _begins: bool) {}

    /// After every evaluation.
    fn evaluated(&mut self, _moment: &Moment) {}

    /// An alarm rang in the step that was told last; with the state, where its action is to keep it.
    fn alarm(&mut self, _alarm: &Alarm, _snapshot: Option<&Snapshot>) {}

    /// Where [`Observe::step`] asked for one, after pretraining, and at the end.
    fn snapshot(&mut self, _snapshot: &Snapshot) {}
}

/// How a run ended.
#[derive(Clone, Debug)]
pub enum Finished {
    /// All epochs were run.
    Complete(Box<Complete>),
    /// The observer asked to stop.
    Stopped {
        /// Steps made
        step: u64,
    },
    /// An alarm rang whose action is to stop. The observer has a snapshot; a run that is taken up
    /// from it goes on, since the alarm has been told.
    Alarmed {
        /// Steps made
        step: u64,
        /// What rang
        alarms: Vec<Alarm>,
    },
}

/// Result of a complete run.
#[derive(Clone, Debug)]
pub struct Complete {
    /// The last evaluation
    pub last: Moment,
    /// Trainable numbers in the network
    pub parameters: u64,
    /// The state after the last step
    pub snapshot: Snapshot,
}

/// Trains a network from the start, or from a snapshot to the same bits.
///
/// Same spec, data and device give the same numbers on any number of threads: every random number
/// is drawn on the host, from a stream named by what it is for and the step.
///
/// # Errors
/// See [`RunError`].
pub fn run(
    spec: &CheckedSpec,
    data: &TaskSet,
    device: &Device,
    resume: Option<&Snapshot>,
    watch: &mut dyn Observe,
) -> Result<Finished, RunError> {
    run_driven(spec, data, device, resume, None, watch)
}

/// As [`run`], with the recorded decisions of another run, which `train.replay` asks for.
///
/// Every training step follows the record, and every evaluation of which it has decisions; at other
/// evaluations the router decides. The router learns from the decisions as if they were its own.
///
/// # Deviations
/// - Neither document replays decisions. A replayed decision counts as certain: it has probability
///   1, is not exploratory and has no gate. A run that follows its own record comes to the same
///   module parameters bit for bit, unless its algorithm trains the router through the modules,
///   `router.gradient_to_modules` is set, or `train.squash` weighs explored rows; algorithms that weigh by the probability of a decision
///   come to another router.
///
/// # Errors
/// See [`RunError`].
pub fn run_driven<'a>(
    spec: &CheckedSpec,
    data: &TaskSet,
    device: &Device,
    resume: Option<&'a Snapshot>,
    replay: Option<&'a mut dyn Replay>,
    watch: &mut dyn Observe,
) -> Result<Finished, RunError> {
    run_from(spec, data, device, Start { resume, replay, weights: None }, watch)
}

/// As [`run_driven`], with the pretrained blocks that `model.text.transformer.weights` asks for.
///
/// # Errors
/// See [`RunError`].
pub fn run_from(
    spec: &CheckedSpec,
    data: &TaskSet,
    device: &Device,
    Start { resume, mut replay, weights }: Start<'_>,
    watch: &mut dyn Observe,
) -> Result<Finished, RunError> {
    if data.examples(Split::Train).is_empty() {
        return Err(RunError::NoSamples);
    }
    if spec.train.before_epochs > 0 && data.examples(Split::Before).is_empty() {
        return Err(RunError::NothingBefore);
    }
    let mut trainer = Trainer::new(spec, data, device)?;
    if let Some(snapshot) = resume {
        trainer = trainer.restore(snapshot, device)?;
    }
    let per_epoch = trainer.steps_per_epoch();
    let epochs = u64::from(spec.train.epochs);
    let total = epochs * per_epoch;
    watch.start(total, parameters(&trainer.network));
    if let (true, Some(routes)) = (spec.train.record_routing, trainer.routes()) {
        watch.records(&routes);
    }
    match (&mut replay, trainer.routes()) {
        (Some(replay), Some(routes)) => same_routes(&**replay, &routes)?,
        (None, _) if !spec.train.replay.is_empty() => Err(ReplayError::NoSource)?,
        _ => {}
    }
    if let Some(clusters) = &trainer.network.clusters {
        watch.clustered(&clusters.fit);
    }

    if resume.is_none() {
        match pretrain::begin(&mut trainer, spec, data, weights, watch)? {
            Began::Stopped => return Ok(Finished::Stopped { step: 0 }),
            Began::Pretrained => watch.snapshot(&trainer.good_snapshot()?),
            Began::Plain => {}
        }
    }

    let mut batch = Batch::default();
    let mut last = None;
    while trainer.step < total {
        let epoch = trainer.step / per_epoch;
        let order = order(&spec.train, data, trainer.streams(), epoch);
        let done = (trainer.step % per_epoch) as usize;
        for indices in order.chunks(spec.train.batch).skip(done) {
            data.fill(split(&spec.train, epoch), indices, &mut batch);
            trainer.forced = forced(&trainer, &mut replay, &batch)?;
            let report = trainer.step(&batch)?;
            if spec.train.record_routing {
                watch.decided(Split::Train, report.step, &trainer.decided);
            }
            if trainer.step.is_multiple_of(per_epoch) {
                last = at_epochs_end(spec, data, device, &trainer, &mut replay, watch)?;
            }
            let control = watch.step(&report);
            if ring(&trainer, watch) && trainer.step < total {
                watch.snapshot(&trainer.snapshot());
                let alarms = trainer.alarms;
                return Ok(Finished::Alarmed { step: trainer.step, alarms });
            }
            match control {
                Control::Continue => {}
                Control::Checkpoint => watch.snapshot(&trainer.good_snapshot()?),
                Control::Stop if trainer.step == total => {}
                Control::Stop => {
                    watch.snapshot(&trainer.good_snapshot()?);
                    return Ok(Finished::Stopped { step: trainer.step });
                }
            }
        }
    }
    // A run that is taken up after its last step has no evaluation yet.
    let last = match last {
        Some(last) => last,
        None => moment(data, device, &trainer, &mut replay, watch)?,
    };
    let snapshot = trainer.good_snapshot()?;
    watch.snapshot(&snapshot);
    let parameters = parameters(&trainer.network);
    Ok(Finished::Complete(Box::new(Complete { last, parameters, snapshot })))
}

/// Tells the alarms of the last step; true where one of them is to end the run.
fn ring(trainer: &Trainer, watch: &mut dyn Observe) -> bool {
    for alarm in &trainer.alarms {
        let keeps = alarm.action >= Action::Checkpoint;
        let snapshot = keeps.then(|| trainer.snapshot());
        watch.alarm(alarm, snapshot.as_ref());
    }
    trainer.alarms.iter().any(|alarm| alarm.action == Action::Stop)
}

fn at_epochs_end(
    spec: &CheckedSpec,
    data: &TaskSet,
    device: &Device,
    trainer: &Trainer,
    replay: &mut Option<&mut dyn Replay>,
    watch: &mut dyn Observe,
) -> Result<Option<Moment>, ReplayError> {
    let epoch = trainer.step / trainer.steps_per_epoch();
    let due = epoch.is_multiple_of(u64::from(spec.train.evaluate_every));
    if !due && epoch != u64::from(spec.train.epochs) {
        return Ok(None);
    }
    let moment = moment(data, device, trainer, replay, watch)?;
    if let (true, Some(routes)) = (spec.train.record_routing, trainer.routes()) {
        let splits =
            [(Split::Validation, moment.validation.as_ref()), (Split::Test, Some(&moment.test))];
        for (split, evaluation) in splits {
            if let Some(log) = evaluation.and_then(|evaluation| evaluation.log.as_ref()) {
                watch.decided(split, moment.step, &decided_in(log, &routes));
            }
        }
    }
    watch.evaluated(&moment);
    Ok(Some(moment))
}

fn moment(
    data: &TaskSet,
    device: &Device,
    trainer: &Trainer,
    replay: &mut Option<&mut dyn Replay>,
    watch: &mut dyn Observe,
) -> Result<Moment, ReplayError> {
    watch.evaluating(true);
    let epoch = trainer.step / trainer.steps_per_epoch();
    let at = (trainer.step, epoch);
    let mut on = |split| {
        let paths = match (replay.as_deref_mut(), trainer.routes()) {
            (Some(replay), Some(routes)) => {
                let samples = 0..data.examples(split).len() as u64;
                follow(replay, &routes, (split, trainer.step), samples)?
            }
            _ => None,
        };
        let drive = paths.as_ref().map_or(Drive::Own(Mode::Greedy), |paths| Drive::Instead(paths));
        Ok(evaluate_driven(&trainer.network, data, split, device, at, drive))
    };
    let validation = match data.examples(Split::Validation) {
        [] => None,
        _ => Some(on(Split::Validation)?),
    };
    let test = on(Split::Test)?;
    watch.evaluating(false);
    Ok(Moment { step: trainer.step, epoch, validation, test })
}

/// Decisions of the next training step, where a record has them.
fn forced(
    trainer: &Trainer,
    replay: &mut Option<&mut dyn Replay>,
    batch: &Batch,
) -> Result<Option<Paths>, ReplayError> {
    let (Some(replay), Some(routes)) = (replay.as_deref_mut(), trainer.routes()) else {
        return Ok(None);
    };
    let samples = batch.samples.iter().copied();
    follow(replay, &routes, (Split::Train, trainer.step), samples)
}

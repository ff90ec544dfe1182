//! A whole run: epochs of steps, evaluations between them, checkpoints for whoever watches.

use burn::tensor::Device;
use pathweave_data::{Batch, Split, TaskSet};
use pathweave_eval::alarm::{Action, Alarm};
use thiserror::Error;

use super::evaluate::{Evaluation, evaluate};
use super::snapshot::{RestoreError, Snapshot, parameters};
use super::trainer::{StepError, StepReport, Trainer};
use crate::model::BuildError;
use crate::spec::CheckedSpec;

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

    /// Where [`Observe::step`] asked for one, and at the end.
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

/// What ends a run early.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum RunError {
    /// Spec and data do not fit.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The checkpoint is of another network.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// A step failed.
    #[error(transparent)]
    Step(#[from] StepError),
    /// Nothing to learn from.
    #[error("the data set has no training samples")]
    NoSamples,
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
    if data.examples(Split::Train).is_empty() {
        return Err(RunError::NoSamples);
    }
    let mut trainer = Trainer::new(spec, data, device)?;
    if let Some(snapshot) = resume {
        trainer = trainer.restore(snapshot, device)?;
    }
    let per_epoch = trainer.steps_per_epoch();
    let epochs = u64::from(spec.train.epochs);
    let total = epochs * per_epoch;
    watch.start(total, parameters(&trainer.network));

    let mut batch = Batch::default();
    let mut last = None;
    while trainer.step < total {
        let epoch = trainer.step / per_epoch;
        let order = data.epoch_order(trainer.streams(), epoch);
        let done = (trainer.step % per_epoch) as usize;
        for indices in order.chunks(spec.train.batch).skip(done) {
            data.fill(Split::Train, indices, &mut batch);
            let report = trainer.step(&batch)?;
            if trainer.step.is_multiple_of(per_epoch) {
                last = at_epochs_end(spec, data, device, &trainer, watch);
            }
            let control = watch.step(&report);
            if ring(&trainer, watch) && trainer.step < total {
                watch.snapshot(&trainer.snapshot());
                let alarms = trainer.alarms;
                return Ok(Finished::Alarmed { step: trainer.step, alarms });
            }
            match control {
                Control::Continue => {}
                Control::Checkpoint => watch.snapshot(&trainer.snapshot()),
                Control::Stop if trainer.step == total => {}
                Control::Stop => {
                    watch.snapshot(&trainer.snapshot());
                    return Ok(Finished::Stopped { step: trainer.step });
                }
            }
        }
    }
    // A run that is taken up after its last step has no evaluation yet.
    let last = match last {
        Some(last) => last,
        None => moment(data, device, &trainer, watch),
    };
    let snapshot = trainer.snapshot();
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
    watch: &mut dyn Observe,
) -> Option<Moment> {
    let epoch = trainer.step / trainer.steps_per_epoch();
    let due = epoch.is_multiple_of(u64::from(spec.train.evaluate_every));
    if !due && epoch != u64::from(spec.train.epochs) {
        return None;
    }
    let moment = moment(data, device, trainer, watch);
    watch.evaluated(&moment);
    Some(moment)
}

fn moment(data: &TaskSet, device: &Device, trainer: &Trainer, watch: &mut dyn Observe) -> Moment {
    watch.evaluating(true);
    let epoch = trainer.step / trainer.steps_per_epoch();
    let at = (trainer.step, epoch);
    let on = |split| evaluate(&trainer.network, data, split, device, at);
    let validation = (!data.examples(Split::Validation).is_empty()).then(|| on(Split::Validation));
    let test = on(Split::Test);
    watch.evaluating(false);
    Moment { step: trainer.step, epoch, validation, test }
}

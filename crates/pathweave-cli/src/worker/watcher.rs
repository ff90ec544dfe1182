//! Watches a run: clocks, curves, checkpoints, progress for the parent.

use std::mem::take;
use std::time::{Duration, Instant};

use pathweave::dispatcher::offline::Fit;
use pathweave::spec::{CheckedSpec, ModelKind};
use pathweave::train::{Control, Decided, Moment, Observe, Routes, Snapshot, StepReport};
use pathweave_data::{Split, TaskSet};
use pathweave_eval::alarm::Alarm;
use pathweave_eval::curves::Curves;
use pathweave_eval::log::RoutingLog;
use pathweave_store::{ALARM, CHECKPOINT, DECISIONS, RunFolder, now};

use super::checkpoint::{self, Progress, Sums};
use super::decisions::Recorder;
use super::metrics;
use super::protocol::Event;
use super::pulse::Pulse;
use crate::error::CliError;

/// The observer of a run.
pub struct Watcher<'a> {
    folder: &'a RunFolder,
    data: &'a TaskSet,
    spec: &'a CheckedSpec,
    progress: Progress,
    curves: Curves,
    /// Of an evaluation whose last training step has not been told yet
    pending: Option<Pending>,
    /// Where decisions are recorded
    recorder: Option<Recorder>,
    /// Routing of the evaluation before
    previous: Option<RoutingLog>,
    pulse: Pulse<'a>,
    done: u64,
    fit: Option<Fit>,
}

/// What a finished watch leaves.
pub struct Watched {
    /// Clocks and sums
    pub progress: Progress,
    /// All curves
    pub curves: Curves,
    /// Of the dispatcher, where it clustered inputs
    pub fit: Option<Fit>,
}

struct Pending {
    step: u64,
    epoch: f64,
    values: Vec<(String, f64)>,
}

impl<'a> Watcher<'a> {
    /// A watcher that goes on from `progress`, `curves` and the routing of the evaluation before.
    /// `times` are when the process began and the time between checkpoints.
    pub fn new(
        spec: &'a CheckedSpec,
        folder: &'a RunFolder,
        data: &'a TaskSet,
        (progress, curves, previous): (Progress, Curves, Option<RoutingLog>),
        times: (Instant, Duration),
    ) -> Self {
        Self {
            folder,
            data,
            spec,
            pulse: Pulse::new(folder, progress.wall_seconds, times),
            progress,
            curves,
            pending: None,
            recorder: None,
            previous,
            done: 0,
            fit: None,
        }
    }

    /// Steps made by the processes before.
    pub fn resumes_at(&mut self, step: u64) {
        self.done = step;
    }

    /// Gives back what was seen.
    ///
    /// # Errors
    /// Where a checkpoint could not be written.
    pub fn end(mut self) -> Result<Watched, CliError> {
        self.progress.wall_seconds = self.pulse.wall();
        self.pulse.end()?;
        Ok(Watched { progress: self.progress, curves: self.curves, fit: self.fit })
    }

    fn add(&mut self, report: &StepReport) {
        let sums = &mut self.progress.sums;
        sums.steps += 1;
        sums.loss += f64::from(report.loss);
        sums.router_loss += f64::from(report.router_loss);
        sums.accuracy += f64::from(report.accuracy);
        sums.exploratory += f64::from(report.exploratory);
    }

    /// Curves of an evaluation, once the training steps before it are all known.
    fn close(&mut self, pending: Pending, report: &StepReport) {
        let Sums { steps, loss, router_loss, accuracy, exploratory } =
            take(&mut self.progress.sums);
        let mean = |sum: f64| sum / steps.max(1) as f64;
        let mut values = pending.values;
        values.push(("train/loss".into(), mean(loss)));
        values.push(("train/accuracy".into(), mean(accuracy)));
        if matches!(self.spec.model.kind, ModelKind::Routed | ModelKind::TopK | ModelKind::Switch) {
            values.push(("train/router_loss".into(), mean(router_loss)));
            values.push(("explore/share".into(), mean(exploratory)));
            values.push(("explore/rate".into(), f64::from(report.exploration)));
        }
        let values = values.iter().map(|(tag, value)| (tag.as_str(), *value));
        self.pulse.curve(&mut self.curves, (pending.step, pending.epoch), values);
        self.progress.times.push((pending.step, now()));
    }

    /// What was recorded so far is to last as long as the checkpoint.
    fn sync(&mut self) -> Result<(), CliError> {
        if let Some(recorder) = &mut self.recorder {
            self.progress.recorded = recorder.sync()?;
        }
        Ok(())
    }
}

impl Observe for Watcher<'_> {
    fn start(&mut self, steps: u64, _parameters: u64) {
        self.pulse.start(steps, self.done, &self.curves);
    }

    fn records(&mut self, routes: &Routes) {
        let path = self.folder.file(DECISIONS);
        match Recorder::open(&path, self.progress.recorded, routes) {
            Ok(recorder) => self.recorder = Some(recorder),
            Err(error) => self.pulse.fail::<CliError>(Err(error)),
        }
    }

    fn decided(&mut self, split: Split, step: u64, decided: &[Decided]) {
        if let Some(recorder) = &mut self.recorder {
            self.pulse.fail(recorder.add(split, step, decided));
        }
    }

    fn clustered(&mut self, fit: &Fit) {
        self.fit = Some(*fit);
        self.pulse.restart();
    }

    fn pretraining(&mut self, done: u64, total: u64, loss: f32) -> Control {
        self.progress.train_seconds += self.pulse.span();
        if self.pulse.may_tell() || done == total {
            Event::Pretraining { done, total }.tell();
        }
        if done == total {
            let told = format!("pretrained in {total} steps, mean loss of the last {loss:.3}");
            self.pulse.fail(self.folder.log(&told));
        }
        match self.pulse.stops() {
            true => Control::Stop,
            false => Control::Continue,
        }
    }

    fn step(&mut self, report: &StepReport) -> Control {
        self.progress.train_seconds += self.pulse.span();
        self.add(report);
        let pending = self.pending.take();
        let epoch_ends = pending.is_some();
        if let Some(pending) = pending {
            self.close(pending, report);
        }
        self.pulse.step(report.step + 1);
        // The end of an epoch is a good moment where the next one would come soon anyway.
        let control = self.pulse.control(epoch_ends);
        self.pulse.restart();
        control
    }

    fn evaluating(&mut self, begins: bool) {
        let span = self.pulse.span();
        match begins {
            true => self.progress.train_seconds += span,
            false => self.progress.eval_seconds += span,
        }
    }

    fn evaluated(&mut self, moment: &Moment) {
        let test = moment.test.total();
        let mut values =
            vec![("test/accuracy".into(), test.accuracy()), ("test/loss".into(), test.mean_loss())];
        for (name, task) in self.data.task_names.iter().zip(&moment.test.tasks) {
            values.push((format!("test/accuracy/{name}"), task.accuracy()));
        }
        let groups = self.data.texts.iter().flat_map(|texts| &texts.groups);
        for (name, group) in groups.zip(&moment.test.groups) {
            if self.spec.train.record_groups && !name.is_empty() && group.samples > 0 {
                values.push((format!("test/group/{name}/accuracy"), group.accuracy()));
            }
        }
        if let Some(validation) = moment.validation.as_ref().map(|split| split.total()) {
            values.push(("validation/accuracy".into(), validation.accuracy()));
            values.push(("validation/loss".into(), validation.mean_loss()));
        }
        for name in ["selection_entropy", "modules_used"] {
            let value = moment.test.log.as_ref().and_then(|log| metrics::one(log, name));
            values.extend(value.map(|value| (format!("routing/{name}"), value)));
        }
        if let (Some(before), Some(now)) = (&self.previous, &moment.test.log) {
            for name in ["decision_fluctuation", "path_fluctuation"] {
                let value = metrics::of_pair(before, now, name);
                values.extend(value.map(|value| (format!("routing/{name}"), value)));
            }
        }
        self.previous.clone_from(&moment.test.log);
        let (step, epoch) = (moment.step, moment.epoch as f64);
        self.pending = Some(Pending { step, epoch, values });
        let epochs = u64::from(self.spec.train.epochs);
        Event::Evaluated { epoch: moment.epoch, epochs, accuracy: test.accuracy() }.tell();
        self.progress.eval_seconds += self.pulse.span();
    }

    fn alarm(&mut self, alarm: &Alarm, snapshot: Option<&Snapshot>) {
        let name = alarm.cause.name();
        // A router that learns leaves many modules one by one: the terminal is told once.
        if self.progress.alarms.iter().all(|before| before.cause.name() != name) {
            let text = format!("{alarm}; further `alarms.{name}` go to run.log");
            Event::Alarm { text }.tell();
        }
        self.progress.alarms.push(alarm.clone());
        self.pulse.fail(self.folder.log(&format!("alarm: {alarm}")));
        if let (Some(snapshot), true) = (snapshot, self.pulse.is_well()) {
            self.progress.wall_seconds = self.pulse.wall();
            // A folder of its own, which no later checkpoint takes away.
            let place = self.folder.file(&format!("{ALARM}-{:012}", alarm.step));
            let (id, progress, log) = (&self.folder.id, &self.progress, self.previous.as_ref());
            let saved = checkpoint::save(&place, id, snapshot, progress, &self.curves, log);
            self.pulse.fail(saved);
        }
        self.pulse.restart();
    }

    fn snapshot(&mut self, snapshot: &Snapshot) {
        let synced = self.sync();
        self.pulse.fail(synced);
        if self.pulse.is_well() {
            self.progress.wall_seconds = self.pulse.wall();
            let place = self.folder.file(CHECKPOINT);
            let id = &self.folder.id;
            let (progress, log) = (&self.progress, self.previous.as_ref());
            let saved = checkpoint::save(&place, id, snapshot, progress, &self.curves, log);
            self.pulse.fail(saved);
        }
        self.pulse.saved();
    }
}

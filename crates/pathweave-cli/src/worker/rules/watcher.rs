//! Watches a run on rule data: clocks, curves, checkpoints, progress for the parent.

use std::time::{Duration, Instant};

use pathweave::rule::{RuleMoment, RuleSnapshot, Watch};
use pathweave::train::Control;
use pathweave_eval::curves::Curves;
use pathweave_store::{CHECKPOINT, RunFolder};

use super::checkpoint;
use super::finish::of_joint;
use crate::error::CliError;
use crate::interrupt;
use crate::worker::checkpoint::Progress;
use crate::worker::host;
use crate::worker::protocol::Event;

/// Time between two progress lines.
const TELL_EVERY: Duration = Duration::from_millis(200);
/// Time between two looks at the clock, about: a request to stop is seen as soon.
const LOOK_EVERY: f64 = 0.01;
/// Steps between them, at most.
const LONGEST_PACE: u64 = 256;

/// The observer of a run.
pub struct RuleWatcher<'a> {
    folder: &'a RunFolder,
    epochs: u64,
    progress: Progress,
    curves: Curves,
    started: Instant,
    wall_before: f64,
    /// When the span that is being timed began
    mark: Instant,
    checkpoint_every: Duration,
    last_checkpoint: Instant,
    last_told: Instant,
    /// Steps up to the last look at the clock
    done: u64,
    pace: u64,
    failure: Option<CliError>,
}

impl<'a> RuleWatcher<'a> {
    /// A watcher that goes on from progress and curves. `started` is when the process began,
    /// `checkpoint_every` the time between checkpoints.
    pub fn new(
        folder: &'a RunFolder,
        epochs: u64,
        (progress, curves): (Progress, Curves),
        (started, checkpoint_every): (Instant, Duration),
    ) -> Self {
        let now = Instant::now();
        Self {
            folder,
            epochs,
            wall_before: progress.wall_seconds,
            progress,
            curves,
            started,
            mark: now,
            checkpoint_every,
            last_checkpoint: now,
            last_told: now,
            done: 0,
            pace: 1,
            failure: None,
        }
    }

    /// Gives back what was seen.
    ///
    /// # Errors
    /// Where a checkpoint could not be written.
    pub fn end(mut self) -> Result<(Progress, Curves), CliError> {
        self.tick();
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok((self.progress, self.curves)),
        }
    }

    /// Brings the wall clock up to date.
    fn tick(&mut self) {
        self.progress.wall_seconds = self.wall_before + self.started.elapsed().as_secs_f64();
    }

    /// Seconds since the last call, and begins a new span.
    fn span(&mut self) -> f64 {
        let now = Instant::now();
        let span = now - self.mark;
        self.mark = now;
        span.as_secs_f64()
    }
}

impl Watch for RuleWatcher<'_> {
    fn start(&mut self, steps: u64, done: u64, _parameters: u64) {
        Event::Started { steps, done }.tell();
        self.done = done;
        self.mark = Instant::now();
    }

    fn pace(&self) -> u64 {
        self.pace
    }

    fn steps(&mut self, step: u64) -> Control {
        let span = self.span();
        self.progress.train_seconds += span;
        // Nothing but the clock depends on the pace.
        let fits = (step - self.done) as f64 * LOOK_EVERY / span.max(1e-9);
        self.pace = (fits as u64).clamp(1, LONGEST_PACE);
        self.done = step;
        if self.last_told.elapsed() >= TELL_EVERY {
            Event::Step { step }.tell();
            self.last_told = Instant::now();
        }
        if self.failure.is_some() || interrupt::stopping() {
            return Control::Stop;
        }
        match self.last_checkpoint.elapsed() >= self.checkpoint_every {
            true => Control::Checkpoint,
            false => Control::Continue,
        }
    }

    fn evaluating(&mut self, begins: bool) {
        let span = self.span();
        match begins {
            true => self.progress.train_seconds += span,
            false => self.progress.eval_seconds += span,
        }
    }

    fn evaluated(&mut self, moment: &RuleMoment) {
        let validation = &moment.validation;
        let loss = validation.total.mean_loss();
        let mut values = vec![("train/loss", moment.train_loss), ("validation/loss", loss)];
        if validation.classification {
            values.push(("validation/error", validation.total.error()));
        }
        let epoch = moment.epoch;
        for (tag, value) in values {
            self.curves.push(tag, moment.step, epoch as f64, value);
        }
        for (name, value) in moment.joint().map(of_joint).unwrap_or_default() {
            self.curves.push(&format!("routing/{name}"), moment.step, epoch as f64, value);
        }
        self.progress.times.push((moment.step, host::now()));
        let loss = loss.is_finite().then_some(loss);
        Event::Validated { epoch, epochs: self.epochs, loss }.tell();
        self.progress.eval_seconds += self.span();
    }

    fn snapshot(&mut self, snapshot: &RuleSnapshot) {
        if self.failure.is_none() {
            self.tick();
            let (place, id) = (self.folder.file(CHECKPOINT), &self.folder.id);
            let saved = checkpoint::save(&place, id, snapshot, &self.progress, &self.curves);
            self.failure = saved.err();
        }
        self.last_checkpoint = Instant::now();
        self.mark = self.last_checkpoint;
    }

    fn stops(&mut self) -> bool {
        self.failure.is_some() || interrupt::stopping()
    }
}

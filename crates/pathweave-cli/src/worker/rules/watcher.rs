//! Watches a run on rule data: clocks, curves, checkpoints, progress for the parent.

use std::time::{Duration, Instant};

use pathweave::rule::{RuleMoment, RuleSnapshot, Watch};
use pathweave::train::Control;
use pathweave_eval::curves::Curves;
use pathweave_store::{CHECKPOINT, RunFolder, now};

use super::checkpoint;
use super::finish::of_joint;
use crate::error::CliError;
use crate::worker::checkpoint::Progress;

use crate::worker::protocol::Event;
use crate::worker::pulse::Pulse;

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
    pulse: Pulse<'a>,
    /// Steps up to the last look at the clock
    done: u64,
    pace: u64,
}

impl<'a> RuleWatcher<'a> {
    /// A watcher that goes on from progress and curves. `times` are when the process began and the
    /// time between checkpoints.
    pub fn new(
        folder: &'a RunFolder,
        epochs: u64,
        (progress, curves): (Progress, Curves),
        times: (Instant, Duration),
    ) -> Self {
        let pulse = Pulse::new(folder, progress.wall_seconds, times);
        Self { folder, epochs, progress, curves, pulse, done: 0, pace: 1 }
    }

    /// Gives back what was seen.
    ///
    /// # Errors
    /// Where a checkpoint could not be written.
    pub fn end(mut self) -> Result<(Progress, Curves), CliError> {
        self.progress.wall_seconds = self.pulse.wall();
        self.pulse.end()?;
        Ok((self.progress, self.curves))
    }
}

impl Watch for RuleWatcher<'_> {
    fn start(&mut self, steps: u64, done: u64, _parameters: u64) {
        self.done = done;
        self.pulse.start(steps, done, &self.curves);
    }

    fn pace(&self) -> u64 {
        self.pace
    }

    fn steps(&mut self, step: u64) -> Control {
        let span = self.pulse.span();
        self.progress.train_seconds += span;
        // Nothing but the clock depends on the pace.
        let fits = (step - self.done) as f64 * LOOK_EVERY / span.max(1e-9);
        self.pace = (fits as u64).clamp(1, LONGEST_PACE);
        self.done = step;
        self.pulse.step(step);
        self.pulse.control(false)
    }

    fn evaluating(&mut self, begins: bool) {
        let span = self.pulse.span();
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
        let joint = moment.joint().map(of_joint).unwrap_or_default();
        let routing: Vec<(String, f64)> =
            joint.into_iter().map(|(name, value)| (format!("routing/{name}"), value)).collect();
        values.extend(routing.iter().map(|(tag, value)| (tag.as_str(), *value)));
        self.pulse.curve(&mut self.curves, (moment.step, epoch as f64), values);
        self.progress.times.push((moment.step, now()));
        let loss = loss.is_finite().then_some(loss);
        Event::Validated { epoch, epochs: self.epochs, loss }.tell();
        self.progress.eval_seconds += self.pulse.span();
    }

    fn snapshot(&mut self, snapshot: &RuleSnapshot) {
        if self.pulse.is_well() {
            self.progress.wall_seconds = self.pulse.wall();
            let (place, id) = (self.folder.file(CHECKPOINT), &self.folder.id);
            let saved = checkpoint::save(&place, id, snapshot, &self.progress, &self.curves);
            self.pulse.fail(saved);
        }
        self.pulse.saved();
    }

    fn stops(&mut self) -> bool {
        self.pulse.stops()
    }
}

//! Clocks of a run, and what is told outside while it goes on: events for the parent, `progress.json`
//! and `live.csv` for whoever looks at the store.

use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use pathweave::train::Control;
use pathweave_eval::curves::Curves;
use pathweave_store::{LIVE, Progress, RunFolder, now};

use super::protocol::Event;
use crate::error::CliError;
use crate::interrupt;

/// Time between two progress lines.
const TELL_EVERY: Duration = Duration::from_millis(200);
/// Time between two writes of `progress.json`.
const WRITE_EVERY: Duration = Duration::from_secs(1);

/// The clocks of a run.
pub struct Pulse<'a> {
    folder: &'a RunFolder,
    progress: Progress,
    live: Option<File>,
    started: Instant,
    /// Seconds of the processes before
    wall_before: f64,
    /// When the span that is being timed began
    mark: Instant,
    checkpoint_every: Duration,
    last_checkpoint: Instant,
    last_told: Instant,
    last_written: Instant,
    /// Why the run must end
    failure: Option<CliError>,
}

impl<'a> Pulse<'a> {
    /// Of a run whose processes before took `wall_before` seconds. `started` is when this one took it
    /// up, `checkpoint_every` the time between checkpoints.
    pub fn new(
        folder: &'a RunFolder,
        wall_before: f64,
        (started, checkpoint_every): (Instant, Duration),
    ) -> Self {
        let now = Instant::now();
        Self {
            folder,
            progress: Progress::of_this_process(),
            live: None,
            started,
            wall_before,
            mark: now,
            checkpoint_every,
            last_checkpoint: now,
            last_told: now,
            last_written: now,
            failure: None,
        }
    }

    /// Training begins, after `done` of `steps` steps and with the curves of these.
    pub fn start(&mut self, steps: u64, done: u64, curves: &Curves) {
        Event::Started { steps, done }.tell();
        (self.progress.steps, self.progress.step) = (steps, done);
        self.write_progress();
        let path = self.folder.file(LIVE);
        let made = File::create(&path).map_err(|error| CliError::file(&path, error));
        let written = made.and_then(|mut file| {
            curves.to_csv(&mut file).map_err(|error| CliError::file(&path, error))?;
            Ok(file)
        });
        match written {
            Ok(file) => self.live = Some(file),
            Err(error) => self.fail(Err(error)),
        }
        self.mark = Instant::now();
    }

    /// `step` steps are made.
    pub fn step(&mut self, step: u64) {
        self.progress.step = step;
        if self.last_told.elapsed() >= TELL_EVERY {
            Event::Step { step }.tell();
            self.last_told = Instant::now();
        }
        if self.last_written.elapsed() >= WRITE_EVERY {
            self.write_progress();
        }
    }

    /// Whether something may be told again that comes often.
    pub fn may_tell(&mut self) -> bool {
        let may = self.last_told.elapsed() >= TELL_EVERY;
        if may {
            self.last_told = Instant::now();
        }
        may
    }

    /// Adds scalars to the curves, and to those that are seen outside.
    pub fn curve<'b>(
        &mut self,
        curves: &mut Curves,
        (step, epoch): (u64, f64),
        values: impl IntoIterator<Item = (&'b str, f64)>,
    ) {
        let mut new = Curves::new();
        for (tag, value) in values {
            curves.push(tag, step, epoch, value);
            new.push(tag, step, epoch, value);
        }
        let mut text = Vec::new();
        let written = new.to_csv(&mut text).map_err(|error| error.to_string());
        let rows = text.iter().position(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        let Some(file) = &mut self.live else { return };
        // In one write: whoever reads meanwhile sees whole rows but for the last.
        let written =
            written.and_then(|()| file.write_all(&text[rows..]).map_err(|e| e.to_string()));
        let path = self.folder.file(LIVE);
        self.fail(written.map_err(|error| CliError::file(&path, error)));
    }

    /// Seconds since the last call, and begins a new span.
    pub fn span(&mut self) -> f64 {
        let now = Instant::now();
        let span = now - self.mark;
        self.mark = now;
        span.as_secs_f64()
    }

    /// Begins a new span.
    pub fn restart(&mut self) {
        self.mark = Instant::now();
    }

    /// Seconds of all processes that worked on the run.
    pub fn wall(&self) -> f64 {
        self.wall_before + self.started.elapsed().as_secs_f64()
    }

    /// Whether the run is to stop, or to write a checkpoint: sooner where this is a `good` moment.
    pub fn control(&self, good: bool) -> Control {
        if self.stops() {
            return Control::Stop;
        }
        let due = if good { self.checkpoint_every / 3 } else { self.checkpoint_every };
        match self.last_checkpoint.elapsed() >= due {
            true => Control::Checkpoint,
            false => Control::Continue,
        }
    }

    /// Whether the run is to stop.
    pub fn stops(&self) -> bool {
        self.failure.is_some() || interrupt::stopping()
    }

    /// A checkpoint was written.
    pub fn saved(&mut self) {
        self.last_checkpoint = Instant::now();
        self.mark = self.last_checkpoint;
    }

    /// Keeps the first failure, which ends the run.
    pub fn fail<E: Into<CliError>>(&mut self, result: Result<(), E>) {
        if let Err(error) = result {
            self.failure.get_or_insert(error.into());
        }
    }

    /// Whether nothing failed.
    pub fn is_well(&self) -> bool {
        self.failure.is_none()
    }

    /// The first failure.
    ///
    /// # Errors
    /// That failure.
    pub fn end(self) -> Result<(), CliError> {
        self.failure.map_or(Ok(()), Err)
    }

    fn write_progress(&mut self) {
        self.progress.updated = now();
        let written = self.progress.write(self.folder);
        self.fail(written);
        self.last_written = Instant::now();
    }
}

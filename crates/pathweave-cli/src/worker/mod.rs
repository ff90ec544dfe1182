//! The process that trains runs, one after another: reads a job a line on standard input, tells its
//! progress as JSON lines on standard output, and leaves each run's files in its folder.
//!
//! It ends when its standard input is closed; a run that is not finished then leaves a checkpoint.

pub mod arrays;
mod checkpoint;
mod decisions;
mod finish;
mod host;
pub mod metrics;
mod protocol;
mod pulse;
mod rules;
mod watcher;

use std::fs::TryLockError;
use std::io::{Write, stdin};
use std::path::Path;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use pathweave::spec::CheckedSpec;
use pathweave::train::{self, Finished, RunError};
use pathweave_eval::alarm::Action;
use pathweave_store::{CHECKPOINT, Failure, LIVE, Progress, RunFolder, SPEC, write_text};
pub use protocol::{Event, FailureKind, Job};
use watcher::Watcher;

use crate::error::CliError;
use crate::interrupt;
use crate::run_id::id;
use crate::spec_file::{table_of, text};

/// How often a lock is tried before another process counts as running the run, and the time between.
const GLANCES: u32 = 3;
const GLANCE: Duration = Duration::from_millis(10);

static IS_WORKER: AtomicBool = AtomicBool::new(false);

/// Whether this process is a worker.
pub fn is_worker() -> bool {
    IS_WORKER.load(Ordering::SeqCst)
}

/// Reads jobs, does them, tells how each ended.
///
/// # Errors
/// Where a line is no job.
pub fn run() -> Result<(), CliError> {
    IS_WORKER.store(true, Ordering::SeqCst);
    interrupt::be_graceful();
    let (to, jobs) = mpsc::channel();
    std::thread::spawn(move || {
        for line in stdin().lines().map_while(Result::ok) {
            // The other end is gone only when the process ends.
            _ = to.send(line);
        }
        interrupt::stop();
    });
    for line in jobs {
        let job: Job = serde_json::from_str(&line).map_err(|error| {
            CliError::Usage(format!("worker: standard input holds no job: {error}"))
        })?;
        host::forget_peak_memory();
        ended(work(job, Instant::now())).tell();
    }
    Ok(())
}

/// How a job ended, as the parent is told.
fn ended(result: Result<Option<()>, CliError>) -> Event {
    match result {
        Ok(Some(())) => Event::Finished,
        Ok(None) => Event::Elsewhere,
        Err(CliError::Interrupted(_)) => Event::Stopped,
        Err(CliError::Alarmed(message)) => Event::Alarmed { message },
        Err(error) => {
            let kind = match error {
                CliError::Data(_) => FailureKind::Data,
                CliError::Spec(_) => FailureKind::Spec,
                _ => FailureKind::Run,
            };
            Event::Failed { kind, message: error.to_string() }
        }
    }
}

/// Trains a run; none where another process does.
fn work(job: Job, started: Instant) -> Result<Option<()>, CliError> {
    let faults = |faults: pathweave::spec::SpecFaults| {
        CliError::Spec(faults.0.iter().map(ToString::to_string).collect())
    };
    let spec = job.spec.check().map_err(faults)?;
    let folder = RunFolder::new(&job.out, &id(&spec, job.device));
    folder.create()?;
    let Some(_lock) = lock(&folder, job.waits)? else { return Ok(None) };
    if folder.is_finished() {
        return Ok(Some(()));
    }
    Progress::of_this_process().write(&folder)?;
    folder.tidy();
    Failure::clear(&folder);
    // At once, so that whoever looks at the store knows what is being run.
    write_text(&folder.file(SPEC), &text(&table_of(&spec)))?;
    let times = (started, job.checkpoint_seconds);
    let result = match spec.data.rules() {
        Some(data) => rules::train(&spec, data, &folder, job.device, times),
        None => train(&spec, &folder, &job.data, job.device, times),
    };
    match &result {
        Ok(()) => folder.log("finished")?,
        Err(CliError::Interrupted(_)) if !folder.file(CHECKPOINT).exists() => {
            folder.log("stopped before there was anything to go on from")?;
        }
        Err(CliError::Interrupted(_)) => folder.log("stopped, with a checkpoint")?,
        Err(CliError::Alarmed(_)) => folder.log("stopped by an alarm, with a checkpoint")?,
        Err(error) => folder.log(&format!("failed: {error}"))?,
    }
    Progress::clear(&folder);
    result.map(Some)
}

/// The lock of a run, after waiting for whoever else has it; none where they are not waited for.
fn lock(folder: &RunFolder, waits: bool) -> Result<Option<std::fs::File>, CliError> {
    let file = folder.lock_file()?;
    let (mut told, mut tries) = (false, 0);
    loop {
        let is_free = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => return Err(CliError::file(&folder.path, error)),
        };
        // Locks of some network file systems do not reach other machines; what these tell does.
        let progress = || Progress::read(folder);
        let is_told = || progress().is_some_and(|progress| progress.is_elsewhere_and_alive());
        if is_free && (folder.is_finished() || !is_told()) {
            return Ok(Some(file));
        }
        if is_free {
            file.unlock().map_err(|error| CliError::file(&folder.path, error))?;
        }
        if !waits {
            // Who only looks whether the run is running holds the lock for a moment.
            if is_free || tries == GLANCES {
                return Ok(None);
            }
            tries += 1;
            std::thread::sleep(GLANCE);
            continue;
        }
        if interrupt::stopping() {
            return Err(CliError::Interrupted("stopped while another process ran it".into()));
        }
        if !told {
            Event::Waiting.tell();
            told = true;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn train(
    spec: &CheckedSpec,
    folder: &RunFolder,
    data_folder: &Option<std::path::PathBuf>,
    device: crate::device::DeviceName,
    (started, checkpoint_seconds): (Instant, f64),
) -> Result<(), CliError> {
    let data = spec
        .data
        .load(data_folder.as_deref())
        .map_err(|errors| CliError::Data(errors.to_string()))?;
    let checkpoint = folder.file(CHECKPOINT);
    let saved = checkpoint::load(&checkpoint);
    let saved = take_up(folder, saved, |saved| saved.snapshot.counters.step)?;
    let (snapshot, seen) = match saved {
        Some(saved) => (Some(saved.snapshot), (saved.progress, saved.curves, saved.log)),
        None => Default::default(),
    };
    let every = Duration::from_secs_f64(checkpoint_seconds);
    let mut watcher = Watcher::new(spec, folder, &data, seen, (started, every));
    let done = snapshot.as_ref().map_or(0, |snapshot| snapshot.counters.step);
    watcher.resumes_at(done);
    let mut replay = match spec.train.replay.as_str() {
        "" => None,
        path => Some(decisions::Recorded::open(path.as_ref())?),
    };
    let replay = replay.as_mut().map(|replay| replay as &mut dyn train::Replay);
    let weights = match spec.model.text.transformer.weights.as_str() {
        "" => None,
        path => Some(arrays::read(path.as_ref())?),
    };
    let (resume, weights) = (snapshot.as_ref(), weights.as_deref());
    let start = train::Start { resume, replay, weights };
    let ended = train::run_from(spec, &data, &device.open(), start, &mut watcher);
    let watched = watcher.end()?;
    let failed = |error: RunError| {
        let diverged = matches!(error, RunError::Step(_));
        run_failed(&error, diverged.then_some(&*checkpoint))
    };
    match ended.map_err(failed)? {
        Finished::Stopped { step } => {
            Err(CliError::Interrupted(format!("stopped after step {step}")))
        }
        Finished::Alarmed { alarms, .. } => {
            let stops = alarms.iter().filter(|alarm| alarm.action == Action::Stop);
            let texts: Vec<String> = stops.map(ToString::to_string).collect();
            Err(CliError::Alarmed(texts.join("; ")))
        }
        Finished::Complete(complete) => {
            finish::write(spec, folder, &data, device, &complete, watched)?;
            clean(folder);
            Ok(())
        }
    }
}

/// What a run goes on from, as its log is told; a checkpoint that cannot be read is no reason to fail.
fn take_up<T>(
    folder: &RunFolder,
    saved: Result<Option<T>, CliError>,
    step: impl Fn(&T) -> u64,
) -> Result<Option<T>, CliError> {
    let saved = match saved {
        Ok(saved) => saved,
        // Starting over gives the same bits, only later.
        Err(error) => {
            folder.log(&format!("starting over, the checkpoint cannot be read: {error}"))?;
            None
        }
    };
    match &saved {
        None => folder.log("started")?,
        Some(saved) => folder.log(&format!("resumed after step {}", step(saved)))?,
    }
    Ok(saved)
}

/// The failure of a run; where it diverged, with the last good of these checkpoints.
fn run_failed(error: &dyn std::fmt::Display, diverged: Option<&Path>) -> CliError {
    let good = match diverged.map(checkpoint::newest) {
        Some(Some((step, place))) => {
            format!("; the last good checkpoint, after step {step}, is {}", place.display())
        }
        Some(None) => "; there is no checkpoint of this run yet".into(),
        None => String::new(),
    };
    CliError::RunFailed(format!("{error}{good}"))
}

/// Removes what only a run that is not finished needs.
fn clean(folder: &RunFolder) {
    // The record is there: with these the run is finished all the same.
    _ = std::fs::remove_dir_all(folder.file(CHECKPOINT));
    _ = std::fs::remove_file(folder.file(LIVE));
}

/// Prints a line that the parent reads at once.
fn tell(line: &str) {
    let mut to = std::io::stdout().lock();
    // A parent that is gone has closed standard input too, which ends the run.
    _ = writeln!(to, "{line}").and_then(|()| to.flush());
}

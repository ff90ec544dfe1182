//! Worker processes. Each trains runs one after another: starting one costs more than a small run.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use pathweave::spec::RunSpec;
use pathweave_store::{LOG, RunFolder};

use crate::error::CliError;
use crate::interrupt;
use crate::options::RunOptions;
use crate::ui::Bar;
use crate::worker::{Event, FailureKind, Job};

/// How a run ended.
pub enum Ended {
    /// The run is finished
    Finished,
    /// Another process runs it now
    Elsewhere,
    /// On request, with a checkpoint
    Stopped,
    /// By an alarm, in its words
    Alarmed(String),
    /// With what is to blame and its words
    Failed((FailureKind, String)),
}

/// A worker process, started when the first run comes, and another one where it died.
#[derive(Default)]
pub struct Seat(Option<Worker>);

struct Worker {
    process: Child,
    output: BufReader<ChildStdout>,
    /// Log of the run that it trains: what a worker prints when it dies belongs there
    log: Arc<Mutex<PathBuf>>,
    errors: JoinHandle<()>,
}

impl Seat {
    /// Has a worker train a run, and follows it to its end. Where another process runs it already,
    /// its end is waited for only if `waits`.
    ///
    /// # Errors
    /// Where no worker can be started or waited for.
    pub fn follow(
        &mut self,
        folder: &RunFolder,
        spec: &RunSpec,
        (options, waits): (&RunOptions, bool),
        bar: &Bar,
    ) -> Result<Ended, CliError> {
        folder.create()?;
        let job = Job {
            spec: spec.clone(),
            out: options.out.clone(),
            data: options.data.clone(),
            device: options.device,
            checkpoint_seconds: options.checkpoint_seconds,
            waits,
        };
        let job = serde_json::to_string(&job).map_err(|error| failed("told its job", &error))?;
        let worker = match self.0.take() {
            Some(worker) => worker,
            None => Worker::start()?,
        };
        let worker = self.0.insert(worker);
        *worker.log.lock().unwrap_or_else(PoisonError::into_inner) = folder.file(LOG);
        // A worker that died, or must stop, says so below.
        interrupt::tell_worker(worker.process.id(), &job);
        while let Some(event) = worker.next() {
            if let Some(ended) = show(event, bar) {
                if matches!(ended, Ended::Stopped) {
                    // Who asked it to stop asked the process, not the run.
                    drop(Self(self.0.take()));
                }
                return Ok(ended);
            }
        }
        let status = self.0.take().map(Worker::end).transpose();
        let status = status.map_err(|error| CliError::file(&folder.path, error))?;
        let status = status.map_or_else(String::new, |status| format!(" ({status})"));
        if interrupt::stopping() {
            return Ok(Ended::Stopped);
        }
        let log = folder.file(LOG);
        let text = format!("its process ended early{status}; see {}", log.display());
        Ok(Ended::Failed((FailureKind::Run, text)))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(worker) = self.0.take() {
            // It ended one way or another; every run has told how.
            _ = worker.end();
        }
    }
}

impl Worker {
    fn start() -> Result<Self, CliError> {
        let mut process = Command::new(program().map_err(|error| failed("found", &error))?)
            .arg("worker")
            // Workers are what runs at once: a second thread in one takes from another.
            .env("RAYON_NUM_THREADS", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed("started", &error))?;
        let input = process.stdin.take().expect("it is piped");
        let output = BufReader::new(process.stdout.take().expect("it is piped"));
        let errors = process.stderr.take().expect("it is piped");
        let log = Arc::new(Mutex::new(PathBuf::new()));
        let errors = std::thread::spawn({
            let log = Arc::clone(&log);
            move || copy(errors, &log)
        });
        interrupt::add_worker(process.id(), input);
        Ok(Self { process, output, log, errors })
    }

    fn next(&mut self) -> Option<Event> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.output.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if let Ok(event) = serde_json::from_str(&line) {
                return Some(event);
            }
        }
    }

    /// Lets it end, and waits for it.
    fn end(mut self) -> std::io::Result<std::process::ExitStatus> {
        interrupt::remove_worker(self.process.id());
        let status = self.process.wait();
        _ = self.errors.join();
        status
    }
}

/// Shows an event; gives back the end of the run where it is one.
fn show(event: Event, bar: &Bar) -> Option<Ended> {
    match event {
        Event::Waiting => bar.note("another process runs it; waiting"),
        Event::Started { steps, done } => {
            bar.total(steps);
            bar.resume(done);
        }
        Event::Pretraining { done, total } => {
            bar.note(&format!("pretraining, step {done} of {total}"));
        }
        Event::Step { step } => bar.at(step),
        Event::Evaluated { epoch, epochs, accuracy } => {
            bar.note(&format!("epoch {epoch}/{epochs}, {}", super::percent(accuracy)));
        }
        Event::Validated { epoch, epochs, loss } => {
            let loss = loss.unwrap_or(f64::NAN);
            bar.note(&format!("epoch {epoch}/{epochs}, validation loss {loss:.4}"));
        }
        Event::Alarm { text } => bar.alarm(&text),
        Event::Finished => return Some(Ended::Finished),
        Event::Elsewhere => return Some(Ended::Elsewhere),
        Event::Stopped => return Some(Ended::Stopped),
        Event::Alarmed { message } => return Some(Ended::Alarmed(message)),
        Event::Failed { kind, message } => return Some(Ended::Failed((kind, message))),
    }
    None
}

/// Adds what a worker prints on standard error to the log of its run.
fn copy(errors: ChildStderr, log: &Mutex<PathBuf>) {
    for line in BufReader::new(errors).lines().map_while(Result::ok) {
        let path = log.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let open = File::options().create(true).append(true).open(&path);
        // Words of a dying process: where they cannot be kept, how it ended is told all the same.
        _ = open.and_then(|mut file| writeln!(file, "{line}"));
    }
}

fn failed(what: &str, error: &dyn std::fmt::Display) -> CliError {
    CliError::Internal(format!("a worker cannot be {what}: {error}"))
}

/// This very program, even where its file was replaced since it started.
fn program() -> std::io::Result<PathBuf> {
    match cfg!(target_os = "linux") {
        true => Ok("/proc/self/exe".into()),
        false => std::env::current_exe(),
    }
}

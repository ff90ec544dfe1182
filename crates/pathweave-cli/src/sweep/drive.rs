//! The workers of a sweep: every run once, those that fail again after the others. Runs that another
//! sweep is at are put off, and counted as soon as they are finished there.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use pathweave_store::Failure;

use super::Entry;
use crate::error::CliError;
use crate::executor::{Ended, Seat};
use crate::interrupt;
use crate::options::RunOptions;
use crate::ui::{Bar, Ui};
use crate::worker::FailureKind;

/// Time between two looks at runs that all are run by other processes.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What became of the runs that were to do.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Runs that finished
    pub finished: usize,
    /// Runs that failed every time
    pub failed: Vec<Failure>,
    /// Time that it took
    pub took: Duration,
}

/// What the workers share.
struct Shared<'a> {
    queue: VecDeque<(&'a Entry, u32)>,
    /// How many were put off one after the other
    put_off: usize,
    running: usize,
    outcome: Outcome,
}

/// Runs what is to do; a run that fails is tried `retries` times more, after the others. `before`
/// and `all` are what the sweep had finished and has.
///
/// # Errors
/// Where a failure cannot be written down.
pub fn drive(
    todo: &[&Entry],
    (before, all): (usize, usize),
    retries: u32,
    options: &RunOptions,
) -> Result<Outcome, CliError> {
    interrupt::be_graceful();
    let ui = Ui::new(options);
    let total = ui.bar("sweep", all as u64);
    total.resume(before as u64);
    let began = Instant::now();
    let queue = todo.iter().map(|entry| (*entry, 1)).collect();
    let shared =
        Mutex::new((Shared { queue, put_off: 0, running: 0, outcome: Outcome::default() }, total));
    let work = || -> Result<(), CliError> {
        let mut seat = Seat::default();
        while let Some((entry, attempt)) = next(&shared) {
            let ended = one(&mut seat, entry, options, &ui);
            let mut guard = lock(&shared);
            let (state, total) = &mut *guard;
            state.running -= 1;
            settle(state, (entry, attempt), ended, retries, options)?;
            show(state, total, (before, all), began);
        }
        Ok(())
    };
    let ended: Vec<Result<(), CliError>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..options.workers(todo.len())).map(|_| scope.spawn(work)).collect();
        let join = |worker: std::thread::ScopedJoinHandle<'_, _>| {
            worker.join().unwrap_or_else(|panic| resume_unwind(panic))
        };
        workers.into_iter().map(join).collect()
    });
    ended.into_iter().collect::<Result<Vec<()>, CliError>>()?;
    let (state, total) = shared.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    total.clear();
    Ok(Outcome { took: began.elapsed(), ..state.outcome })
}

fn lock<'a, 'b>(
    shared: &'b Mutex<(Shared<'a>, Bar)>,
) -> std::sync::MutexGuard<'b, (Shared<'a>, Bar)> {
    shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn next<'a>(shared: &Mutex<(Shared<'a>, Bar)>) -> Option<(&'a Entry, u32)> {
    if interrupt::stopping() {
        return None;
    }
    let mut guard = lock(shared);
    while guard.0.put_off > guard.0.queue.len() {
        guard.0.put_off = 0;
        drop(guard);
        std::thread::sleep(LOOK_EVERY);
        guard = lock(shared);
    }
    let found = guard.0.queue.pop_front();
    guard.0.running += usize::from(found.is_some());
    found
}

fn one(seat: &mut Seat, entry: &Entry, options: &RunOptions, ui: &Ui) -> Ended {
    let folder = entry.folder(options);
    let bar = ui.passing(&entry.label());
    let ended = seat
        .follow(&folder, &entry.spec, (options, false), &bar)
        .unwrap_or_else(|error| Ended::Failed((FailureKind::Run, error.to_string())));
    bar.clear();
    ended
}

/// Books how a run ended.
fn settle<'a>(
    state: &mut Shared<'a>,
    (entry, attempt): (&'a Entry, u32),
    ended: Ended,
    retries: u32,
    options: &RunOptions,
) -> Result<(), CliError> {
    let folder = entry.folder(options);
    if matches!(ended, Ended::Elsewhere) {
        state.put_off += 1;
        state.queue.push_back((entry, attempt));
        return Ok(());
    }
    state.put_off = 0;
    let (again, error) = match ended {
        Ended::Finished => {
            state.outcome.finished += 1;
            Failure::clear(&folder);
            return Ok(());
        }
        Ended::Stopped | Ended::Elsewhere => {
            // Its process was asked to stop, the sweep was not.
            if !interrupt::stopping() {
                state.queue.push_back((entry, attempt));
            }
            return Ok(());
        }
        // The data will be no better, and an alarm rings again.
        Ended::Alarmed(text) => (false, text),
        Ended::Failed((kind, text)) => (kind == FailureKind::Run, text),
    };
    if again && attempt <= retries {
        state.queue.push_back((entry, attempt + 1));
        return Ok(());
    }
    let failure = Failure { id: entry.id.clone(), name: entry.label(), error, attempts: attempt };
    let written = failure.write(&folder);
    state.outcome.failed.push(failure);
    Ok(written?)
}

fn show(state: &Shared<'_>, total: &Bar, (before, all): (usize, usize), began: Instant) {
    let Outcome { finished, failed, .. } = &state.outcome;
    let (done, failed) = (before + finished, failed.len());
    let left = all.saturating_sub(done + failed + state.running);
    let each = began.elapsed().as_secs_f64() / (finished + failed).max(1) as f64;
    let seconds = each * (left + state.running) as f64;
    let rest = humantime::format_duration(Duration::from_secs(seconds as u64));
    total.at((done + failed) as u64);
    let running = state.running;
    total.note(&format!(
        "{done} of {all} done, {running} running, {failed} failed, {left} left, about {rest}"
    ));
}

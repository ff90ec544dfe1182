//! Ctrl-C and the system's request to end.
//!
//! A command that trains nothing ends at once. One that trains asks its workers to stop by closing
//! their standard input, so a worker also stops where its parent was killed; each writes a
//! checkpoint. A second Ctrl-C ends the command at once; the workers still write theirs.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ChildStdin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::CliError;

/// Exit code of an interrupted command.
const INTERRUPTED: i32 = 130;

static GRACEFUL: AtomicBool = AtomicBool::new(false);
static STOP: AtomicBool = AtomicBool::new(false);
static WORKERS: Mutex<BTreeMap<u32, ChildStdin>> = Mutex::new(BTreeMap::new());

/// Watches for the signals.
///
/// # Errors
/// Where the system refuses.
pub fn watch() -> Result<(), CliError> {
    ctrlc::set_handler(|| {
        let asked_before = STOP.swap(true, Ordering::SeqCst);
        if asked_before && is_parent() || !GRACEFUL.load(Ordering::SeqCst) {
            std::process::exit(INTERRUPTED);
        }
        stop_workers();
    })
    .map_err(|error| CliError::Internal(format!("signals cannot be watched: {error}")))
}

/// From now on a signal only sets [`stopping`], and asks the workers to stop.
pub fn be_graceful() {
    GRACEFUL.store(true, Ordering::SeqCst);
}

/// Whether somebody asked to stop.
pub fn stopping() -> bool {
    STOP.load(Ordering::SeqCst)
}

/// Asks this process to stop, as a signal would.
pub fn stop() {
    STOP.store(true, Ordering::SeqCst);
}

/// Keeps a worker's standard input open until it ends or must stop.
pub fn add_worker(id: u32, input: ChildStdin) {
    let mut workers = WORKERS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    // A signal may have come between the worker's start and now: then it is asked at once.
    if !stopping() {
        workers.insert(id, input);
    }
}

/// Sends a line to a worker; to one that is gone, or must stop, nothing.
pub fn tell_worker(id: u32, line: &str) {
    let mut workers = WORKERS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(input) = workers.get_mut(&id) {
        // A worker that died already says so by its status.
        _ = writeln!(input, "{line}").and_then(|()| input.flush());
    }
}

/// Forgets a worker, which ends where it has nothing more to do.
pub fn remove_worker(id: u32) {
    WORKERS.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&id);
}

fn stop_workers() {
    WORKERS.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
}

/// Workers have no workers: they hear of one request twice, from the terminal and from their
/// parent, and must finish their checkpoint.
fn is_parent() -> bool {
    !crate::worker::is_worker()
}

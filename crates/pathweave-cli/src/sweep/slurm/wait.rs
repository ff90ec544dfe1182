//! Follows the jobs of a sweep to their end.

use std::time::{Duration, Instant};

use pathweave_store::{Failure, State};

use super::{Job, ids, live};
use crate::error::CliError;
use crate::interrupt;
use crate::options::RunOptions;
use crate::sweep::{Entry, Outcome, Sweep};
use crate::ui::Ui;

/// Between two looks, at first and at most: Slurm is asked gently.
const FIRST: Duration = Duration::from_secs(1);
const MOST: Duration = Duration::from_secs(15);
/// How long the files of a task that just ended may take to be seen here.
const SETTLE: Duration = Duration::from_secs(2);

/// Waits until every run is done or Slurm has no job of the sweep any more; `before` runs were done
/// at the start.
///
/// # Errors
/// [`CliError::Interrupted`] on Ctrl-C: the jobs go on. [`CliError::Scheduler`] where Slurm was not
/// to be asked at the start.
pub fn wait(sweep: &Sweep, before: usize, options: &RunOptions) -> Result<Outcome, CliError> {
    interrupt::be_graceful();
    let ui = Ui::new(options);
    let bar = ui.bar("sweep", sweep.entries.len() as u64);
    bar.resume(before as u64);
    let began = Instant::now();
    let mut jobs = live(sweep)?;
    let mut pause = FIRST;
    let mut left: Vec<&Entry> = sweep.entries.iter().collect();
    loop {
        let look = Instant::now();
        look_at(&mut left, options);
        let done = sweep.entries.len() - left.len();
        bar.at(done as u64);
        if left.is_empty() {
            break;
        }
        if jobs.is_empty() {
            sleep(SETTLE);
            look_at(&mut left, options);
            break;
        }
        bar.note(&note(done, sweep.entries.len(), &jobs));
        // A look at many runs on a slow disk is no reason to look all the time.
        sleep(pause.max(10 * look.elapsed()));
        if interrupt::stopping() {
            bar.clear();
            return Err(CliError::Interrupted(format!(
                "stopped waiting: {done} of {} runs are done; the jobs {} go on; the same command \
                 waits again, --cancel in the place of --wait ends them",
                sweep.entries.len(),
                ids(&jobs)
            )));
        }
        pause = (pause * 3 / 2).min(MOST);
        // A controller that does not answer now will later.
        jobs = live(sweep).unwrap_or(jobs);
    }
    bar.clear();
    let failed = left.iter().filter_map(|entry| Failure::read(&entry.folder(options))).collect();
    let finished = (sweep.entries.len() - left.len()).saturating_sub(before);
    Ok(Outcome { finished, failed, took: began.elapsed() })
}

fn look_at(left: &mut Vec<&Entry>, options: &RunOptions) {
    left.retain(|entry| State::of(&entry.folder(options)) != State::Done);
}

fn note(done: usize, all: usize, jobs: &[Job]) -> String {
    let waiting = jobs.iter().filter(|job| job.state == "PENDING").count();
    let running = jobs.len() - waiting;
    format!("{done} of {all} done, {running} tasks running, {waiting} waiting")
}

fn sleep(time: Duration) {
    let until = Instant::now() + time;
    while Instant::now() < until && !interrupt::stopping() {
        std::thread::sleep(Duration::from_millis(100));
    }
}

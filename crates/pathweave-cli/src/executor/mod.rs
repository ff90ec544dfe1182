//! Runs specs, several at once, each in a worker process of its own at that time; finished ones are not run again.

mod process;

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::Mutex;

use pathweave::spec::RunSpec;
use pathweave_store::{CHECKPOINT, RunFolder};
pub use process::{Ended, Seat};

use crate::error::CliError;
use crate::interrupt;
use crate::options::RunOptions;
use crate::replay_source;
use crate::run_id::id;
use crate::store::StoredRun;
use crate::ui::Ui;
use crate::weights_source;
use crate::worker::FailureKind;

/// Runs every spec that is not finished and gives all of them back, in order.
///
/// # Errors
/// [`CliError::Spec`] where a spec or what it replays is faulty, before anything runs. [`CliError::RunFailed`] where
/// runs failed, after all others ended; [`CliError::Data`] where all failed for their data;
/// [`CliError::Alarmed`] where none failed and alarms stopped some; [`CliError::Interrupted`] after the
/// workers wrote their checkpoints.
pub fn run_all(specs: Vec<RunSpec>, options: &RunOptions) -> Result<Vec<StoredRun>, CliError> {
    check(&specs)?;
    let specs = weights_source::resolve(replay_source::resolve(specs, &options.out)?)?;
    let ids: Vec<String> = specs.iter().map(|spec| id(spec, options.device)).collect();
    // Two labels of one content are one run.
    let mut todo: BTreeMap<&str, &RunSpec> = BTreeMap::new();
    let mut order = Vec::new();
    for (id, spec) in ids.iter().zip(&specs) {
        let folder = RunFolder::new(&options.out, id);
        if folder.is_finished() {
            // A kill between the record and the end of the checkpoint leaves the latter behind.
            _ = std::fs::remove_dir_all(folder.file(CHECKPOINT));
        } else if todo.insert(id, spec).is_none() {
            order.push((id.as_str(), spec));
        }
    }
    let ui = Ui::new(options);
    if !order.is_empty() {
        let done = specs.len() - order.len();
        ui.line(&format!("{} runs: {done} finished before, {} to do", specs.len(), order.len()));
        run_missing(&order, specs.len(), options, &ui)?;
    }
    let read = |(id, spec): (&String, &RunSpec)| {
        StoredRun::read(&RunFolder::new(&options.out, id).path, Some(spec))
    };
    ids.iter().zip(&specs).map(read).collect()
}

fn check(specs: &[RunSpec]) -> Result<(), CliError> {
    let mut faults = Vec::new();
    for spec in specs {
        if let Err(found) = spec.clone().check() {
            faults.extend(found.0.iter().map(|fault| format!("{}: {fault}", spec.name)));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(CliError::Spec(faults)) }
}

fn run_missing(
    order: &[(&str, &RunSpec)],
    all: usize,
    options: &RunOptions,
    ui: &Ui,
) -> Result<(), CliError> {
    interrupt::be_graceful();
    let queue = Mutex::new(order.iter());
    let results: Vec<Ended> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..options.workers(order.len()))
            .map(|_| {
                scope.spawn(|| {
                    let (mut seat, mut ended) = (Seat::default(), Vec::new());
                    while !interrupt::stopping() {
                        let next = queue.lock().map_or(None, |mut queue| queue.next());
                        let Some((id, spec)) = next else { break };
                        ended.push(one(&mut seat, (id, spec), options, ui));
                    }
                    ended
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    });
    let failures: Vec<&(FailureKind, String)> = results
        .iter()
        .filter_map(|ended| match ended {
            Ended::Failed(failure) => Some(failure),
            _ => None,
        })
        .collect();
    let texts = || failures.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n");
    let finished = results.iter().filter(|ended| matches!(ended, Ended::Finished)).count();
    if finished == order.len() {
        return Ok(());
    }
    if interrupt::stopping() {
        let missing = order.len() - finished;
        let out = options.out.display();
        let mut text = format!(
            "interrupted: {} of {all} runs are finished, {missing} are not; what they reached is \
             in {out}, and the same command goes on from there",
            all - missing
        );
        if !failures.is_empty() {
            text = format!("{text}\n{}", texts());
        }
        return Err(CliError::Interrupted(text));
    }
    let alarmed = results.iter().filter_map(|ended| match ended {
        Ended::Alarmed(text) => Some(text.as_str()),
        _ => None,
    });
    let alarmed: Vec<&str> = alarmed.collect();
    if failures.is_empty() && !alarmed.is_empty() {
        return Err(CliError::Alarmed(format!(
            "alarms stopped {} of {all} runs; what they reached is in {}, and the same command goes \
             on from there\n{}",
            alarmed.len(),
            options.out.display(),
            alarmed.join("\n")
        )));
    }
    match failures.iter().all(|(kind, _)| *kind == FailureKind::Data) {
        true => Err(CliError::Data(unique_lines(&texts()))),
        false => Err(CliError::RunFailed(format!(
            "{} of {all} runs failed, {} are finished\n{}",
            failures.len(),
            all - failures.len(),
            texts()
        ))),
    }
}

fn one(seat: &mut Seat, (id, spec): (&str, &RunSpec), options: &RunOptions, ui: &Ui) -> Ended {
    let label = format!("{} seed {}", spec.name, spec.train.seed);
    let bar = ui.bar(&label, 0);
    let folder = RunFolder::new(&options.out, id);
    let ended = seat
        .follow(&folder, spec, (options, true), &bar)
        .unwrap_or_else(|error| Ended::Failed((FailureKind::Run, error.to_string())));
    match ended {
        Ended::Finished => {
            let run = StoredRun::read(&folder.path, None).ok();
            let reached = run.and_then(|run| reached(&run.record.metrics));
            bar.finish(&format!("finished{}", reached.unwrap_or_default()));
            Ended::Finished
        }
        Ended::Stopped | Ended::Elsewhere => {
            bar.finish("stopped, with a checkpoint");
            Ended::Stopped
        }
        Ended::Alarmed(message) => {
            bar.finish("stopped by an alarm, with a checkpoint");
            Ended::Alarmed(format!("{label} ({id}): {message}"))
        }
        Ended::Failed((kind, message)) => {
            bar.finish("failed");
            let text = match kind {
                // The same files are at fault for every run.
                FailureKind::Data => message,
                _ => format!("{label} ({id}): {message}"),
            };
            Ended::Failed((kind, text))
        }
    }
}

/// What a finished run reached, after a comma.
fn reached(metrics: &BTreeMap<String, f64>) -> Option<String> {
    if let Some(accuracy) = metrics.get("accuracy") {
        return Some(format!(", {}", percent(*accuracy)));
    }
    let (loss, error) = (metrics.get("loss"), metrics.get("error"));
    let error = error.map(|error| format!(", test error {:.1} %", 100.0 * error));
    error.or_else(|| Some(format!(", test loss {:.4}", loss?)))
}

fn percent(share: f64) -> String {
    format!("test accuracy {:.1} %", 100.0 * share)
}

fn unique_lines(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.join("\n")
}

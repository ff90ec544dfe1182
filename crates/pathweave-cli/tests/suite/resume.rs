//! Killed and interrupted runs come to the same bits.

use std::fs;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::place::{Place, TINY, runs, text};

/// Long enough to be killed in the middle: memory of rewards, two kinds of moments, an evaluation
/// in every second epoch.
const RUN: [&str; 15] = [
    "run",
    "digits-mtl",
    "model=routed",
    "train.seed=0",
    "train.epochs=8",
    "train.batch=40",
    "train.evaluate_every=2",
    "train.record_routing=true",
    "train.optimizer=adam",
    "train.learning_rate=0.001",
    "train.momentum=0.5",
    "router.algorithm=reinforce",
    "reward.collaboration=0.5",
    "data.train_per_task=200",
    "data.test_per_task=20",
];

/// The files whose bytes repeat.
const FILES: [&str; 6] = [
    "model.safetensors",
    "record.json",
    "curves.csv",
    "routing.jsonl",
    "routing.parquet",
    "decisions.jsonl",
];

fn files(place: &Place) -> Vec<Vec<u8>> {
    let folder = runs(&place.path("runs")).remove(0);
    FILES.map(|name| fs::read(folder.join(name)).expect(name)).into()
}

/// Starts the run in a process group of its own.
fn start(place: &Place) -> Child {
    let mut command = place.command(&RUN);
    command.args(["--checkpoint-seconds", "0"]).process_group(0);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

/// Number of the newest checkpoint.
pub fn checkpoint(place: &Place) -> Option<u64> {
    let out = place.path("runs");
    let folder = if out.is_dir() { runs(&out).pop() } else { None };
    let entries = fs::read_dir(folder?.join("checkpoint")).ok()?.flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).max()
}

/// Waits for a checkpoint of that step or a later one.
pub fn wait_for_step(place: &Place, step: u64) {
    let begin = Instant::now();
    while checkpoint(place).is_none_or(|at| at < step) {
        assert!(begin.elapsed() < Duration::from_secs(60), "no checkpoint of step {step}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Sends a signal to a process, or to a group by its negated number.
pub fn signal(name: &str, target: &str) {
    let status = Command::new("kill").args(["-s", name, "--", target]).status();
    assert!(status.expect("kill is there").success());
}

/// Whether a run is finished.
pub fn record(place: &Place) -> bool {
    runs(&place.path("runs")).iter().any(|run| Path::join(run, "record.json").exists())
}

#[test]
fn killed_runs_come_to_the_bits_of_an_uninterrupted_one() {
    let whole = Place::new();
    whole.good(&RUN);
    let place = Place::new();
    // In the first epoch, between two evaluations, and after several.
    for step in [7, 130, 260] {
        let mut child = start(&place);
        wait_for_step(&place, step);
        signal("KILL", &format!("-{}", child.id()));
        let status = child.wait().expect("it ended");
        assert_eq!(status.signal(), Some(9), "it was killed while it ran");
        assert!(!record(&place));
    }
    place.good(&RUN);
    let log = fs::read_to_string(runs(&place.path("runs"))[0].join("run.log")).expect("a log");
    assert_eq!(log.matches("resumed after step").count(), 3, "{log}");
    for ((name, one), other) in FILES.iter().zip(files(&whole)).zip(files(&place)) {
        assert!(one == other, "{name} differs");
    }
}

#[test]
fn a_request_to_end_leaves_a_checkpoint_and_code_130() {
    // To the parent alone, as a system sends it, and to the whole group, as a terminal does.
    for (name, group) in [("TERM", ""), ("INT", "-")] {
        let place = Place::new();
        let child = start(&place);
        wait_for_step(&place, 3);
        signal(name, &format!("{group}{}", child.id()));
        let output = child.wait_with_output().expect("it ended");
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(130), "{errors}");
        assert!(errors.contains("the same command goes on from there"), "{errors}");
        assert!(checkpoint(&place).is_some() && !record(&place));
    }
}

#[test]
fn a_worker_stops_with_a_checkpoint_where_its_parent_is_killed() {
    let place = Place::new();
    let mut child = start(&place);
    wait_for_step(&place, 3);
    signal("KILL", &child.id().to_string());
    child.wait().expect("it ended");
    let begin = Instant::now();
    let log = runs(&place.path("runs"))[0].join("run.log");
    while !fs::read_to_string(&log).expect("a log").contains("stopped, with a checkpoint") {
        assert!(begin.elapsed() < Duration::from_secs(30), "the worker runs on");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!record(&place));
}

#[test]
fn a_diverging_run_names_step_place_and_the_last_good_checkpoint() {
    let place = Place::new();
    let mut args = vec!["run", "digits-mtl", "model=routed", "--checkpoint-seconds", "0"];
    args.extend(TINY.into_iter().filter(|text| !text.starts_with("train.epochs")));
    // Good in the first epoch, hopeless in the second.
    args.extend(["train.epochs=3", "train.decay_every=1", "train.decay_factor=1e30"]);
    let errors = place.bad(&args, 5);
    assert!(errors.contains("step ") && errors.contains("not finite"), "{errors}");
    let step = checkpoint(&place).expect("a checkpoint");
    let folder = runs(&place.path("runs"))[0].join(format!("checkpoint/{step:012}"));
    let name =
        folder.strip_prefix(place.path("")).expect("below").to_str().expect("text").to_owned();
    let said = format!("the last good checkpoint, after step {step}, is ");
    let errors = errors.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(errors.contains(&said) && errors.contains(&name), "{name}: {errors}");
    assert!(!record(&place));
}

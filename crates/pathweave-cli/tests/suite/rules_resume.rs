//! Killed and interrupted runs on rule data come to the same bits.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};

use super::place::{Place, runs, text};
use super::resume::{checkpoint, record, signal, wait_for_step};
use super::rules::place;

/// Long enough to be killed in the middle; the best model is not the last.
const RUN: [&str; 6] = [
    "run",
    "tiny.toml",
    "data.steps_per_epoch=400",
    "train.epochs=8",
    "train.evaluate_every=2",
    "train.learning_rate=0.02",
];

/// The files whose bytes repeat.
const FILES: [&str; 6] = [
    "model.safetensors",
    "best.safetensors",
    "record.json",
    "curves.csv",
    "activation.csv",
    "routing.parquet",
];

/// Starts the run in a process group of its own.
fn start(place: &Place) -> Child {
    let mut command = place.command(&RUN);
    command.args(["--checkpoint-seconds", "0"]).process_group(0);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

#[test]
fn killed_rule_runs_come_to_the_bits_of_an_uninterrupted_one() {
    let whole = place();
    whole.good(&RUN);
    let broken = place();
    // In the first epoch, between two evaluations, and after several.
    for step in [1, 900, 2000] {
        let mut child = start(&broken);
        wait_for_step(&broken, step);
        signal("KILL", &format!("-{}", child.id()));
        child.wait().expect("it ended");
        assert!(!record(&broken));
    }
    broken.good(&RUN);
    let folders = [&whole, &broken].map(|place| runs(&place.path("runs")).remove(0));
    let log = fs::read_to_string(folders[1].join("run.log")).expect("a log");
    assert_eq!(log.matches("resumed after step").count(), 3, "{log}");
    for name in FILES {
        let [one, other] = folders.each_ref().map(|folder| fs::read(folder.join(name)));
        assert!(one.expect(name) == other.expect(name), "{name} differs");
    }
}

#[test]
fn a_request_to_end_leaves_a_checkpoint() {
    let place = place();
    let child = start(&place);
    wait_for_step(&place, 1);
    signal("TERM", &child.id().to_string());
    let output = child.wait_with_output().expect("it ended");
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{errors}");
    assert!(checkpoint(&place).is_some() && !record(&place));
}

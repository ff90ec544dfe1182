//! Written sweeps and job files, without a scheduler.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::place::{Place, runs, text};
use super::rules;

const SEEDS: &str = "train.seed=0,1,2,3";

fn sweep(place: &Place) -> PathBuf {
    let mut folders = fs::read_dir(place.path("runs/sweeps")).expect("sweeps").flatten();
    folders.next().expect("a sweep").path()
}

fn records(place: &Place) -> usize {
    runs(&place.path("runs")).iter().filter(|run| run.join("record.json").is_file()).count()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON and nothing else")
}

#[test]
fn a_written_sweep_runs_without_its_spec_and_from_anywhere() {
    let place = rules::place();
    let elsewhere = Place::new();
    place.good(&["sweep", "tiny.toml", SEEDS, "--shard", "1/2", "--quiet"]);
    let part = records(&place);
    // The part wrote the whole down.
    let folder = sweep(&place);
    let heading = fs::read_to_string(folder.join("manifest.jsonl")).expect("a manifest");
    assert_eq!(json(heading.lines().next().expect("a heading"))["runs"], 4);
    fs::remove_file(place.path("tiny.toml")).expect("it was there");
    let folder = folder.to_str().expect("text");
    let status = json(&elsewhere.good(&["sweep", "--manifest", folder, "--status", "--json"]));
    assert_eq!([&status["states"]["done"], &status["states"]["pending"]], [part, 4 - part]);
    assert_eq!(status["jobs"], Value::Null);
    let whole = json(&elsewhere.good(&["sweep", "--manifest", folder, "--json", "--quiet"]));
    assert_eq!([&whole["runs"], &whole["finished"]], [4, 4 - part]);
    assert_eq!(records(&place), 4);
    assert!(!elsewhere.path("runs").exists());
    let errors = elsewhere.bad(&["sweep", "--manifest", "nowhere"], 2);
    assert!(errors.contains("nowhere/manifest.jsonl"), "{errors}");
    elsewhere.bad(&["sweep", "digits-mtl", "--manifest", folder], 2);
}

#[test]
fn a_task_runs_its_line() {
    let place = rules::place();
    let dry = json(&place.good(&["sweep", "tiny.toml", SEEDS, "--dry-run", "--json"]));
    let id = |at: usize| dry["first"][at]["id"].as_str().expect("an id").to_owned();
    // Writes the manifest and runs nothing.
    place.good(&["sweep", "tiny.toml", SEEDS, "--executor", "kubernetes"]);
    let folder = sweep(&place);
    let folder = folder.to_str().expect("text");
    fs::write(place.path("tasks"), format!("{}\n{} {}\n", id(0), id(1), id(3))).expect("written");
    place.good(&["sweep", "--manifest", folder, "--task", "tasks:1", "--quiet"]);
    assert_eq!(records(&place), 2);
    assert!(place.path("runs").join(id(3)).join("record.json").is_file());
    let errors = place.bad(&["sweep", "--manifest", folder, "--task", "tasks:2"], 2);
    assert!(errors.contains("tasks:2: the file has 2 lines"), "{errors}");
    fs::write(place.path("tasks"), "0123456789abcdef\n").expect("written");
    let errors = place.bad(&["sweep", "--manifest", folder, "--task", "tasks:0"], 2);
    assert!(errors.contains("no run 0123456789abcdef"), "{errors}");
}

/// Where GNU parallel is installed, its job file is run.
#[test]
fn parallel_runs_every_part() {
    let place = rules::place();
    let base = ["sweep", "tiny.toml", SEEDS, "--executor", "parallel", "--runs-per-task", "2"];
    let jobs = place.good(&[&base[..], &["--dry-run"]].concat());
    assert_eq!(jobs.lines().count(), 2);
    assert!(!place.path("runs").exists());
    let command = place.good(&base);
    assert!(command.starts_with("parallel --jobs 100%"), "{command}");
    let version = Command::new("parallel").arg("--version").output();
    if !version.is_ok_and(|version| text(&version.stdout).contains("GNU parallel")) {
        eprintln!("skipped: GNU parallel is not installed");
        return;
    }
    let run = || {
        let mut shell = Command::new("sh");
        shell.args(["-c", &command]).current_dir(place.path(""));
        shell.output().expect("a shell")
    };
    let output = run();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(records(&place), 4);
    // Given again it does nothing.
    assert!(run().stdout.is_empty());
    let log = fs::read_to_string(sweep(&place).join("parallel/joblog")).expect("a log");
    assert_eq!(log.lines().count(), 3, "{log}");
}

#[test]
fn kubernetes_gets_a_job_and_the_store_its_manifest() {
    let place = rules::place();
    let base = ["sweep", "tiny.toml", SEEDS, "--executor", "kubernetes", "--image", "me/pathweave"];
    let job = place.good(&[&base[..], &["--runs-per-task", "3", "--jobs", "8"]].concat());
    assert!(job.contains("  completions: 2\n  parallelism: 2\n"), "{job}");
    assert!(job.contains("image: 'me/pathweave'") && job.contains("claimName: 'pathweave-runs'"));
    let name = sweep(&place);
    let name = name.file_name().and_then(|name| name.to_str()).expect("text");
    assert!(job.contains(&format!("--manifest /store/sweeps/{name} ")), "{job}");
    let errors = place.bad(&[&base[..], &["--claim", "No"]].concat(), 2);
    assert!(errors.contains("--claim: found \"No\""), "{errors}");
}

//! Arrays are submitted, followed and gathered.

use serde_json::Value;

use super::cluster::{alone, slurm, tasks, until};
use super::place::{LONG, Place};

#[test]
fn a_sweep_is_submitted_in_chunks_and_gathered() {
    let Some(_alone) = alone() else { return };
    let place = Place::new();
    let args = ["train.seed=0,1,2,3,4,5,6,7,8,9,10,11", "model=modular,monolithic"];
    let slurm = ["--executor", "slurm", "--runs-per-task", "2", "--wait", "--json", "--quiet"];
    let words = [&["sweep", "tiny.toml"], &args[..], &slurm].concat();
    let summary: Value = serde_json::from_str(&place.good(&words)).expect("JSON");
    assert_eq!([&summary["runs"], &summary["finished"]], [24, 24]);
    assert!(summary["rows"].as_array().is_some_and(|rows| rows.len() > 2));
    // Twelve tasks where an array has at most MaxArraySize of them.
    let sweeps = std::fs::read_dir(place.path("runs/sweeps")).expect("sweeps").flatten();
    let folder = sweeps.map(|entry| entry.path()).next().expect("one").join("slurm/1");
    let jobs = std::fs::read_to_string(folder.join("jobs")).expect("jobs");
    let most = super::cluster::slurm("scontrol", &["show", "config"]);
    let most = most.lines().find(|line| line.starts_with("MaxArraySize")).expect("a size");
    let most: usize = most.split('=').nth(1).and_then(|size| size.trim().parse().ok()).expect("");
    assert_eq!(jobs.lines().count(), 12_usize.div_ceil(most), "{jobs}");
    assert_eq!(std::fs::read_dir(folder.join("logs")).expect("logs").count(), 12);
    place.assert_complete(&args, 24);
    // A second time there is nothing to submit.
    let again: Value = serde_json::from_str(&place.good(&words)).expect("JSON");
    assert_eq!([&again["finished_before"], &again["finished"]], [24, 0]);
    assert!(!folder.with_file_name("2").exists());
}

#[test]
fn two_sweeps_share_a_store_and_no_run() {
    let Some(_alone) = alone() else { return };
    let place = Place::new();
    let (first, second) = ("train.seed=0,1,2,3,4,5", "train.seed=3,4,5,6,7,8");
    let one = place.submit(&[first, "--runs-per-task", "3"]);
    let two = place.submit(&[second, "--runs-per-task", "3"]);
    assert_ne!(one["sweep"], two["sweep"]);
    for sweep in [&one, &two] {
        let folder = sweep["sweep"].as_str().expect("a folder");
        place.good(&["sweep", "--manifest", folder, "--executor", "slurm", "--wait", "--quiet"]);
        assert_eq!(place.status(sweep)["states"]["done"], 6);
    }
    place.assert_complete(&["train.seed=0,1,2,3,4,5,6,7,8"], 9);
}

#[test]
fn who_waits_may_leave_and_come_back() {
    let Some(_alone) = alone() else { return };
    let place = Place::new();
    let args = [&["train.seed=0,1"], &LONG[..]].concat();
    let sweep = place.submit(&[&args[..], &["--runs-per-task", "1"]].concat());
    let job = sweep["jobs"][0].as_str().expect("a job").to_owned();
    // Submitting again is refused, by name.
    let base = ["sweep", "tiny.toml", "--executor", "slurm"];
    let again = [&base[..], &args].concat();
    let errors = place.bad(&again, 8);
    assert!(errors.contains(&job) && errors.contains("--wait waits for them"), "{errors}");
    // Waiting attaches; Ctrl-C ends the waiting and not the jobs.
    let waiting = place.start(&[&again[..], &["--wait"]].concat());
    until("both tasks run", || tasks(&job).iter().filter(|t| t.ends_with("RUNNING")).count() == 2);
    std::thread::sleep(std::time::Duration::from_millis(500));
    slurm("kill", &["-s", "INT", &waiting.id().to_string()]);
    let output = waiting.wait_with_output().expect("it ended");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{errors}");
    assert!(errors.contains("go on") && errors.contains(&job), "{errors}");
    let status = place.status(&sweep);
    assert_eq!(status["jobs"].as_array().map(Vec::len), Some(2), "{status}");
    place.good(&[&again[..], &["--wait", "--quiet"]].concat());
    place.assert_complete(&args, 2);
}

#[test]
fn failures_are_gathered_with_their_task_and_log() {
    let Some(_alone) = alone() else { return };
    let place = Place::new();
    // Of three learning rates one is hopeless.
    let args = ["train.learning_rate=0.003,0.004,1e30", "--runs-per-task", "2"];
    let slurm = ["--executor", "slurm", "--wait", "--quiet"];
    let words = [&["sweep", "tiny.toml"], &args[..], &slurm].concat();
    let errors = place.bad(&words, 5);
    assert!(errors.contains("1 of 3 runs failed, 2 are finished"), "{errors}");
    assert!(errors.contains("tried 2 times") && errors.contains("; task "), "{errors}");
    let log = errors.split("log ").nth(1).and_then(|rest| rest.lines().next()).expect("a log");
    let log = std::fs::read_to_string(place.path(log)).expect("the log is there");
    assert!(log.contains("runs failed"), "{log}");
    assert_eq!(place.files("failed.json").len(), 1);
}

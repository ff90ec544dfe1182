//! Whatever is killed, preempted or out of time goes on from its checkpoint.

use std::fs;
use std::process::Command;

use super::cluster::{alone, hurry, slurm, tasks, until};
use super::place::Place;

fn kill(id: &str) {
    let status = Command::new("kill").args(["-s", "KILL", "--", id]).status();
    assert!(status.expect("kill is there").success());
}

/// Ids of processes, and of their parents, whose command line has both texts.
fn processes(one: &str, other: &str) -> Vec<(String, String)> {
    let entries = fs::read_dir("/proc").expect("processes").flatten();
    let found = |entry: fs::DirEntry| {
        let id = entry.file_name().into_string().ok()?;
        id.parse::<u32>().ok()?;
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        let status = fs::read_to_string(entry.path().join("status")).ok()?;
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
        (line.contains(one) && line.contains(other)).then(|| (id, parent.trim().to_owned()))
    };
    entries.filter_map(found).collect()
}

#[test]
fn a_killed_worker_and_a_killed_task_lose_nothing() {
    let Some(_alone) = alone() else { return };
    let place = Place::new();
    let args = ["train.seed=0,1,2", "data.steps_per_epoch=4000", "train.epochs=60"];
    let sweep = place.submit(&[&args[..], &["--runs-per-task", "1"]].concat());
    let job = sweep["jobs"][0].as_str().expect("a job").to_owned();
    let wait = ["sweep", "tiny.toml", "--executor", "slurm", "--wait", "--quiet"];
    let waiting = place.start(&[&wait, &args[..]].concat());
    until("all runs have checkpoints", || place.have_checkpoints(3));
    let manifest = sweep["sweep"].as_str().expect("a folder").rsplit('/').next().expect("a name");
    let programs = processes("--manifest", manifest);
    let programs: Vec<_> = programs
        .iter()
        .filter(|(id, _)| {
            let name = fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
            name.trim() == "pathweave"
        })
        .collect();
    assert_eq!(programs.len(), 3, "{programs:?}");
    // One task's worker is tried again by its parent.
    let workers = processes("worker", "");
    let worker = workers.iter().find(|(_, parent)| *parent == programs[0].0).expect("a worker");
    kill(&worker.0);
    // Of another the shell dies, which Slurm takes for the end, though a child may live on; of the
    // third everything dies: the shell leads its group.
    kill(&programs[1].1);
    kill(&format!("-{}", programs[2].1));
    // Who waits is told.
    let output = waiting.wait_with_output().expect("it ended");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{errors}");
    assert!(errors.contains("of 3 runs are left: their tasks ended before them"), "{errors}");
    assert!(errors.contains(&format!("task {job}_")), "{errors}");
    // The same command submits what is left.
    place.good(&[&wait, &args[..]].concat());
    let logs = place.files("run.log");
    assert!(place.resumed() >= 2, "{logs:?}");
    place.assert_complete(&args, 3);
}

#[test]
fn a_preempted_task_goes_on_when_it_is_requeued() {
    let Some(_alone) = alone() else { return };
    let place = Place::new();
    // Longer than Slurm takes to look for something to preempt.
    let args = ["train.seed=0", "data.steps_per_epoch=4000", "train.epochs=4000"];
    let all = slurm("sinfo", &["--noheader", "--partition=low", "--format=%c"]);
    let cpus = format!("cpus-per-task={all}");
    let sweep =
        place.submit(&[&args[..], &["--slurm", "partition=low", "--slurm", &cpus]].concat());
    let job = sweep["jobs"][0].as_str().expect("a job").to_owned();
    until("the run has a checkpoint", || place.have_checkpoints(1));
    let wrap = ["--wrap", "true", "--output", "/dev/null", "--exclusive"];
    slurm("sbatch", &[&["--partition=high"], &wrap[..]].concat());
    until("the task waits again", || tasks(&job).iter().any(|task| task.ends_with("PENDING")));
    until("its process is gone", || place.status(&sweep)["states"]["pending"] == 1);
    hurry(&format!("{job}_0"));
    until("it goes on", || place.resumed() == 1);
    // The rest is not waited for.
    let folder = sweep["sweep"].as_str().expect("a folder");
    place.good(&["sweep", "--manifest", folder, "--executor", "slurm", "--cancel"]);
    until("nothing is left", || tasks(&job).is_empty());
}

#[test]
fn a_task_at_its_limit_requeues_itself() {
    let Some(_alone) = alone() else { return };
    let place = Place::new();
    // Longer than the shortest limit there is, less the notice and what Slurm adds to that.
    let args = ["train.seed=0", "data.steps_per_epoch=4000", "train.epochs=4000"];
    let limit = ["--slurm", "time=1", "--slurm", "signal=59"];
    let sweep = place.submit(&[&args[..], &limit].concat());
    let job = sweep["jobs"][0].as_str().expect("a job").to_owned();
    until("the task waits again", || {
        tasks(&job)
            .iter()
            .any(|task| task.ends_with("PENDING") && !place.files("run.log").is_empty())
    });
    let log = place.files("run.log").into_values().next().expect("a log");
    assert!(log.contains("stopped, with a checkpoint"), "{log}");
    let logs = std::path::Path::new(sweep["folder"].as_str().expect("a folder")).join("logs");
    let log = fs::read_to_string(place.path("").join(logs).join("0-0.log")).expect("a log");
    assert!(log.contains("the time limit is near: requeued"), "{log}");
    // It starts again, and goes on; the rest is not waited for.
    hurry(&format!("{job}_0"));
    until("it goes on", || place.resumed() == 1);
    let folder = sweep["sweep"].as_str().expect("a folder");
    let text = place.good(&["sweep", "--manifest", folder, "--executor", "slurm", "--cancel"]);
    assert!(text.contains("1 tasks of") && text.contains(&job), "{text}");
    until("nothing is left", || tasks(&job).is_empty());
    until("the run waits for somebody", || place.status(&sweep)["states"]["pending"] == 1);
    assert_eq!(place.status(&sweep)["jobs"].as_array().map(Vec::len), Some(0));
    assert!(place.have_checkpoints(1));
}

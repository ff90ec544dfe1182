//! Sweeps: parts of them, runs that fail, runs that are killed.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::place::{Place, TINY, runs, text};

/// Two models with three seeds, tiny.
const GRID: &str = r#"
[base]
data.name = "digits-mtl"
data.train_per_task = 20
data.test_per_task = 10
model.base.blocks = 2
model.base.filters = 8
train.epochs = 1

[grid]
model.kind = ["unrouted", "cross-stitch"]
train.seed = [0, 1, 2]
"#;

fn grid(place: &Place) {
    fs::write(place.path("grid.toml"), GRID).expect("written");
}

fn json(output: &str) -> Value {
    serde_json::from_str(output).expect("JSON and nothing else")
}

fn logs(place: &Place) -> Vec<(PathBuf, String)> {
    let log = |run: PathBuf| {
        let log = fs::read_to_string(run.join("run.log")).expect("a log");
        (run, log)
    };
    runs(&place.path("runs")).into_iter().map(log).collect()
}

#[test]
fn parts_make_the_whole_and_nothing_is_run_twice() {
    let place = Place::new();
    grid(&place);
    let dry = json(&place.good(&["sweep", "grid.toml", "--dry-run", "--json"]));
    assert_eq!([&dry["runs"], &dry["left"]], [6, 6]);
    assert_eq!(dry["models"]["cross-stitch"], 3);
    assert!(!place.path("runs").exists(), "nothing was run");

    let part = |part: &str| -> BTreeSet<String> {
        let dry = place.good(&["sweep", "grid.toml", "--dry-run", "--json", "--shard", part]);
        let first = json(&dry)["first"].as_array().expect("runs").clone();
        first.iter().map(|run| run["id"].as_str().expect("an id").to_owned()).collect()
    };
    let (first, second) = (part("1/2"), part("2/2"));
    assert!(first.is_disjoint(&second));
    assert_eq!(first.len() + second.len(), 6);

    place.good(&["sweep", "grid.toml", "--shard", "1/2", "--quiet"]);
    let done: BTreeSet<String> = runs(&place.path("runs"))
        .iter()
        .map(|run| run.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    assert_eq!(done, first);

    let whole = json(&place.good(&["sweep", "grid.toml", "--json", "--quiet"]));
    assert_eq!(whole["finished_before"], first.len());
    assert_eq!(whole["finished"], second.len());
    let rows = whole["rows"].as_array().expect("rows");
    let accuracy = rows.iter().filter(|row| row["metric"] == "accuracy");
    assert!(accuracy.clone().all(|row| row["n"] == 3));
    assert_eq!(accuracy.count(), 2);

    let before = logs(&place);
    let table = place.good(&["sweep", "grid.toml", "--quiet"]);
    assert!(table.contains("cross-stitch") && table.contains("6 finished before"), "{table}");
    assert_eq!(logs(&place), before);
    // `run` knows the same runs.
    place.good(&["run", "grid.toml", "--quiet"]);
    assert_eq!(logs(&place), before);
}

#[test]
fn a_run_that_fails_is_tried_again_and_listed_while_the_others_go_on() {
    let place = Place::new();
    let mut args = vec!["sweep", "digits-mtl", "model=unrouted", "--quiet"];
    args.extend(TINY.into_iter().filter(|text| !text.starts_with("train.epochs")));
    // Good in the first epoch; in the second one of the two is hopeless.
    args.extend(["train.epochs=3", "train.decay_every=1", "train.decay_factor=0.5,1e30"]);
    let errors = place.bad(&args, 5);
    assert!(errors.contains("1 of 2 runs failed, 1 are finished"), "{errors}");
    assert!(errors.contains("tried 2 times") && errors.contains("not finite"), "{errors}");
    let failed = logs(&place).into_iter().find(|(run, _)| run.join("failed.json").is_file());
    let (folder, log) = failed.expect("a failed run");
    assert_eq!(log.matches(" failed: ").count(), 2, "{log}");
    assert!(!folder.join("record.json").exists());

    let list = |more: &[&str]| place.good(&[&args[..], &["--list-failed"], more].concat());
    assert!(list(&[]).contains("tried 2 times"));
    assert_eq!(json(&list(&["--json"]))[0]["attempts"], 2);
    let dry = place.good(&[&args[..], &["--dry-run"]].concat());
    assert!(dry.contains("1 finished, 1 to do, of these 1 failed before"), "{dry}");

    let errors = place.bad(&[&args[..], &["--retries", "0"]].concat(), 5);
    assert!(errors.contains("tried 1 times"), "{errors}");
}

#[test]
fn wrong_parts_are_told() {
    let place = Place::new();
    let errors = place.bad(&["sweep", "digits-mtl", "--shard", "3/2"], 2);
    assert!(errors.contains("I/N"), "{errors}");
}

/// Process ids of the children of a process, whichever of its threads started them.
#[cfg(target_os = "linux")]
fn children(of: u32) -> Vec<String> {
    let threads = fs::read_dir(format!("/proc/{of}/task")).into_iter().flatten().flatten();
    let lists =
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_worker_is_taken_up_from_its_checkpoint() {
    let place = Place::new();
    let args = [
        "sweep",
        "digits-mtl",
        "model=routed",
        "train.seed=0",
        "train.epochs=8",
        "train.batch=40",
        "data.train_per_task=200",
        "data.test_per_task=20",
        "--checkpoint-seconds",
        "0",
        "--quiet",
    ];
    let mut command = place.command(&args);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().expect("the program starts");
    let begin = Instant::now();
    let begun = || {
        let folder = runs(&place.path("runs")).pop()?;
        let entries = fs::read_dir(folder.join("checkpoint")).ok()?.flatten();
        entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u64>().ok()).max()
    };
    while !place.path("runs").is_dir() || begun().is_none_or(|step| step < 3) {
        assert!(begin.elapsed() < Duration::from_secs(60), "no checkpoint");
        std::thread::sleep(Duration::from_millis(2));
    }
    let workers = children(child.id());
    assert_eq!(workers.len(), 1);
    let killed = std::process::Command::new("kill").args(["-s", "KILL", &workers[0]]).status();
    assert!(killed.expect("kill is there").success());
    let output = child.wait_with_output().expect("it ended");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let (folder, log) = logs(&place).remove(0);
    assert!(log.contains("resumed after step"), "{log}");
    assert!(folder.join("record.json").is_file() && !folder.join("failed.json").exists());
}

#[test]
fn two_sweeps_share_a_store_and_no_run_is_run_twice() {
    let place = Place::new();
    grid(&place);
    let start = || {
        let mut command = place.command(&["sweep", "grid.toml", "--jobs", "2", "--json"]);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        command.spawn().expect("the program starts")
    };
    let outputs = [start(), start()].map(|child| child.wait_with_output().expect("it ended"));
    for output in outputs {
        assert!(output.status.success(), "{}", text(&output.stderr));
        let told = json(&text(&output.stdout));
        assert_eq!(told["runs"], 6);
        assert!(told["rows"].as_array().is_some_and(|rows| !rows.is_empty()));
    }
    let logs = logs(&place);
    assert_eq!(logs.len(), 6);
    for (run, log) in logs {
        assert_eq!(log.matches("started").count(), 1, "{}: {log}", run.display());
    }
}

#[test]
fn a_run_that_another_machine_tells_of_is_put_off_until_it_is_silent() {
    let place = Place::new();
    let args = [&["sweep", "digits-mtl", "model=unrouted", "--quiet"][..], &TINY].concat();
    let plan = json(&place.good(&[&args[..], &["--dry-run", "--json"]].concat()));
    let id = plan["first"][0]["id"].as_str().expect("an id").to_owned();
    let folder = place.path("runs").join(id);
    fs::create_dir_all(&folder).expect("made");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("now");
    // Believed for 90 seconds.
    let updated = now.as_secs_f64() - 87.0;
    let progress = format!("{{\"host\":\"elsewhere\",\"process\":7,\"updated\":{updated}}}");
    fs::write(folder.join("progress.json"), progress).expect("written");
    let begin = Instant::now();
    place.good(&args);
    assert!(begin.elapsed() > Duration::from_secs(2), "{:?}", begin.elapsed());
    assert!(folder.join("record.json").is_file());
}

//! Commands from the outside.

use std::fs;

use super::place::{Place, TINY, runs};
use serde_json::Value;

fn tiny<'a>(first: &[&'a str], last: &[&'a str]) -> Vec<&'a str> {
    first.iter().chain(&TINY).chain(last).copied().collect()
}

#[test]
fn a_run_leaves_its_files_and_is_not_run_again() {
    let place = Place::new();
    let args = tiny(&["run", "digits-mtl"], &["model=routed,cross-stitch"]);
    let table = place.good(&args);
    assert!(table.contains("accuracy, %") && table.contains("report.html"), "{table}");
    let folders = runs(&place.path("runs"));
    // Every variant would take both kinds: of equal ones, one is left.
    assert_eq!(folders.len(), 2);
    let log = |index: usize| fs::read(folders[index].join("run.log")).expect("a log");
    let logs = [log(0), log(1)];
    for name in ["spec.toml", "record.json", "timing.json", "curves.csv", "model.safetensors"] {
        assert!(folders.iter().all(|folder| folder.join(name).is_file()), "{name}");
    }
    assert!(folders.iter().all(|folder| !folder.join("checkpoint").exists()));
    let routed = folders.iter().filter(|folder| folder.join("routing.parquet").is_file());
    assert_eq!(routed.count(), 1);
    assert_eq!(place.good(&args), table);
    assert_eq!([log(0), log(1)], logs, "nothing was run again");
}

#[test]
fn two_commands_at_once_run_it_once() {
    let place = Place::new();
    let args = tiny(&["run", "digits-mtl"], &["model=routed"]);
    let start = || place.command(&args).output();
    std::thread::scope(|scope| {
        let both = [scope.spawn(start), scope.spawn(start)];
        for output in both {
            let output = output.join().expect("no panic").expect("started");
            assert!(output.status.success(), "{}", super::place::text(&output.stderr));
        }
    });
    let log = fs::read_to_string(runs(&place.path("runs"))[0].join("run.log")).expect("a log");
    assert_eq!(log.matches("started").count(), 1, "{log}");
}

#[test]
fn all_faults_of_a_spec_are_told_with_their_lines() {
    let place = Place::new();
    let text = "data = 'digits-mtl'\n[train]\nepoch = 3\nbatch = 0\n[router]\nalgorithm = 'wlp'\n";
    fs::write(place.path("mine.toml"), text).expect("written");
    let args = ["run", "mine.toml", "train.optimizer=sdg"];
    let errors = place.bad(&args, 3);
    for part in [
        "mine.toml:3: train.epoch: found an unknown key, allowed: a known key (did you mean \
         train.epochs?)",
        "mine.toml:4: train.batch: found 0",
        "mine.toml:6: router.algorithm: found \"wlp\"",
        "train.optimizer=sdg: train.optimizer",
    ] {
        assert!(errors.contains(part), "{part} is not in\n{errors}");
    }
    let json = place.run(&[&["--json"], &args[..]].concat());
    let json: Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(json["error"]["code"], 3);
    assert_eq!(json["error"]["faults"].as_array().map(Vec::len), Some(4), "{json}");
    assert!(!place.path("runs").exists(), "nothing was begun");
}

#[test]
fn wrong_command_lines_have_their_code() {
    let place = Place::new();
    assert!(place.bad(&["run", "digit-mtl"], 2).contains("did you mean digits-mtl?"));
    assert!(place.bad(&["run", "digits-mtl", "--device", "tpu"], 2).contains("allowed: cpu"));
    place.bad(&["verify", "0123"], 2);
    place.bad(&["nothing"], 2);
    assert!(place.bad(&["run", "digits-mtl", "epochs"], 3).contains("KEY=VALUE"));
}

#[test]
fn missing_data_has_its_code_and_is_told_once() {
    let place = Place::new();
    let errors = place.bad(&["run", "mnist-mtl"], 4);
    assert_eq!(errors.matches("PATHWEAVE_DATA").count(), 1, "{errors}");
    let folder = place.path("nowhere");
    let folder = folder.to_str().expect("UTF-8");
    let errors = place.bad(&["run", "mnist-mtl", "--data", folder], 4);
    assert!(errors.contains("nowhere"), "{errors}");
}

#[test]
fn a_run_that_fails_does_not_stop_the_others() {
    let place = Place::new();
    let args = tiny(&["run", "digits-mtl"], &["model=unrouted", "train.learning_rate=0.01,1e30"]);
    let errors = place.bad(&args, 5);
    assert!(errors.contains("diverged"), "{errors}");
    let finished = runs(&place.path("runs"));
    assert_eq!(finished.iter().filter(|run| run.join("record.json").is_file()).count(), 1);
}

#[test]
fn what_is_shown_can_be_run() {
    let place = Place::new();
    let shown = place.good(&tiny(&["show", "digits-mtl"], &["train.seed=1,2"]));
    fs::write(place.path("mine.toml"), &shown).expect("written");
    let ids = |args: &[&str]| -> Vec<Value> {
        let list: Value = serde_json::from_str(&place.good(args)).expect("JSON");
        let list = list.as_array().expect("a list");
        list.iter().map(|run| run["id"].clone()).collect()
    };
    let of_preset = ids(&tiny(&["show", "--json", "digits-mtl"], &["train.seed=1,2"]));
    assert_eq!(of_preset.len(), 12);
    assert_eq!(ids(&["show", "--json", "mine.toml"]), of_preset);
}

#[test]
fn a_run_can_be_shown_by_its_id() {
    let place = Place::new();
    let json = place.good(&tiny(&["run", "--json", "digits-mtl"], &["model=unrouted"]));
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let run = &json["runs"][0];
    let id = run["id"].as_str().expect("an id");
    assert!(run["metrics"]["accuracy"].is_number(), "{run}");
    assert!(json["rows"].as_array().is_some_and(|rows| !rows.is_empty()));
    assert!(place.path(json["report"].as_str().expect("a path")).is_file());
    let shown = place.good(&["show", &id[..6]]);
    assert!(shown.contains("kind = \"unrouted\""), "{shown}");
    let other = place.good(&["show", id, "model=routed"]);
    assert!(other.contains("kind = \"routed\""), "{other}");
}

#[test]
fn lists_are_not_empty() {
    let place = Place::new();
    let json: Value = serde_json::from_str(&place.good(&["list", "--json"])).expect("JSON");
    let lists = json.as_object().expect("an object");
    assert_eq!(lists.len(), 12);
    assert!(lists.values().all(|list| list.as_array().is_some_and(|list| !list.is_empty())));
    assert!(place.good(&["list", "algorithms"]).contains("wpl"));
    assert!(place.good(&["--help"]).contains("130"));
}

#[test]
fn verify_repeats_the_bits_and_tells_a_changed_one() {
    let place = Place::new();
    place.good(&tiny(&["run", "digits-mtl"], &["model=routed"]));
    let folder = runs(&place.path("runs")).remove(0);
    let word = folder.to_str().expect("UTF-8").to_owned();
    assert!(place.good(&["verify", &word]).contains("the same bits"));
    let json: Value =
        serde_json::from_str(&place.good(&["verify", "--json", &word])).expect("JSON");
    assert_eq!(json["files"]["model.safetensors"], "equal");
    let path = folder.join("model.safetensors");
    let mut bytes = fs::read(&path).expect("read");
    *bytes.last_mut().expect("not empty") ^= 1;
    fs::write(&path, bytes).expect("written");
    let errors = place.bad(&["verify", &word], 6);
    assert!(errors.contains("model.safetensors: differs"), "{errors}");
    assert!(!errors.contains("curves.csv"), "{errors}");
}

//! Logs measured, networks intervened on, alarms that end a run.

use std::fs;

use serde_json::Value;

use super::place::{Place, TINY, runs};

const FIRST: &str = "\
{\"format\":\"pathweave-routing-log\",\"version\":1,\"modules\":[4,4],\"contexts\":[\"cat\",\"dog\"]}
{\"sample\":0,\"depth\":0,\"context\":1,\"choice\":2}
{\"sample\":0,\"depth\":1,\"context\":1,\"choice\":[0.1,0.2,0.3,0.4]}
{\"sample\":1,\"depth\":0,\"context\":0,\"choice\":1}
";

/// Without a header or contexts, as a stranger's script writes it.
const SECOND: &str = "\
{\"sample\":0,\"depth\":0,\"choice\":2}
{\"sample\":1,\"depth\":0,\"choice\":0}
";

fn run(place: &Place, overrides: &[&str]) -> std::path::PathBuf {
    let args: Vec<&str> =
        ["run", "digits-mtl"].iter().chain(&TINY).chain(overrides).copied().collect();
    place.good(&args);
    runs(&place.path("runs")).remove(0)
}

#[test]
fn logs_of_any_framework_are_measured() {
    let place = Place::new();
    fs::write(place.path("a.jsonl"), FIRST).expect("written");
    fs::write(place.path("b.jsonl"), SECOND).expect("written");
    let one = place.good(&["metrics", "a.jsonl"]);
    assert!(one.contains("selection_entropy/0") && one.contains("0.6931"), "{one}");
    let two = place.good(&["metrics", "a.jsonl", "b.jsonl"]);
    for part in
        ["log 2: b.jsonl", "decision_fluctuation", "adjusted_rand", "needs one on every row"]
    {
        assert!(two.contains(part), "{part} is not in\n{two}");
    }
    let json: Value =
        serde_json::from_str(&place.good(&["metrics", "--json", "a.jsonl", "b.jsonl"]))
            .expect("JSON");
    // Of three decisions, one is equal; the second log has no second depth.
    let changed = json["pairs"]["decision_fluctuation"]["mean"].as_f64().expect("a number");
    assert!((changed - 2.0 / 3.0).abs() < 1e-12);
    assert_eq!(json["pairs"]["matched_agreement"]["pairs"][0]["second"], "b.jsonl");
    assert_eq!(json["logs"][0]["metrics"]["modules_used"], 6.0);
    assert!(json["logs"][1]["missing"]["path_overlap"].is_string());
    assert!(place.good(&["metrics", "--help"]).contains("PyTorch"));
}

#[test]
fn every_fault_of_every_log_is_told_by_line_and_column() {
    let place = Place::new();
    fs::write(place.path("a.jsonl"), "{\"sample\":0,\"depth\":0}\n").expect("written");
    fs::write(place.path("b.jsonl"), SECOND.replace("\"depth\":0", "\"depth\":-1"))
        .expect("written");
    let errors = place.bad(&["metrics", "a.jsonl", "b.jsonl"], 4);
    for part in
        ["a.jsonl:1: choice: found nothing", "b.jsonl:1: depth: found -1", "b.jsonl:2: depth"]
    {
        assert!(errors.contains(part), "{part} is not in\n{errors}");
    }
    assert!(place.bad(&["metrics", "c.jsonl"], 2).contains("no such file"));
}

#[test]
fn fluctuation_is_in_curves_and_record_and_runs_can_be_measured() {
    let place = Place::new();
    let folder = run(&place, &["model=routed", "train.epochs=3"]);
    let curves = fs::read_to_string(folder.join("curves.csv")).expect("curves");
    for name in ["decision_fluctuation", "path_fluctuation"] {
        assert_eq!(curves.matches(&format!("routing/{name},")).count(), 2, "all but the first");
    }
    let record = fs::read_to_string(folder.join("record.json")).expect("a record");
    let record: Value = serde_json::from_str(&record).expect("JSON");
    assert!(record["metrics"]["path_fluctuation"].is_number());
    let word = folder.to_str().expect("UTF-8");
    let json: Value =
        serde_json::from_str(&place.good(&["metrics", "--json", word, word])).expect("JSON");
    assert_eq!(json["logs"][0]["metrics"]["largest_share"], record["metrics"]["largest_share"]);
    assert_eq!(json["pairs"]["adjusted_rand"]["mean"], 1.0);
}

#[test]
fn interventions_answer_whether_routing_matters() {
    let place = Place::new();
    let folder = run(&place, &["model=routed", "model.modules=3", "train.epochs=4"]);
    let word = folder.to_str().expect("UTF-8");
    let text = place.good(&["intervene", word]);
    for part in [
        "learned router",
        "uniform",
        "hashed",
        "task label",
        "most used module",
        "averaged modules",
        "averaged by use",
        "ablate 0:",
        "Does the routing matter here?",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let json = |args: &[&str]| -> Value {
        serde_json::from_str(&place.good(&[&["intervene", "--json", word], args].concat()))
            .expect("JSON")
    };
    let standard = json(&[]);
    let record = fs::read_to_string(folder.join("record.json")).expect("a record");
    let record: Value = serde_json::from_str(&record).expect("JSON");
    assert_eq!(standard["rows"][0]["accuracy"], record["metrics"]["accuracy"], "its own model");
    assert!(standard["rows"][1]["accuracy_ci95_over_draws"].is_number());
    assert!(place.path(standard["report"].as_str().expect("a path")).is_file());
    let own = json(&["--force", "0:1", "--swap", "1:0,2", "--ablate", "2:0", "--split", "train"]);
    let names: Vec<&Value> =
        own["rows"].as_array().expect("rows").iter().map(|row| &row["name"]).collect();
    assert_eq!(names, ["learned router", "force 0:1", "ablate 2:0", "swap 1:0,2"]);
    assert!(own["answer"].is_null());
    let bad = |args: &[&str]| place.bad(&[&["intervene", word], args].concat(), 2);
    assert!(bad(&["--force", "0:3"]).contains("allowed: 0 to 2"));
    assert!(bad(&["--ablate", "3:0"]).contains("allowed: 0 to 2"));
    assert!(bad(&["--swap", "0"]).contains("DEPTH:A,B"));
    assert!(bad(&["--split", "validation"]).contains("no validation split"));
}

#[test]
fn a_network_without_routing_has_nothing_to_intervene_on() {
    let place = Place::new();
    let folder = run(&place, &["model=cross-stitch"]);
    let errors = place.bad(&["intervene", folder.to_str().expect("UTF-8")], 2);
    assert!(errors.contains("nothing is routed"), "{errors}");
}

#[test]
fn an_alarm_ends_a_run_with_its_code_and_the_same_command_goes_on() {
    let place = Place::new();
    // More modules than tasks, and the task names the module: some are never used.
    let last = [
        "model=routed",
        "router.algorithm=assigned",
        "model.modules=12",
        "train.epochs=10",
        "train.batch=20",
        "alarms.window=1",
        "alarms.unused.action=stop",
    ];
    let args: Vec<&str> = ["run", "digits-mtl"].iter().chain(&TINY).chain(&last).copied().collect();
    let errors = place.bad(&args, 7);
    assert!(errors.contains("chosen by no row"), "{errors}");
    assert!(errors.contains("the same command goes on from there"), "{errors}");
    let folder = runs(&place.path("runs")).remove(0);
    assert!(!folder.join("record.json").exists());
    let kept = || {
        let entries = fs::read_dir(&folder).expect("the folder").flatten();
        entries.filter(|e| e.file_name().to_string_lossy().starts_with("alarm-")).count()
    };
    assert_eq!(kept(), 1);
    place.good(&args);
    let record = fs::read_to_string(folder.join("record.json")).expect("a record");
    let record: Value = serde_json::from_str(&record).expect("JSON");
    let alarms = record["alarms"].as_array().expect("alarms");
    assert_eq!(alarms.len(), 3, "{alarms:?}");
    assert_eq!(alarms[0]["alarm"], "unused");
    assert_eq!(alarms[0]["action"], "stop");
    assert_eq!(kept(), 1, "what an alarm kept stays");
    let log = fs::read_to_string(folder.join("run.log")).expect("a log");
    assert!(log.contains("alarm: step ") && log.contains("stopped by an alarm"), "{log}");
}

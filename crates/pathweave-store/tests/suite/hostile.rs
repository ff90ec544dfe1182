//! Folders that somebody made to do harm.

use std::fs;

use pathweave_store::index::{Index, Row};
use pathweave_store::query::Query;
use pathweave_store::{FAILED, LARGEST, LOCK, PROGRESS, RECORD, SPEC, State, TIMING};
use serde_json::json;

use crate::store::{Store, id, record};

fn rows(store: &Store) -> Vec<Row> {
    let mut index = Index::open(store.path()).expect("opened");
    index.refresh().expect("refreshed");
    // Again: what is broken is not read each time, and stays what it is.
    let again = index.refresh().expect("refreshed");
    assert!(!again.busy);
    index.rows(&Query::default()).expect("rows")
}

/// One run whose record is this text.
fn told(text: &str) -> Row {
    let store = Store::new();
    store.run(1).create().expect("made");
    fs::write(store.run(1).file(RECORD), text).expect("written");
    let rows = rows(&store);
    assert_eq!(rows.len(), 1);
    rows[0].clone()
}

#[test]
fn broken_records_are_failed_runs_that_say_why() {
    let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
    let deep = format!("{{\"spec\": {{\"a\": {open}{close}}}}}");
    let mut other = record(1, 1);
    other["id"] = json!("../../etc/passwd");
    let mut wide = record(1, 1);
    wide["spec"]["train"] = (0..20_000)
        .map(|at| (format!("k{at}"), json!(at)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let mut sections = record(1, 1);
    sections["spec"] = (0..200)
        .map(|at| (format!("k{at}"), json!({"a": 1})))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let mut measures = record(1, 1);
    measures["metrics"] = (0..20_000)
        .map(|at| (format!("k{at}"), json!(at)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let mut text = record(1, 1);
    text["metrics"]["accuracy"] = json!("much");
    let cases = [
        (String::new(), "EOF"),
        ("{\"id\":".into(), "EOF"),
        ("[]".into(), "invalid"),
        ("null".into(), "invalid type"),
        (deep, "recursion limit"),
        (other.to_string(), "id: found \"../../etc/passwd\", allowed: that of the folder"),
        (wide.to_string(), "has 20006 settings"),
        (sections.to_string(), "has 200 tables of settings"),
        (measures.to_string(), "has 20000 metrics"),
        (text.to_string(), "metrics.accuracy: allowed: a number"),
        (" ".repeat(LARGEST as usize + 1), "bytes or more, allowed: 16777216"),
        ("\0\u{1}\u{7f}".into(), "expected value"),
    ];
    for (text, wanted) in cases {
        let row = told(&text);
        let error = row.error.unwrap_or_default();
        assert_eq!(row.state, State::Failed);
        assert!(error.starts_with("record.json: ") && error.contains(wanted), "{error}");
    }
}

#[test]
fn what_is_odd_but_a_record_is_kept() {
    let mut odd = record(1, 1);
    odd["name"] = json!("<script>alert(1)</script>\u{1b}[31m\u{202e}");
    odd["metrics"] = json!({"a b|c=\"d\"": 1e308, "x.y": "-inf", "": 3, "accuracy": "NaN"});
    odd["spec"]["a.b"] = json!({"c": 1});
    odd["spec"]["train"]["text"] = json!("y".repeat(1_000_000));
    odd["alarms"] = json!([]);
    let row = told(&odd.to_string());
    assert_eq!((row.state, row.error), (State::Done, None));
    assert!(row.name.contains("<script>"));
    let mut long = record(1, 1);
    long["name"] = json!("é".repeat(100_000));
    assert!(told(&long.to_string()).name.len() < 1100);
}

#[test]
fn a_broken_timing_is_told_beside_the_result() {
    let mut store = Store::new();
    store.finish(1, 1);
    fs::write(store.run(1).file(TIMING), "{").expect("written");
    let rows = rows(&store);
    assert_eq!(rows[0].state, State::Done);
    assert!(rows[0].error.as_deref().unwrap_or_default().starts_with("timing.json: "));
}

#[test]
fn odd_names_are_no_runs() {
    let store = Store::new();
    for name in ["0123456789ABCDEF", "0123", "<b>", "reports", "0123456789abcdef0", "..a"] {
        fs::create_dir(store.path().join(name)).expect("made");
    }
    fs::write(store.path().join(id(1)), "no folder").expect("written");
    let rows = rows(&store);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].error.as_deref(), Some("is no folder"));
}

#[test]
fn deep_specs_of_runs_that_are_not_finished_do_no_harm() {
    let store = Store::new();
    let deep = [
        format!("{} = 1", vec!["a"; 100_000].join(".")),
        format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("[{}]", vec!["a"; 100_000].join(".")),
        format!("a = {}1{}", "{a=".repeat(100_000), "}".repeat(100_000)),
    ];
    for (number, text) in deep.iter().enumerate() {
        store.run(number as u64).create().expect("made");
        fs::write(store.run(number as u64).file(SPEC), text).expect("written");
    }
    let rows = rows(&store);
    assert!(rows.len() == 4 && rows.iter().all(|row| row.state == State::Pending));
}

#[test]
fn broken_files_of_runs_that_are_not_finished_do_no_harm() {
    let store = Store::new();
    store.run(1).create().expect("made");
    for name in [FAILED, PROGRESS, SPEC, LOCK] {
        fs::write(store.run(1).file(name), "{\"").expect("written");
    }
    store.run(2).create().expect("made");
    for name in [FAILED, PROGRESS, SPEC, LOCK] {
        fs::create_dir(store.run(2).file(name)).expect("made");
    }
    let rows = rows(&store);
    assert_eq!((rows[0].state, rows[1].state), (State::Failed, State::Pending));
    assert_eq!(rows[0].error.as_deref(), Some("failed.json: cannot be read"));
}

#[test]
fn broken_manifests_are_told() {
    let store = Store::new();
    let folder = store.sweep("good", 1..3);
    let broken = store.path().join("sweeps/broken");
    fs::create_dir(&broken).expect("made");
    fs::write(broken.join("manifest.jsonl"), "{").expect("written");
    let mut index = Index::open(store.path()).expect("opened");
    for _ in 0..2 {
        let refreshed = index.refresh().expect("refreshed");
        assert_eq!(refreshed.faults.len(), 1);
        assert!(refreshed.faults[0].contains("line 1"), "{:?}", refreshed.faults);
    }
    assert_eq!(index.rows(&Query::default()).expect("rows").len(), 2);
    fs::remove_dir_all(folder).expect("removed");
    fs::remove_dir_all(broken).expect("removed");
    assert!(index.refresh().expect("refreshed").faults.is_empty());
    assert_eq!(index.rows(&Query::default()).expect("rows").len(), 0);
}

#[cfg(unix)]
#[test]
fn links_and_pipes_are_not_followed() {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    let mut store = Store::new();
    let mut outside = Store::new();
    outside.finish(1, 1);
    outside.finish(2, 2);
    symlink(outside.run(1).path, store.run(1).path).expect("linked");
    store.run(2).create().expect("made");
    symlink(outside.run(2).file(RECORD), store.run(2).file(RECORD)).expect("linked");
    // A reader of a pipe would wait for ever.
    for (number, name) in [(3, RECORD), (4, LOCK), (5, PROGRESS), (6, FAILED), (7, SPEC)] {
        store.run(number).create().expect("made");
        let made = Command::new("mkfifo").arg(store.run(number).file(name)).status();
        assert!(made.expect("mkfifo").success());
    }
    store.finish(8, 8);
    fs::remove_file(store.run(8).file(TIMING)).expect("removed");
    symlink("/dev/zero", store.run(8).file(TIMING)).expect("linked");
    symlink(outside.sweep("outside", 1..9), store.path().join("sweeps")).expect("linked");
    let rows = rows(&store);
    let states: Vec<State> = rows.iter().map(|row| row.state).collect();
    let (failed, pending) = (State::Failed, State::Pending);
    assert_eq!(states, [failed, failed, failed, pending, pending, pending, pending, State::Done]);
    let error = |at: usize| rows[at].error.clone().unwrap_or_default();
    assert_eq!(error(0), "is a symbolic link, which is not followed");
    assert_eq!(error(1), "record.json: is no plain file");
    assert_eq!(error(2), "record.json: is no plain file");
    assert_eq!(error(7), "timing.json: is no plain file");
}

#[cfg(unix)]
#[test]
fn an_index_that_is_a_link_is_left_alone() {
    let mut store = Store::new();
    store.finish(1, 1);
    let target = store.path().join("precious");
    fs::write(&target, "precious").expect("written");
    std::os::unix::fs::symlink(&target, store.path().join("index.sqlite")).expect("linked");
    assert_eq!(rows(&store).len(), 1);
    assert_eq!(fs::read_to_string(&target).expect("read"), "precious");
}

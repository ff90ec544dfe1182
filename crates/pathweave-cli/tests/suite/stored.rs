//! Finished runs that nobody trained: folders as runs leave them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// One run: a model of two, on one of three data sets, with a seed. The gate model is better by 0.02.
pub fn record(model: &str, data: usize, seed: u64) -> Value {
    let id = format!("{:08x}{:08x}", seed, data * 16 + usize::from(model == "gate"));
    let gain = if model == "gate" { 0.02 } else { 0.0 };
    let wobble = ((seed * 7 + data as u64 * 3) % 11) as f64 / 1000.0;
    let accuracy = 0.5 + 0.1 * data as f64 + gain + wobble;
    json!({
        "version": 1,
        "id": id,
        "name": format!("{model} on {data}"),
        "seed": seed,
        "spec": {
            "name": format!("{model} on {data}"),
            "data": {"name": format!("set-{data}")},
            "model": {"kind": model, "hidden": [8, 8]},
            "router": {"algorithm": "wpl", "wpl": {"rate": 0.01}},
            "train": {"seed": seed, "epochs": 2, "learning_rate": if model == "gate" { 0.1 } else { 0.2 }},
        },
        "dataset": {"name": format!("set-{data}"), "fingerprint": format!("f{data}"), "tasks": 2},
        "program": "pathweave 0.1.0",
        "device": "cpu",
        "steps": 20,
        "epochs": 2,
        "parameters": 100,
        "metrics": {"accuracy": accuracy, "loss": 1.0 - accuracy, "modules_used": 3.0},
        "per_task": [],
    })
}

/// Writes a run's folder; gives its path.
pub fn write(store: &Path, record: &Value) -> PathBuf {
    let folder = store.join(record["id"].as_str().expect("an id"));
    fs::create_dir_all(&folder).expect("made");
    let put = |name: &str, text: &str| fs::write(folder.join(name), text).expect("written");
    put("lock", "");
    let log = "2026-11-22T17:59:17Z started\n2026-11-22T17:59:25Z finished\n";
    put("run.log", log);
    let curves = "step,epoch,tag,value\n10,1.0,train/loss,2.5\n20,2.0,train/loss,NaN\n\
                  20,2.0,test/accuracy,0.5\n";
    put("curves.csv", curves);
    put("timing.json", r#"{"version":1,"wall_seconds":8.0,"train_seconds":7.5,"threads":1}"#);
    put("record.json", &record.to_string());
    folder
}

/// 300 runs: two models, three data sets, fifty seeds.
pub fn many(store: &Path) -> Vec<Value> {
    let mut records = Vec::new();
    for model in ["gate", "plain"] {
        for data in 0..3 {
            records.extend((0..50).map(|seed| record(model, data, seed)));
        }
    }
    records.iter().for_each(|record| drop(write(store, record)));
    records
}

/// A python with these modules; says so where there is none.
pub fn python(modules: &str) -> Option<String> {
    let python = std::env::var("PATHWEAVE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let probe =
        std::process::Command::new(&python).args(["-c", &format!("import {modules}")]).output();
    let found = probe.is_ok_and(|output| output.status.success());
    if !found {
        println!(
            "skipped: {python} cannot import {modules}; name one that can in PATHWEAVE_PYTHON"
        );
    }
    found.then_some(python)
}

/// Runs a script with arguments and gives what it prints.
pub fn script(python: &str, script: &str, args: &[&str]) -> String {
    let output = std::process::Command::new(python).arg("-c").arg(script).args(args).output();
    let output = output.expect("python starts");
    assert!(output.status.success(), "{}", super::place::text(&output.stderr));
    super::place::text(&output.stdout)
}

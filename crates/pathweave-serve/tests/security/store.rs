//! Stores to serve.

use std::fs;
use std::path::Path;

use pathweave_eval::record::{RunRecord, TaskResult};
use pathweave_store::RunFolder;
use serde_json::json;

/// An id of a run.
pub fn id(at: u64) -> String {
    format!("{:016x}", 0xabc0_0000_0000_0000 + at)
}

/// A finished run.
pub fn record(at: u64) -> RunRecord {
    let mut record = RunRecord::new(id(at), format!("run-{at}"));
    record.seed = at;
    record.steps = 100;
    record.spec = json!({
        "model": {"kind": if at.is_multiple_of(2) { "routed" } else { "unrouted" }},
        "train": {"seed": at, "rate": 0.1 * (at % 3) as f64},
    });
    record.dataset.name = "digits".into();
    record.metrics.insert("accuracy".into(), 0.5 + 0.01 * at as f64);
    // A field has this name too.
    record.metrics.insert("error".into(), 0.5);
    record.metrics.insert("loss".into(), 1.0 / (1.0 + at as f64));
    record.per_task.push(TaskResult {
        task: "zero".into(),
        accuracy: 0.5,
        loss: 0.25,
        n: 10,
        extra: Default::default(),
    });
    record
}

/// Writes a finished run.
pub fn finish(store: &Path, record: &RunRecord) -> RunFolder {
    let folder = RunFolder::new(store, &record.id);
    folder.create().expect("made");
    fs::write(folder.file("curves.csv"), "step,epoch,tag,value\n1,0.5,loss,0.25\n2,1.0,loss,NaN\n")
        .expect("written");
    fs::write(folder.file("spec.toml"), "name = \"x\"\n").expect("written");
    folder.log("started").expect("logged");
    fs::write(folder.file("record.json"), record.to_json()).expect("written");
    folder
}

/// A store with this many finished runs.
pub fn store(runs: u64) -> tempfile::TempDir {
    let store = tempfile::tempdir().expect("a temporary folder");
    for at in 0..runs {
        finish(store.path(), &record(at));
    }
    store
}

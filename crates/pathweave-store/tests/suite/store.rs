//! Stores made for tests.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use pathweave_store::{
    FAILED, LOG, Manifest, Planned, Progress, RECORD, RunFolder, SPEC, TIMING, write_text,
};
use serde_json::{Value, json};
use tempfile::TempDir;

const DATA: [&str; 2] = ["digits", "rules"];
const MODELS: [&str; 3] = ["routed", "switch", "top-k"];
const ALGORITHMS: [&str; 2] = ["wpl", "q_learning"];

/// A store, with the locks of runs that somebody works on.
pub struct Store {
    pub folder: TempDir,
    locks: Vec<(u64, File)>,
}

/// The id of a number.
pub fn id(number: u64) -> String {
    format!("{number:016x}")
}

/// A spec; `kind` chooses its settings.
pub fn spec(kind: u64, seed: u64) -> Value {
    json!({
        "name": format!("run {kind}"),
        "data": {"name": DATA[kind as usize % 2], "task": kind % 5},
        "model": {"kind": MODELS[kind as usize % 3], "hidden": [8, kind % 4]},
        "router": {"algorithm": ALGORITHMS[kind as usize / 2 % 2], "skip": kind % 2 == 1},
        "train": {"seed": seed, "rate": 0.1 * (kind % 4) as f64, "epochs": 3},
    })
}

/// A record of such a run.
pub fn record(number: u64, kind: u64) -> Value {
    let seed = number % 4;
    let accuracy = match kind % 7 {
        6 => json!("NaN"),
        other => json!(other as f64 / 7.0),
    };
    let mut record = json!({
        "version": 1, "id": id(number), "name": format!("run {kind}"), "seed": seed,
        "spec": spec(kind, seed), "dataset": {"name": DATA[kind as usize % 2]},
        "steps": 30, "metrics": {"accuracy": accuracy, "loss": number as f64},
    });
    if kind.is_multiple_of(3) {
        record["metrics"]["collapse_avg"] = json!(kind);
        record["alarms"] = json!([{"step": 1}]);
    }
    record
}

impl Store {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder"), locks: Vec::new() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn run(&self, number: u64) -> RunFolder {
        RunFolder::new(self.path(), &id(number))
    }

    fn made(&self, number: u64) -> RunFolder {
        let folder = self.run(number);
        folder.create().expect("made");
        folder
    }

    /// A finished run.
    pub fn finish(&mut self, number: u64, kind: u64) {
        self.kill(number);
        let folder = self.made(number);
        let record = record(number, kind).to_string();
        write_text(
            &folder.file(TIMING),
            &json!({"train_seconds": kind, "host_cpu": "x"}).to_string(),
        )
        .expect("written");
        write_text(&folder.file(RECORD), &record).expect("written");
        _ = fs::remove_file(folder.file(FAILED));
    }

    /// A run that failed.
    pub fn fail(&mut self, number: u64) {
        self.kill(number);
        let folder = self.made(number);
        let failed = json!({"id": id(number), "name": "a", "error": "no memory", "attempts": 2});
        write_text(&folder.file(FAILED), &failed.to_string()).expect("written");
    }

    /// A run that somebody works on.
    pub fn begin(&mut self, number: u64, kind: u64, step: u64) {
        if self.locks.iter().all(|(other, _)| *other != number) {
            let folder = self.made(number);
            let toml = toml::to_string(&spec(kind, number % 4)).expect("TOML");
            write_text(&folder.file(SPEC), &toml).expect("written");
            let lock = folder.lock_file().expect("opened");
            lock.try_lock().expect("nobody else has it");
            self.locks.push((number, lock));
        }
        let progress = Progress { step, steps: 30, ..Progress::of_this_process() };
        progress.write(&self.run(number)).expect("written");
        fs::write(self.run(number).file(LOG), "2026 started\n2026 alarm: layer 0\n")
            .expect("written");
    }

    /// Whoever works on it is killed.
    pub fn kill(&mut self, number: u64) {
        self.locks.retain(|(other, _)| *other != number);
    }

    /// Its folder is removed.
    pub fn remove(&mut self, number: u64) {
        self.kill(number);
        _ = fs::remove_dir_all(self.run(number).path);
    }

    /// A sweep asks for runs.
    pub fn sweep(&self, name: &str, numbers: std::ops::Range<u64>) -> PathBuf {
        let planned = |number: u64| Planned {
            id: id(number),
            name: format!("planned {number}"),
            model: format!("{name} model {}", number % 2),
            seed: number % 4,
            spec: json!({"train": {"rate": 0.5}, "data": {"name": "planned"}}),
        };
        let runs = numbers.map(planned).collect();
        let manifest = Manifest { name: name.into(), device: "cpu".into(), runs };
        manifest.write(self.path()).expect("written")
    }
}

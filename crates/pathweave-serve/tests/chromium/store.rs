//! Stores to look at.

use std::fs;
use std::io::Write;
use std::path::Path;

use pathweave_eval::record::{RunRecord, TaskResult};
use pathweave_store::{CURVES, LIVE, Progress, RECORD, ROUTING_JSONL, RunFolder, SPEC};
use serde_json::json;

/// An id of a run.
pub fn id(at: u64) -> String {
    format!("{:016x}", 0xabc0_0000_0000_0000 + at)
}

/// Writes a finished run with every file that is drawn, under a name and tasks of this form.
pub fn finish(store: &Path, at: u64, name: &str) -> RunFolder {
    let folder = RunFolder::new(store, &id(at));
    folder.create().expect("made");
    let mut record = RunRecord::new(id(at), name);
    record.seed = at;
    record.steps = 100;
    record.spec = json!({
        "name": name,
        "model": {"kind": if at.is_multiple_of(2) { "routed" } else { "unrouted" }},
        "train": {"seed": at, "rate": 0.1 * (at % 3) as f64},
    });
    record.dataset.name = "digits".into();
    record.metrics.insert("accuracy".into(), 0.5 + 0.01 * at as f64);
    record.metrics.insert("loss".into(), 1.0 / (1.0 + at as f64));
    for task in 0..3 {
        record.per_task.push(TaskResult {
            task: format!("{name} {task}"),
            accuracy: 0.5 + 0.1 * f64::from(task),
            loss: 0.25,
            n: 10,
            extra: Default::default(),
        });
    }
    if at == 0 {
        let alarm = json!({"step": 50, "depth": 0, "steps": 100, "alarm": "unused",
                           "modules": [2], "action": "warn"});
        record.extra.insert("alarms".into(), json!([alarm]));
    }
    let mut curves = String::from("step,epoch,tag,value\n");
    let tag = name.replace('"', "\"\"");
    for step in 1..=10 {
        let value = 1.0 / f64::from(step);
        curves += &format!("{step},{step}.0,train/loss,{value}\n");
        curves += &format!("{step},{step}.0,test/accuracy,{}\n", 1.0 - 0.5 * value);
        curves += &format!("{step},{step}.0,\"test/accuracy/{tag}\",{}\n", 1.0 - value);
    }
    fs::write(folder.file(CURVES), curves).expect("written");
    let contexts: Vec<String> = (0..3).map(|task| format!("{name} {task}")).collect();
    let mut log = json!({"format": "pathweave-routing-log", "version": 1, "modules": [3, 3],
                         "contexts": contexts})
    .to_string();
    for sample in 0..30_u64 {
        for depth in 0..2 {
            let choice = (sample + depth * at) % 3;
            let context = sample % 3;
            log += &format!(
                "\n{{\"sample\":{sample},\"depth\":{depth},\"context\":{context},\"choice\":{choice}}}"
            );
        }
    }
    fs::write(folder.file(ROUTING_JSONL), log).expect("written");
    fs::write(folder.file(SPEC), "name = \"x\"\n").expect("written");
    folder.log("started").expect("logged");
    fs::write(folder.file(RECORD), record.to_json()).expect("written");
    folder
}

/// A store with this many finished runs.
pub fn store(runs: u64) -> tempfile::TempDir {
    let store = tempfile::tempdir().expect("a temporary folder");
    for at in 0..runs {
        finish(store.path(), at, &format!("run-{at}"));
    }
    store
}

/// A run that this process works on, as its worker would.
pub struct Working {
    folder: RunFolder,
    live: fs::File,
    _lock: fs::File,
}

impl Working {
    pub fn begin(store: &Path, at: u64) -> Self {
        let folder = RunFolder::new(store, &id(at));
        folder.create().expect("made");
        let lock = folder.lock_file().expect("a file");
        lock.try_lock().expect("locked");
        fs::write(folder.file(SPEC), "name = \"at-work\"\n").expect("written");
        let mut live = fs::File::create(folder.file(LIVE)).expect("made");
        live.write_all(b"step,epoch,tag,value\n").expect("written");
        let working = Self { folder, live, _lock: lock };
        working.tell(0);
        working
    }

    fn tell(&self, step: u64) {
        let progress = Progress { step, steps: 1000, ..Progress::of_this_process() };
        progress.write(&self.folder).expect("written");
    }

    /// Makes a step: a curve goes on, its last line still half written.
    pub fn step(&mut self, step: u64) {
        let line = format!("{step},{step}.0,test/accuracy,0.{step}\n{step},{step}.0,test/acc");
        self.live.write_all(line.as_bytes()).expect("written");
        self.tell(step);
    }

    /// An alarm rings.
    pub fn alarm(&self, words: &str) {
        self.folder.log(&format!("alarm: {words}")).expect("logged");
    }
}

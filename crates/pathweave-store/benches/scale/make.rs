//! A store of many runs that nobody trained: their files look like those of a sweep over rule data.

use std::fs;
use std::path::Path;

use pathweave_store::{FAILED, Manifest, Planned, RECORD, TIMING};
use serde_json::{Map, Value, json};

const KINDS: [&str; 4] = ["monolithic", "modular", "modular-op", "gt-modular"];
const FAMILIES: [&str; 3] = ["mlp", "mha", "rnn"];
const ALGORITHMS: [&str; 3] = ["wpl", "q_learning", "reinforce"];
const RULES: [u64; 5] = [2, 4, 8, 16, 32];

/// Writes the files of `runs` runs: of each hundred two failed, and for each hundred one more is
/// asked for by the sweep and not begun.
pub fn store(folder: &Path, runs: u64) {
    fs::create_dir_all(folder).expect("a folder");
    let all = runs + runs / 100;
    let planned = |at: u64| Planned {
        id: id(at),
        name: name(at),
        model: KINDS[at as usize % 4].into(),
        seed: at / 180,
        spec: json!({"data": data(at), "model": {"kind": KINDS[at as usize % 4]}}),
    };
    let runs_of_sweep = (0..all).map(planned).collect();
    let sweep = Manifest { name: "scale".into(), device: "cpu".into(), runs: runs_of_sweep };
    sweep.write(folder).expect("written");
    for at in 0..runs {
        let run = folder.join(id(at));
        fs::create_dir_all(&run).expect("a folder");
        if at % 50 == 49 {
            let failed =
                json!({"id": id(at), "name": name(at), "error": "out of memory", "attempts": 2});
            fs::write(run.join(FAILED), failed.to_string()).expect("written");
            continue;
        }
        fs::write(run.join(TIMING), format!("{:#}\n", timing(at))).expect("written");
        fs::write(run.join(RECORD), format!("{:#}\n", record(at))).expect("written");
    }
}

/// As a hash would be, spread over all ids.
fn id(at: u64) -> String {
    format!("{:016x}", mixed(at))
}

fn mixed(at: u64) -> u64 {
    let mut bits = at.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits ^ (bits >> 31)
}

/// Between 0 and 1, another one for each run and metric.
fn share(at: u64, metric: u64) -> f64 {
    (mixed(at.wrapping_mul(64).wrapping_add(metric)) >> 11) as f64 / (1_u64 << 53) as f64
}

fn name(at: u64) -> String {
    let (kind, family) = (KINDS[at as usize % 4], FAMILIES[at as usize / 4 % 3]);
    format!("{kind} {family} rules {} task {}", RULES[at as usize / 12 % 5], at / 60 % 3)
}

fn data(at: u64) -> Value {
    json!({
        "adaptation_draws": 20, "adaptation_samples": 1000, "context_missing": 0.0,
        "context_noise": 0.0, "depth": 1, "eval_samples": 2000,
        "family": FAMILIES[at as usize / 4 % 3], "frequencies": [], "held_out": 0.0, "length": 10,
        "name": "rules", "regressed": "state", "rules": RULES[at as usize / 12 % 5], "samples": 0,
        "search": "scalar", "skew": 0.0, "steps_per_epoch": 75, "target": "classification",
        "task": at / 60 % 3,
    })
}

fn spec(at: u64) -> Value {
    json!({
        "alarms": {
            "entropy": {"action": "warn", "drop": 0.5}, "share": {"above": 0.9, "action": "warn"},
            "unused": {"action": "warn"}, "window": 100,
        },
        "data": data(at),
        "exploration": {"every": 5, "factor": 4.0, "floor": 0.005, "schedule": "step", "start": 0.25},
        "model": {
            "banks": "per-depth", "base": {"blocks": 4, "filters": 32}, "blocks": ["linear"],
            "hidden": [128, 128], "kind": KINDS[at as usize % 4], "modules": 0, "output": "routed",
            "rules": {"decoder": true, "encoder": 16, "width": 64}, "stitch_own": 0.9,
            "top_k": {"importance": 0.1, "k": 2, "load": 0.1, "noise": true},
        },
        "name": name(at),
        "reward": {
            "collaboration": 0.0, "collaboration_anneal_epochs": 0, "cost": [], "discount": 1.0,
            "final": "correct", "table": [], "window": 256,
        },
        "router": {
            "algorithm": ALGORITHMS[at as usize / 4 % 3], "dispatcher": "meta", "hidden": 64,
            "entropy": {"anneal_epochs": 0, "weight": 0.0}, "max_depth": 3, "policy": "tabular",
            "skip": false, "sub_routers": "per-depth", "terminate": false,
            "wpl": {"rate": 0.01, "weighting": "thesis"},
        },
        "train": {
            "batch": 256, "clip": 0.0, "epochs": 20, "optimizer": "adam", "rate": 0.0001,
            "schedule": "constant", "seed": at / 180,
        },
    })
}

fn record(at: u64) -> Value {
    let names = [
        "adaptation",
        "alignment",
        "best/adaptation",
        "best/alignment",
        "best/collapse_avg",
        "best/collapse_worst",
        "best/error",
        "best/loss",
        "best/performance",
        "best/performance_ood",
        "best_epoch",
        "best_validation_loss",
        "collapse_avg",
        "collapse_worst",
        "error",
        "inverse_mutual_information",
        "loss",
        "performance",
        "performance_length_10",
        "performance_length_20",
        "performance_length_30",
        "performance_ood",
        "train_loss",
        "validation_error",
        "validation_loss",
    ];
    let metrics: Map<String, Value> = (0..)
        .zip(names)
        .map(|(metric, name)| (name.to_owned(), json!(share(at, metric))))
        .collect();
    let mut record = json!({
        "dataset": {"fingerprint": "0".repeat(64), "name": "rules", "tasks": 2, "test": 2000, "train": 384_000},
        "device": "cpu", "epochs": 20, "id": id(at), "metrics": metrics, "name": name(at),
        "parameters": 24_908, "per_task": [], "program": "pathweave 0.1.0", "seed": at / 180,
        "spec": spec(at), "steps": 1500, "version": 1,
    });
    if at.is_multiple_of(20) {
        record["alarms"] = json!([{"step": 100, "kind": "share"}]);
    }
    record
}

fn timing(at: u64) -> Value {
    json!({
        "eval_seconds": share(at, 40), "host_cpu": "a processor", "peak_rss_bytes": 60_416_000,
        "seconds_per_task_epoch": 0.19, "steps_per_second": 192.4, "threads": 1,
        "train_seconds": 5.0 + share(at, 41), "version": 1, "wall_seconds": 6.0 + share(at, 41),
    })
}

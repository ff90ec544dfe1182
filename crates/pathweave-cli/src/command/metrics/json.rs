//! What `--json` prints.

use std::path::Path;

use pathweave_eval::alarm::LoadFinding;
use pathweave_eval::baseline::Assessment;
use pathweave_eval::joint::joint_metric;
use pathweave_eval::pair::{PAIR_METRICS, PairMetricDef};
use serde_json::{Map, Value, json};

use super::map::maps;
use super::snapshot::{Snapshot, Subject};
use super::table::{of_pair, over_pairs, pairs};

/// All logs, and the pairs of them where there are several.
pub fn whole(subjects: &[Subject], figure: Option<&Path>) -> Value {
    let mut whole = json!({"logs": subjects.iter().map(one).collect::<Vec<_>>()});
    if subjects.len() > 1 {
        let of_def = |def: &PairMetricDef| {
            let pair = |(a, b): (usize, usize)| {
                let (first, second) = (&subjects[a], &subjects[b]);
                match of_pair(first, second, def) {
                    Ok(value) => {
                        json!({"first": first.name, "second": second.name, "value": value})
                    }
                    Err(error) => {
                        json!({"first": first.name, "second": second.name, "error": error})
                    }
                }
            };
            let (pairs, over) = pairs(subjects.len(), def);
            let mean = over_pairs(subjects, def).0.ok();
            let pairs: Vec<Value> = pairs.into_iter().map(pair).collect();
            (def.name.to_owned(), json!({"mean": mean, "over": over, "pairs": pairs}))
        };
        whole["pairs"] = Value::Object(PAIR_METRICS.iter().map(of_def).collect());
    }
    if let Some(path) = figure {
        whole["figure"] = json!(path.display().to_string());
    }
    whole
}

fn one(subject: &Subject) -> Value {
    let snapshot = subject.last();
    let map =
        |map: super::map::Map| json!({"label": map.label, "rows": map.rows, "shares": map.shares});
    let alarm = |(depth, found): &(usize, LoadFinding)| {
        let mut alarm = match found {
            LoadFinding::Dead { modules } => json!({"alarm": "dead", "modules": modules}),
            LoadFinding::Heavy { module, share } => {
                json!({"alarm": "share", "module": module, "share": share})
            }
        };
        alarm["depth"] = json!(depth);
        alarm["layer"] = json!(subject.layers.get(*depth));
        alarm["text"] = json!(found.to_string());
        alarm
    };
    let step = |snapshot: &Snapshot| json!({"step": snapshot.step, "metrics": snapshot.values});
    let rules = snapshot.rules.as_ref();
    json!({
        "log": subject.name,
        "format": subject.format.name(),
        "step": snapshot.step,
        "rows": snapshot.rows.map(|rows| rows.round() as u64),
        "modules": snapshot.modules,
        "layers": subject.layers,
        "rules": rules.map(|(source, names)| json!({"source": source, "names": names})),
        "metrics": snapshot.values,
        "missing": snapshot.missing,
        "assessed": snapshot.assessed.iter().map(|(&name, of)| {
            (name.to_owned(), assessment(name, of, snapshot))
        }).collect::<Map<_, _>>(),
        "map": maps(subject).into_iter().map(map).collect::<Vec<_>>(),
        "alarms": snapshot.findings.iter().map(alarm).collect::<Vec<_>>(),
        "steps": subject.steps.iter().map(step).collect::<Vec<_>>(),
    })
}

fn assessment(name: &str, of: &Assessment, snapshot: &Snapshot) -> Value {
    let range = |low: f64, high: f64| json!({"low": low, "high": high});
    let uniform = of.uniform.map(|uniform| {
        json!({"mean": uniform.mean, "low": uniform.range.low, "high": uniform.range.high})
    });
    let def = joint_metric(name);
    let at = |joint: &Option<_>| joint.as_ref().and_then(|joint| (def?.compute)(joint).ok());
    json!({
        "value": of.value,
        "interval": of.interval.map(|interval| range(interval.low, interval.high)),
        "uniform": uniform,
        "oracle": of.oracle,
        "needs_rules": def.is_some_and(|def| def.needs_rules),
        "by_depth": snapshot.joints.iter().map(at).collect::<Vec<_>>(),
    })
}

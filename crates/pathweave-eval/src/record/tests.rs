use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::timing::Timing;

fn record() -> RunRecord {
    let mut record = RunRecord::new("3f2a", "routing-all-fc");
    record.seed = u64::MAX;
    record.spec = json!({"router": {"algorithm": "wpl", "rate": 0.1}});
    record.metrics.insert("accuracy".into(), 0.1 + 0.2);
    record.metrics.insert("selection_entropy/0".into(), 1.5);
    let task = TaskResult {
        task: "0".into(),
        accuracy: 0.5,
        loss: f64::INFINITY,
        n: 2,
        extra: BTreeMap::new(),
    };
    record.per_task.push(task);
    record
}

#[test]
fn a_record_reads_back_to_the_same_bytes() {
    let text = record().to_json();
    let back = RunRecord::from_json(&text, "record.json").unwrap();
    assert_eq!(back, record());
    assert_eq!(back.to_json(), text);
}

#[test]
fn a_newer_record_keeps_its_fields() {
    let mut newer = json!(record());
    newer["version"] = json!(9);
    newer["carbon"] = json!({"grams": 3});
    newer["dataset"]["licence"] = json!("BSD-3");
    newer["per_task"][0]["f1"] = json!(0.25);
    let read = RunRecord::from_json(&newer.to_string(), "record.json").unwrap();
    assert_eq!(json!(read), newer);
}

#[test]
fn an_older_record_is_filled_up() {
    let read = RunRecord::from_json(r#"{"version":1,"id":"a","name":"b"}"#, "r").unwrap();
    assert_eq!(read, RunRecord::new("a", "b"));
}

#[test]
fn faults_name_the_file() {
    let error = RunRecord::from_json("{\"version\":1}", "runs/a/record.json").unwrap_err();
    assert!(error.to_string().starts_with("runs/a/record.json: missing field `id`"), "{error}");
}

#[test]
fn a_run_that_diverged_reads_back() {
    let mut diverged = record();
    diverged.metrics.insert("loss".into(), f64::NAN);
    diverged.metrics.insert("return".into(), f64::NEG_INFINITY);
    let text = diverged.to_json();
    assert!(text.contains("\"loss\": \"NaN\"") && text.contains("\"return\": \"-inf\""));
    let back = RunRecord::from_json(&text, "r").unwrap();
    assert!(back.metrics["loss"].is_nan());
    assert_eq!(back.to_json(), text);
}

#[test]
fn a_timing_reads_back() {
    let timing = Timing {
        version: 1,
        wall_seconds: 1.25,
        peak_rss_bytes: Some(7),
        host_cpu: "x".into(),
        ..Timing::default()
    };
    assert_eq!(Timing::from_json(&timing.to_json(), "t").unwrap(), timing);
    assert_eq!(timing.value("wall_seconds"), Some(1.25));
    assert_eq!(timing.value("peak_rss_bytes"), Some(7.0));
    assert_eq!(timing.value("host_cpu"), None);
}

proptest! {
    #[test]
    fn any_number_reads_back_to_its_bits(bits in any::<u64>()) {
        let mut record = RunRecord::new("a", "b");
        let value = f64::from_bits(bits);
        record.metrics.insert("m".into(), value);
        let back = RunRecord::from_json(&record.to_json(), "r").unwrap().metrics["m"];
        prop_assert!(back.to_bits() == bits || (value.is_nan() && back.is_nan()));
    }
}

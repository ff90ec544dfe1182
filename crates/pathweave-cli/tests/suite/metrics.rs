//! `metrics` on files of every form, with intervals, baselines, maps and alarms.

use std::fs;

use serde_json::Value;

use super::place::Place;

/// A log of `rules` rules, each rule's k-th sample sent where `module` says.
fn ruled(place: &Place, name: &str, module: impl Fn(usize, usize) -> usize) {
    let mut text = "{\"format\":\"pathweave-routing-log\",\"version\":1,\"modules\":[4],\
                    \"conditions\":[\"add\",\"copy\",\"sort\",\"sum\"]}\n"
        .to_owned();
    for sample in 0..200 {
        let rule = sample % 4;
        let choice = module(rule, sample / 4);
        text += &format!(
            "{{\"sample\":{sample},\"depth\":0,\"condition\":{rule},\"choice\":{choice}}}\n"
        );
    }
    fs::write(place.path(name), text).expect("written");
}

fn json(place: &Place, args: &[&str]) -> Value {
    let args = [&["metrics", "--json"], args].concat();
    serde_json::from_str(&place.good(&args)).expect("JSON")
}

/// An NPY file of version 1.
fn npy(place: &Place, name: &str, descr: &str, shape: &str, data: &[u8]) {
    let head = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((head.len() as u16).to_le_bytes());
    bytes.extend([head.as_bytes(), data].concat());
    fs::write(place.path(name), bytes).expect("written");
}

fn integers(values: &[i64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[test]
fn specialization_is_told_beside_chance_and_perfect_routing() {
    let place = Place::new();
    ruled(&place, "perfect.jsonl", |rule, _| (rule + 1) % 4);
    ruled(&place, "even.jsonl", |_, sample| sample % 4);
    let text = place.good(&["metrics", "perfect.jsonl", "--figure", "map.svg"]);
    for part in ["rules: 4 conditions", "alignment", "0.000 to 0.000", "oracle", "figure: map.svg"]
    {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(text.lines().any(|line| line == "copy    0   0 100   0"), "{text}");
    assert!(fs::read_to_string(place.path("map.svg")).expect("a figure").contains("copy"));

    let found = &json(&place, &["even.jsonl"])["logs"][0];
    let of = |name: &str| &found["assessed"][name];
    assert!((of("alignment")["value"].as_f64().expect("a value") - 0.75).abs() < 0.02);
    assert_eq!(of("alignment")["oracle"], 0.0);
    let uniform = of("inverse_mutual_information")["uniform"]["mean"].as_f64().expect("a mean");
    assert!((0.95..1.0).contains(&uniform), "{uniform}");
    assert_eq!(of("alignment")["needs_rules"], true);
    assert_eq!(of("collapse_avg")["needs_rules"], false);
    assert_eq!(found["metrics"]["alignment"], of("alignment")["value"]);
    assert_eq!(found["rules"]["source"], "conditions");
    assert_eq!(found["map"][0]["rows"][2], "sort");
    assert_eq!(found["alarms"], serde_json::json!([]));
    assert!(found["missing"]["context_entropy"].is_string());
    assert_eq!(place.good(&["metrics", "even.jsonl"]), place.good(&["metrics", "even.jsonl"]));
}

#[test]
fn collapse_without_rules_rings_for_its_layer() {
    let place = Place::new();
    let mut table = "sample,layer,expert\n".to_owned();
    for sample in 0..400 {
        table +=
            &format!("{sample},2,{}\n{sample},5,{}\n", sample % 4, u8::from(sample % 50 == 0) * 3);
    }
    fs::write(place.path("log.csv"), table).expect("written");
    let text = place.good(&["metrics", "log.csv"]);
    for part in [
        "log.csv, csv: 800 decisions, 2 layers of 4 modules, no rules",
        "has neither a condition nor a context",
        "alarm: layer 5: modules 1, 2, 3 are dead",
        "alarm: layer 5: module 0 takes 98.0 % of the load",
        "layer 2   25  25  25  25",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains("alarm: layer 2"), "{text}");
    let found = &json(&place, &["log.csv", "--above", "0.99"])["logs"][0];
    assert_eq!(found["alarms"].as_array().expect("alarms").len(), 1);
    assert_eq!(found["alarms"][0]["layer"], "5");
    assert!(found["assessed"]["collapse_worst"]["oracle"].is_null());
}

#[test]
fn traces_show_their_trend() {
    let place = Place::new();
    let line = |step: u32, layer: u32, counts: &str| {
        format!(
            "{{\"iteration\":{step},\"layer_number\":{layer},\"tokens_per_expert\":{counts}}}\n"
        )
    };
    let trace = [
        line(10, 1, "[100,100]"),
        line(10, 2, "[90,110]"),
        line(20, 1, "[199,1]"),
        line(20, 2, "[100,100]"),
    ];
    fs::write(place.path("counts.jsonl"), trace.concat()).expect("written");
    let text = place.good(&["metrics", "counts.jsonl"]);
    for part in [
        "trace: 400 decisions",
        "step 20, the last of 2",
        "the file names no rules",
        "the file holds sums, and no decisions",
        "alarm: layer 1: module 1 is dead",
        "trend",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let found = &json(&place, &["counts.jsonl"])["logs"][0];
    assert_eq!(found["layers"], serde_json::json!(["1", "2"]));
    assert_eq!(found["steps"][0]["step"], 10);
    let worst = found["assessed"]["collapse_worst"]["by_depth"][0].as_f64().expect("a value");
    assert!((worst - 0.99).abs() < 1e-12);

    let choices = "{\"step\":1,\"expert_ids\":[[0,1],[1,2]],\"rules\":[0,1]}\n";
    fs::write(place.path("choices.jsonl"), choices).expect("written");
    let found = &json(&place, &["choices.jsonl"])["logs"][0];
    assert_eq!(found["modules"], serde_json::json!([3]));
    assert_eq!(found["metrics"]["alignment"], 0.5);
    let pair = place.good(&["metrics", "choices.jsonl", "counts.jsonl"]);
    assert!(pair.contains("logs 1 and 2: a file holds sums"), "{pair}");
}

#[test]
fn arrays_are_measured() {
    let place = Place::new();
    npy(&place, "choices.npy", "<i8", "(6,)", &integers(&[0, 1, 0, 1, 0, 1]));
    npy(&place, "rules.npy", "<i8", "(6,)", &integers(&[1, 0, 1, 0, 1, 0]));
    let found = json(&place, &["choices.npy", "--rules", "rules.npy"]);
    assert_eq!(found["logs"][0]["metrics"]["alignment"], 0.0);
    let plain = json(&place, &["choices.npy"]);
    assert!(plain["logs"][0]["missing"]["alignment"].is_string());

    let joint: Vec<u8> = [0.4_f64, 0.1, 0.2, 0.3].iter().flat_map(|p| p.to_le_bytes()).collect();
    npy(&place, "joint.npy", "<f8", "(2, 2)", &joint);
    let found = &json(&place, &["joint.npy", "--npy-rows", "rules"])["logs"][0];
    let alignment = &found["assessed"]["alignment"];
    assert!((alignment["value"].as_f64().expect("a value") - 0.3).abs() < 1e-12);
    assert!(alignment["interval"].is_null() && found["rows"].is_null());
    let text = place.good(&["metrics", "joint.npy", "--npy-rows", "rules"]);
    assert!(text.contains("an unknown number of decisions"), "{text}");
}

#[test]
fn faults_of_files_and_flags_have_their_codes() {
    let place = Place::new();
    fs::write(place.path("a.csv"), "sample,depth,module\n0,0,x\n1,y,0\n").expect("written");
    fs::write(place.path("b.npy"), b"\x93NUMPY\x09\x00").expect("written");
    let errors = place.bad(&["metrics", "a.csv", "b.npy"], 4);
    for part in ["a.csv:2: choice: found \"x\"", "a.csv:3: depth: found \"y\"", "b.npy: "] {
        assert!(errors.contains(part), "{part} is not in\n{errors}");
    }
    let errors = place.bad(&["metrics", "a.csv", "--rules", "b.npy"], 4);
    assert!(errors.contains("a.csv: rules: found the rules b.npy for a csv log"), "{errors}");
    let errors = place.bad(&["metrics", "a.csv", "b.npy", "--figure", "f.png", "--above", "1"], 2);
    for part in ["--figure: found f.png", "--figure: found 2 logs", "--above: found 1"] {
        assert!(errors.contains(part), "{part} is not in\n{errors}");
    }
    assert!(place.bad(&["metrics", "nothing"], 2).contains("no such file"));
}

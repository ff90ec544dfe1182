//! The table of runs, over a real sweep and folders beside it.

use std::fs;

use pathweave_store::{Manifest, Planned};
use serde_json::{Value, json};

use super::place::Place;

/// Two models with two seeds, tiny.
const GRID: &str = r#"
[base]
data.name = "digits-mtl"
data.train_per_task = 20
data.test_per_task = 10
model.base.blocks = 2
model.base.filters = 8
train.epochs = 1

[grid]
model.kind = ["unrouted", "cross-stitch"]
train.seed = [0, 1]
"#;

fn read(output: &str) -> Value {
    serde_json::from_str(output).expect("JSON and nothing else")
}

#[test]
fn the_runs_of_a_sweep_are_shown_filtered_grouped_and_sorted() {
    let place = Place::new();
    assert!(place.bad(&["runs"], 2).contains("runs: no such folder of runs"));
    fs::write(place.path("grid.toml"), GRID).expect("written");
    place.good(&["sweep", "grid.toml", "--quiet"]);
    // Beside them: one that failed with words that would move the cursor, one that is asked for.
    let folder = place.path("runs/00000000000000aa");
    fs::create_dir(&folder).expect("made");
    let failed =
        json!({"id": "00000000000000aa", "name": "a", "error": "no\u{1b}[2J", "attempts": 1});
    fs::write(folder.join("failed.json"), failed.to_string()).expect("written");
    let (id, name) = ("00000000000000bb".to_owned(), "asked for".to_owned());
    let run = Planned { id, name, model: "m".into(), seed: 7, spec: json!({}) };
    let sweep = Manifest { name: "more".into(), device: "cpu".into(), runs: vec![run] };
    sweep.write(&place.path("runs")).expect("written");

    let text = place.good(&["runs"]);
    assert!(text.starts_with("6 runs: 1 pending, 4 done, 1 failed\n"), "{text}");
    assert!(text.contains("no\u{fffd}[2J") && text.contains("asked for"), "{text}");
    let done = read(&place.good(&["runs", "state=done", "--sort", "-accuracy", "--json"]));
    let accuracies: Vec<f64> = done["runs"]
        .as_array()
        .expect("runs")
        .iter()
        .map(|run| run["columns"]["accuracy"].as_f64().expect("a number"))
        .collect();
    assert!(accuracies.len() == 4 && accuracies.is_sorted_by(|a, b| a >= b), "{accuracies:?}");
    let one = place.good(&["runs", "model.kind=cross-stitch", "train.seed=1", "--limit", "1"]);
    assert!(one.starts_with("1 run: 1 done\n"), "{one}");
    assert!(place.good(&["runs", "--limit", "2"]).contains("and 4 more"));

    let by = ["runs", "state=done", "--by", "model.kind", "--metric", "accuracy"];
    let groups = read(&place.good(&[&by[..], &["--json", "--rebuild"]].concat()));
    assert_eq!(groups["groups"][0]["key"]["model.kind"], "cross-stitch");
    let accuracy = &groups["groups"][1]["metrics"]["accuracy"];
    let values: Vec<f64> =
        accuracy["values"].as_array().expect("values").iter().filter_map(Value::as_f64).collect();
    assert_eq!(accuracy["mean"], (values[0] + values[1]) / 2.0);
    let text = place.good(&by);
    assert!(text.contains("model.kind") && text.contains(" ± "), "{text}");

    // The index is a cache: without it, and with another thing in its place, nothing is lost.
    fs::write(place.path("runs/index.sqlite"), "lost").expect("written");
    assert!(place.good(&["runs"]).starts_with("6 runs: "));
    assert!(place.bad(&["runs", "acuracy>=0.5"], 2).contains("did you mean accuracy"));
    assert!(place.bad(&["runs", "state=over"], 2).contains("allowed: pending, running, done"));
    assert!(
        place.bad(&["runs", "--by", "seed", "--sort", "name"], 2).contains("allowed for groups")
    );
}

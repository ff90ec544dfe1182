//! The schema allows what the program allows, and nothing that it never does.

use jsonschema::Validator;
use pathweave_data::Streams;
use serde_json::{Value, json};
use toml::Table;

use super::super::leaf::{Leaf, Leaves, Origin, overlay};
use super::super::resolve::{Fault, resolve};
use super::super::{PRESETS, Plan, table_of};
use super::ranges::{RANGES, Range};
use super::schema;
use crate::experiment::EXPERIMENTS;
use crate::experiment::scale::Scale;

fn validator() -> Validator {
    jsonschema::validator_for(&schema()).expect("a schema")
}

fn of_toml(text: &str) -> Value {
    let table: Table = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    json!(table)
}

fn faults(validator: &Validator, file: &Value) -> Vec<String> {
    let told = |error: jsonschema::ValidationError| format!("{}: {error}", error.instance_path());
    validator.iter_errors(file).map(told).collect()
}

/// A spec of these settings, as a file and as the program reads it.
fn file(settings: &[(&str, Value)]) -> (Value, Result<(), Vec<Fault>>) {
    let mut leaves = Leaves::new();
    for (key, value) in settings {
        let value: toml::Value = serde_json::from_value(value.clone()).expect("TOML has it");
        let origin = Origin::Argument((*key).into());
        overlay(&mut leaves, &[Leaf::new(key, Some(value), origin)]);
    }
    let mut file = json!({});
    for leaf in leaves.values() {
        let place = leaf.key.split('.').fold(&mut file, |place, part| &mut place[part]);
        *place = json!(leaf.value);
    }
    (file, resolve(&leaves).map(|_| ()))
}

#[test]
fn it_is_a_draft_7_schema_without_loose_ends() {
    let schema = schema();
    assert!(jsonschema::meta::is_valid(&schema));
    let text = schema.to_string();
    for mark in ["null", "\"format\"", "Deviations", "[`", "\"$defs\""] {
        assert!(!text.contains(mark), "{mark}");
    }
    // Every setting says what it is.
    fn bare(at: &str, schema: &Value, found: &mut Vec<String>) {
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            let at = format!("{at}.{key}");
            let told = ["description", "$ref", "const"];
            let told = told.iter().any(|key| property.get(*key).is_some());
            if !told && at != ".model.kind" {
                found.push(at.clone());
            }
            bare(&at, property, found);
        }
    }
    let mut found = Vec::new();
    for group in ["router", "reward", "train", "alarms"] {
        bare(group, &schema["definitions"][group], &mut found);
    }
    for data in schema["definitions"]["data"]["anyOf"].as_array().expect("kinds") {
        bare("data", data, &mut found);
    }
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn presets_and_what_show_prints_of_them_are_valid() {
    let validator = validator();
    for preset in PRESETS {
        let faults = faults(&validator, &of_toml(preset.toml));
        assert!(faults.is_empty(), "{}: {faults:?}", preset.name);
        let shown = Plan::new(preset.name, &[], None).and_then(|plan| plan.to_toml());
        let shown = of_toml(&shown.expect(preset.name));
        assert!(validator.is_valid(&shown), "{} as shown", preset.name);
    }
}

#[test]
fn specs_of_every_experiment_are_valid() {
    let validator = validator();
    for experiment in EXPERIMENTS {
        let specs = experiment.source.specs(Scale::Small);
        let every = specs.len().div_ceil(12).max(1);
        for spec in specs.iter().step_by(every) {
            let faults = faults(&validator, &json!(table_of(spec)));
            assert!(faults.is_empty(), "{} {}: {faults:?}", experiment.id, spec.name);
        }
    }
}

#[test]
fn files_of_every_form() {
    let validator = validator();
    for good in [
        "data = 'rules'",
        "data.name = 'rules'\nmodel = 'modular'\nexploration = 'linear'",
        "data = 'digits-mtl'\nexploration.start = 0.5\nmodel.frozen = ['0:1']",
        "[base]\ndata = 'rules'\n[[variants]]\nname = 'a'\ndata.rules = 4\n[[variants]]\nname = 'b'",
        "[base]\nmodel.kind = 'routed'\n[grid]\ndata = ['rules', 'snli']\ntrain.seed = [1, 2]",
        "[grid]\nmodel = ['routed']\nmodel_ = 1".trim_end_matches("\nmodel_ = 1"),
        "[grid]\nmodel.hidden = [[8, 8], [16]]\nexploration.schedule = ['linear', 'step']",
        "[[variants]]\nname = 'a'\ndata.words.width = 8\nexploration.rate = 0.1",
    ] {
        let faults = faults(&validator, &of_toml(good));
        assert!(faults.is_empty(), "{good}: {faults:?}");
    }
    for bad in [
        "",
        "name = 'no data'",
        "data = 'mnist'",
        "data.name = 'rules'\ndata.positives = 3",
        "data = 'rules'\ntrain.epoch = 3",
        "data = 'rules'\nseed = 3",
        "data = 'rules'\ntrain.seed = [1, 2]",
        "data = 'rules'\ntrain.seed = 'one'",
        "data = 'rules'\nrouter.algorithm = 'wlp'",
        "data = 'rules'\nexploration = { schedule = 'linear', factor = 2 }",
        "data = 'rules'\n[grid]\ntrain.seed = [1]",
        "[base]\ndata = 'rules'\n[[variants]]\ntrain.seed = 1",
        "[grid]\ntrain.seed = 1",
        "[grid]\ntrain.seed = []",
        "[grid]\ndata.rules = [0]",
        "[base]\ndata = 'rules'\n[grids]",
    ] {
        assert!(!validator.is_valid(&of_toml(bad)), "{bad}");
    }
}

/// Settings with which a check looks at the setting of a range.
fn around(range: &Range) -> Vec<(&'static str, Value)> {
    let key = range.key;
    let with = |data: &str| vec![("data", json!(data))];
    let owner = |name: &&str| pathweave_data::DatasetSpec::named(name).is_some();
    if key.starts_with("model.text") {
        let mut settings = with("implicatives");
        settings.push(("model.text.encoder", json!("transformer")));
        return settings;
    }
    let schedules = [
        ("exploration.rate", "constant"),
        ("exploration.end", "linear"),
        ("exploration.epochs", "linear"),
        ("exploration.decay", "exponential"),
    ];
    if let Some((_, schedule)) = schedules.iter().find(|(of, _)| *of == key) {
        let mut settings = with("digits-mtl");
        settings.push(("exploration", json!(schedule)));
        return settings;
    }
    let mut settings = match (range.dataset, key) {
        ("", "data.depth" | "data.held_out") => with("rules"),
        ("", "data.reverse") => with("implicatives"),
        ("", "data.bad_share" | "data.words.width") => with("snli"),
        ("", key) if key.starts_with("data.") => with("rules"),
        ("", _) => with("digits-mtl"),
        (data, _) => with(data),
    };
    if key == "data.held_out" {
        settings.push(("data.depth", json!(2)));
    }
    if key == "router.entropy.weight" {
        settings.push(("router.algorithm", json!("reinforce")));
    }
    if range.dataset == "nli-tsv" {
        settings.push(("data.file", json!("pairs.tsv")));
    }
    assert!(settings[0].1.as_str().as_ref().is_some_and(owner));
    settings
}

/// Ranges of image sets are checked where they are loaded.
const LOADED: [&str; 11] = [
    "data.positives",
    "data.negatives_per_class",
    "data.train_per_task",
    "data.test_per_task",
    "data.validation_share",
    "data.tasks",
    "data.classes_per_task",
    "data.train_per_class",
    "data.test_per_class",
    "data.side",
    "data.folder_test_share",
];

/// Whether a setting is a whole number.
fn is_whole(schema: &Value, key: &str) -> bool {
    let (group, rest) = key.split_once('.').expect("keys have a group");
    let definition = &schema["definitions"][group];
    let pointer = format!("/properties/{}", rest.replace('.', "/properties/"));
    let kinds = definition["anyOf"].as_array().into_iter().flatten();
    let found: Vec<&Value> =
        kinds.chain([definition]).filter_map(|kind| kind.pointer(&pointer)).collect();
    assert!(!found.is_empty(), "{key}: no such setting");
    found[0]["type"] == "integer"
}

#[test]
fn ranges_are_those_of_the_checks() {
    let (schema, validator) = (schema(), validator());
    for range in RANGES.iter().filter(|range| !LOADED.contains(&range.key)) {
        let (key, whole) = (range.key, is_whole(&schema, range.key));
        // Whether the check, and the schema, finds fault with a value.
        let told = |value: f64| {
            let value = if whole { json!(value as i64) } else { json!(value) };
            let mut settings = around(range);
            settings.push((key, value));
            let (file, read) = file(&settings);
            let faulty = read.err().is_some_and(|all| all.iter().any(|fault| fault.key == key));
            (faulty, !validator.is_valid(&file))
        };
        let step = if whole { 1.0 } else { 1e-3 };
        for (bound, outwards) in [(range.least, -step), (range.most, step)] {
            let Some((value, excluded)) = bound else { continue };
            assert_eq!(told(value), (excluded, excluded), "{key} = {value}");
            assert_eq!(told(value + outwards), (true, true), "{key} beyond {value}");
            assert_eq!(told(value - outwards), (false, false), "{key} within {value}");
        }
    }
}

#[test]
fn ranges_of_image_sets_are_those_of_their_loaders() {
    let nowhere = std::path::Path::new("no/such/folder");
    let sets = ["digits-mtl", "mnist-mtl", "cifar-mtl", "min-mtl"];
    for key in LOADED {
        let setting = key.trim_start_matches("data.");
        let bad = if setting.ends_with("share") { json!(1.0) } else { json!(0) };
        let mut count = 0;
        for name in sets {
            let spec = pathweave_data::DatasetSpec::named(name).expect("known");
            let mut table = json!(spec);
            table[setting] = bad.clone();
            let Ok(spec) = serde_json::from_value::<pathweave_data::DatasetSpec>(table) else {
                continue;
            };
            count += 1;
            let error = spec.load(Some(nowhere)).err().map(|error| error.to_string());
            assert!(error.is_some_and(|error| error.contains(setting)), "{name} {key}");
            let (file, _) = file(&[("data", json!(name)), (key, bad.clone())]);
            assert!(!validator().is_valid(&file), "{name} {key}");
        }
        assert!(count > 0, "{key}");
        assert!(RANGES.iter().any(|range| range.key == key));
    }
}

/// Every setting of a group with its schema.
fn settings(at: &str, schema: &Value, out: &mut Vec<(String, Value)>) {
    match schema["properties"].as_object() {
        None => out.push((at.to_owned(), schema.clone())),
        Some(properties) => {
            for (key, below) in properties {
                settings(&format!("{at}.{key}"), below, out);
            }
        }
    }
}

#[test]
fn whatever_the_program_takes_the_schema_takes() {
    let (schema, validator) = (schema(), validator());
    let mut all = Vec::new();
    for group in ["router", "reward", "train", "alarms"] {
        settings(group, &schema["definitions"][group], &mut all);
    }
    settings("model", &schema["definitions"]["model"]["anyOf"][1], &mut all);
    let data = schema["definitions"]["data"]["anyOf"].as_array().expect("kinds");
    let sets: Vec<String> =
        serde_json::from_value(data[0]["enum"].clone()).expect("a list of names");
    let mut stream = Streams::new(0).stream("schema", 0);
    let mut draw = move |below: usize| {
        let mut number = [0.0f32];
        stream.fill_uniform(&mut number);
        (number[0] * below as f32) as usize
    };
    let numbers = [-1.0, -0.5, 0.0, 0.1, 0.5, 0.9, 1.0, 1.5, 2.0, 3.0, 64.0, 5000.0];
    let (mut sound, mut faulty) = (0, 0);
    for _ in 0..1500 {
        let name = &sets[draw(sets.len())];
        let mut of_set = Vec::new();
        let at = sets.iter().position(|other| other == name).expect("one of them");
        settings("data", &data[at + 1], &mut of_set);
        let mut chosen = vec![("data".to_owned(), json!(name))];
        for _ in 0..=draw(3) {
            let from = if draw(3) == 0 { &of_set } else { &all };
            let (key, schema) = &from[draw(from.len())];
            let number = numbers[draw(numbers.len())];
            let value = match (schema["enum"].as_array(), schema["type"].as_str()) {
                _ if key == "data.name" => continue,
                (Some(names), _) if draw(8) > 0 => names[draw(names.len())].clone(),
                (Some(_), _) => json!("no-such-name"),
                (None, Some("boolean")) => json!(draw(2) == 0),
                (None, Some("integer")) => json!(number as i64),
                (None, Some("number")) => json!(number),
                (None, Some("array")) => continue,
                _ => json!("text"),
            };
            chosen.push((key.clone(), value));
        }
        let chosen: Vec<(&str, Value)> =
            chosen.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
        let (file, read) = file(&chosen);
        let valid = validator.is_valid(&file);
        // What is only checked where a set is loaded is not asked here.
        let loaded = chosen.iter().any(|(key, _)| LOADED.contains(key));
        if read.is_ok() && !loaded {
            assert!(valid, "{chosen:?}: {:?}", faults(&validator, &file));
            sound += 1;
        }
        faulty += usize::from(!valid);
        // The same with a key that nobody knows.
        let mut odd = file;
        odd["train"]["sede"] = json!(1);
        assert!(!validator.is_valid(&odd), "{odd}");
    }
    assert!(sound > 200 && faulty > 200, "{sound} sound, {faulty} faulty");
}

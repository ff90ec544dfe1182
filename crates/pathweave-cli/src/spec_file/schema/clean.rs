//! From a schema of Rust types to one of TOML: plain words, lists of allowed values, no null.

use pathweave::block::BlockKind;
use pathweave::decision::ALGORITHMS;
use pathweave::dispatcher::Dispatcher;
use pathweave::dispatcher::encoding::EncodingKind;
use pathweave::reward::FinalReward;
use pathweave::spec::{ModelKind, OptimizerKind};
use serde_json::{Value, json};

/// Cleans a schema and everything below it.
pub fn clean(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(clean),
        Value::Object(_) => {
            without_null(schema);
            as_list(schema);
            let Value::Object(object) = schema else { return };
            // Defaults are written anew: these are 32-bit numbers with all their digits.
            for key in ["format", "title", "default", "$schema"] {
                if object.get(key).is_some_and(|value| !value.is_object()) || key == "default" {
                    object.remove(key);
                }
            }
            if let Some(Value::String(text)) = object.get_mut("description") {
                *text = plain(text);
            }
            if let Some(Value::Object(properties)) = object.get_mut("properties") {
                properties.values_mut().for_each(clean);
            }
            for key in ["oneOf", "anyOf", "items"] {
                if let Some(below) = object.get_mut(key) {
                    clean(below);
                }
            }
        }
        _ => {}
    }
}

/// TOML has no null: what may be null is left out.
fn without_null(schema: &mut Value) {
    if let Some(Value::Array(kinds)) = schema.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [one] = kinds.as_slice() {
            schema["type"] = one.clone();
        }
    }
    let Some(Value::Array(either)) = schema.get_mut("anyOf") else { return };
    either.retain(|kind| kind["type"] != "null");
    if let [Value::Object(one)] = either.as_slice() {
        let one = one.clone();
        let object = schema.as_object_mut().expect("it has a key");
        object.remove("anyOf");
        for (key, value) in one {
            object.entry(key).or_insert(value);
        }
    }
}

/// Alternatives of single texts as a list of them; what each means goes where editors of TOML look.
fn as_list(schema: &mut Value) {
    let of_texts = |kind: &Value| {
        kind["const"].is_string() || kind["enum"].as_array().is_some_and(|names| !names.is_empty())
    };
    let kinds = match schema.get("oneOf") {
        Some(Value::Array(kinds)) if kinds.iter().all(of_texts) => kinds.clone(),
        Some(_) => return,
        None if schema["enum"].is_array() => vec![json!({"enum": schema["enum"].clone()})],
        None => return,
    };
    let mut values: Vec<(String, String)> = Vec::new();
    for kind in &kinds {
        let what = plain(kind["description"].as_str().unwrap_or_default());
        let many = kind["enum"].as_array().into_iter().flatten();
        let names = many.chain(kind.get("const")).filter_map(Value::as_str);
        values.extend(names.map(|name| (name.to_owned(), what.clone())));
    }
    let registered = registries().into_iter().find(|registry| {
        let listed = |(name, _): &(String, String)| registry.iter().any(|row| row.0 == *name);
        registry.len() == values.len() && values.iter().all(listed)
    });
    if let Some(registry) = registered {
        let row = |(name, what): (&str, &str)| (name.to_owned(), what.to_owned());
        values = registry.into_iter().map(row).collect();
    }
    let object = schema.as_object_mut().expect("it has a key");
    object.remove("oneOf");
    let (names, what): (Vec<String>, Vec<String>) = values.into_iter().unzip();
    object.insert("type".into(), json!("string"));
    object.insert("enum".into(), json!(names));
    if what.iter().any(|what| !what.is_empty()) {
        object.insert("x-taplo".into(), json!({"docs": {"enumValues": what}}));
    }
}

/// What the registries say is meant for readers of lists.
fn registries() -> Vec<Vec<(&'static str, &'static str)>> {
    fn of<K>(rows: &[(K, &'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
        rows.iter().map(|&(_, name, what)| (name, what)).collect()
    }
    vec![
        ALGORITHMS.iter().map(|row| (row.name, row.what)).collect(),
        of(ModelKind::ALL),
        of(BlockKind::ALL),
        of(OptimizerKind::ALL),
        of(Dispatcher::ALL),
        of(EncodingKind::ALL),
        of(FinalReward::ALL),
    ]
}

/// A doc comment without Rust's marks and without what does not concern an editor.
fn plain(doc: &str) -> String {
    let before = doc.split("# Deviations").next().unwrap_or_default();
    let words: Vec<&str> = before.split_whitespace().collect();
    let text = words.join(" ").replace("[`", "`").replace("`]", "`");
    let text = text.replace("\\[", "[").replace("\\]", "]").replace("crate::", "");
    text.trim_end_matches('.').to_owned()
}

//! The forms of a spec file: one spec, or several that share a base.

use serde_json::{Map, Value, json};

use super::{Tagged, usual_schedule};

/// Where it is explained how files are read.
const ABOUT: &str = "A spec of pathweave: one run, or a base with variants and a grid. Every variant \
                     is run at every point of the grid.";

/// The schema of a file.
pub fn file(mut groups: Map<String, Value>, tagged: &Tagged) -> Value {
    let kind = groups["model"]["properties"]["kind"].clone();
    let model = groups["model"].take();
    let mut definitions = Map::new();
    for (group, schema) in &groups {
        definitions.insert(group.clone(), schema.clone());
    }
    let names = |of: &[(String, Value)]| -> Value {
        let names: Vec<&str> = of.iter().map(|(name, _)| name.as_str()).collect();
        let docs: Vec<&Value> = of.iter().map(|(_, kind)| &kind["description"]).collect();
        json!({"type": "string", "enum": names, "x-taplo": {"docs": {"enumValues": docs}}})
    };
    let (datasets, schedules) = (names(&tagged.data), names(&tagged.exploration));
    let any = |first: &Value, kinds: &[(String, Value)], last: Option<Value>| {
        let kinds = kinds.iter().map(|(_, kind)| kind.clone());
        let all: Vec<Value> = [first.clone()].into_iter().chain(kinds).chain(last).collect();
        json!({"anyOf": all})
    };
    let usual = usual_schedule();
    let usual = tagged.exploration.iter().find(|(name, _)| *name == usual);
    let unnamed = usual.map(|(_, kind)| without(kind, "schedule"));
    let (all_data, all_schedules) = (union(&tagged.data), union(&tagged.exploration));
    definitions.insert("data".into(), any(&datasets, &tagged.data, None));
    definitions.insert("model".into(), json!({"anyOf": [kind.clone(), model.clone()]}));
    definitions.insert("exploration".into(), any(&schedules, &tagged.exploration, unnamed));
    let part = any(&datasets, &tagged.data, Some(all_data.clone()));
    definitions.insert("data-part".into(), part);
    let part = any(&schedules, &tagged.exploration, Some(all_schedules.clone()));
    definitions.insert("exploration-part".into(), part);

    let named = |mut all: Value, tag: &str, names: &Value| {
        all["properties"][tag] = names.clone();
        json!({"anyOf": [list(names.clone()), swept(&all)]})
    };
    let mut axes = Map::new();
    for (group, schema) in &groups {
        axes.insert(group.clone(), swept(schema));
    }
    axes.insert("name".into(), list(json!({"type": "string"})));
    axes.insert("data".into(), named(all_data, "name", &datasets));
    axes.insert("model".into(), json!({"anyOf": [list(kind), swept(&model)]}));
    axes.insert("exploration".into(), named(all_schedules, "schedule", &schedules));
    let grid = object(axes, "Axes: a list of values for each setting; runs are their product");
    definitions.insert("grid".into(), grid);

    let parts = |suffix: &str| {
        let mut parts = Map::from_iter([("name".to_owned(), label())]);
        for group in ["model", "router", "reward", "train", "alarms"] {
            parts.insert(group.into(), json!({"$ref": format!("#/definitions/{group}")}));
        }
        for group in ["data", "exploration"] {
            parts.insert(group.into(), json!({"$ref": format!("#/definitions/{group}{suffix}")}));
        }
        parts
    };
    let mut variant = object(parts("-part"), "A model beside others: settings that differ");
    variant["required"] = json!(["name"]);
    definitions.insert("variant".into(), variant);
    let base = object(parts("-part"), "What all variants share");
    definitions.insert("base".into(), base);

    let single: Vec<String> = parts("").into_iter().map(|(group, _)| group).collect();
    let mut whole = parts("");
    whole.insert("base".into(), json!({"$ref": "#/definitions/base"}));
    let variants = json!({"type": "array", "items": {"$ref": "#/definitions/variant"}});
    whole.insert("variants".into(), variants);
    whole.insert("grid".into(), json!({"$ref": "#/definitions/grid"}));
    let several = ["base", "variants", "grid"].map(str::to_owned);
    let mut file = object(whole, ABOUT);
    file["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    file["title"] = json!("Pathweave spec");
    file["definitions"] = Value::Object(definitions);
    file["anyOf"] = json!([
        {"required": ["data"], "not": some(&several)},
        {"allOf": [some(&several), {"not": some(&single)}]},
    ]);
    file
}

/// At least one of these keys is there.
fn some(keys: &[String]) -> Value {
    let one = |key: &String| json!({"required": [key]});
    json!({"anyOf": keys.iter().map(one).collect::<Vec<_>>()})
}

fn label() -> Value {
    json!({"type": "string", "description": "Label in tables and figures"})
}

fn object(properties: Map<String, Value>, description: &str) -> Value {
    json!({
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": false,
    })
}

fn without(kind: &Value, tag: &str) -> Value {
    let mut kind = kind.clone();
    kind.as_object_mut().expect("an object").remove("required");
    kind["properties"].as_object_mut().expect("settings").remove(tag);
    kind
}

/// The settings of every kind, for a table that does not say of which kind it is.
fn union(kinds: &[(String, Value)]) -> Value {
    let mut all: Map<String, Value> = Map::new();
    for (key, schema) in
        kinds.iter().filter_map(|(_, kind)| kind["properties"].as_object()).flatten()
    {
        if schema.get("const").is_some() {
            continue;
        }
        match all.get_mut(key) {
            None => _ = all.insert(key.clone(), schema.clone()),
            Some(known) if same(known, schema) => {}
            Some(known) => match known.get_mut("anyOf").and_then(Value::as_array_mut) {
                Some(either) if either.iter().any(|one| same(one, schema)) => {}
                Some(either) => either.push(schema.clone()),
                None => *known = json!({"anyOf": [known.clone(), schema.clone()]}),
            },
        }
    }
    json!({"type": "object", "properties": all, "additionalProperties": false})
}

/// Whether two schemas allow the same, whatever they say of it.
fn same(one: &Value, other: &Value) -> bool {
    let bare = |schema: &Value| {
        let mut schema = schema.clone();
        if let Some(object) = schema.as_object_mut() {
            for key in ["description", "default", "x-taplo"] {
                object.remove(key);
            }
        }
        schema
    };
    bare(one) == bare(other)
}

/// A group of settings as axes of a grid: a list wherever there is a value.
fn swept(schema: &Value) -> Value {
    let Some(properties) = schema["properties"].as_object() else {
        return list(schema.clone());
    };
    let below = properties.iter().map(|(key, below)| (key.clone(), swept(below)));
    let mut schema = schema.clone();
    schema["properties"] = Value::Object(below.collect());
    schema
}

fn list(items: Value) -> Value {
    json!({"type": "array", "items": items, "minItems": 1})
}

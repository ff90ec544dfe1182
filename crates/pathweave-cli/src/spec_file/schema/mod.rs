//! JSON schema of spec files, for editors: keys, values, defaults, ranges, and what they mean.
//!
//! The types' own schema knows keys and kinds of values. What only checks know (ranges), what only
//! registries say well, the defaults, the short forms and the parts of a file of many specs are
//! added here. Draft 7, which TOML editors read.

mod clean;
mod forms;
mod ranges;
#[cfg(test)]
mod tests;

use pathweave::explore::Exploration;
use pathweave::spec::RunSpec;
use pathweave_data::dataset::{DATASETS, DatasetSpec};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::resolve::{SCHEDULES, sound};
use crate::run_id::spec_json;

/// The schema.
pub fn schema() -> Value {
    let mut of_types = of_types();
    let mut take = |group: &str| of_types["properties"][group].take();
    let (data, exploration) = (take("data"), take("exploration"));
    let mut tagged = Tagged {
        data: kinds(data, "name").into_iter().map(of_dataset).collect(),
        exploration: kinds(exploration, "schedule").into_iter().map(of_schedule).collect(),
    };
    let first = DatasetSpec::named(DATASETS[0].name).expect("registered names are known");
    let defaults = spec_json(&sound(&first, None));
    let mut groups = Map::new();
    for group in ["model", "router", "reward", "train", "alarms"] {
        let mut schema = take(group);
        fill(&mut schema, &defaults[group]);
        groups.insert(group.to_owned(), schema);
    }
    for range in ranges::RANGES {
        range.apply(&mut groups, &mut tagged);
    }
    forms::file(groups, &tagged)
}

/// Settings of which a name says which there are.
struct Tagged {
    /// By data set
    data: Vec<(String, Value)>,
    /// By schedule
    exploration: Vec<(String, Value)>,
}

/// The schema of [`RunSpec`] without references, put into plain words.
fn of_types() -> Value {
    let mut settings = SchemaSettings::draft07();
    settings.inline_subschemas = true;
    let mut schema = settings.into_generator().into_root_schema_for::<RunSpec>().to_value();
    clean::clean(&mut schema);
    schema
}

/// The alternatives of a tagged enum by their tag.
fn kinds(mut schema: Value, tag: &str) -> Vec<(String, Value)> {
    let Value::Array(kinds) = schema["oneOf"].take() else {
        return Vec::new();
    };
    let name = |kind: &Value| kind["properties"][tag]["const"].as_str().unwrap_or("").to_owned();
    kinds.into_iter().map(|kind| (name(&kind), kind)).collect()
}

fn of_dataset((name, mut schema): (String, Value)) -> (String, Value) {
    let spec = DatasetSpec::named(&name).expect("every data set has defaults");
    fill(&mut schema, &spec_json(&sound(&spec, None))["data"]);
    schema["description"] = json!(spec.info().what);
    (name, schema)
}

/// A schedule's settings have defaults of the program.
fn of_schedule((name, mut schema): (String, Value)) -> (String, Value) {
    let complete = SCHEDULES.iter().find(|(schedule, _)| *schedule == name);
    let text = complete.map_or("", |(_, settings)| settings);
    let settings: toml::Table = text.parse().expect("the schedules are TOML");
    fill(&mut schema, &json!(settings));
    schema["required"] = json!(["schedule"]);
    (name, schema)
}

/// Writes defaults to the settings, below which there are no more.
fn fill(schema: &mut Value, defaults: &Value) {
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    for (key, property) in properties {
        match defaults.get(key) {
            Some(nested @ Value::Object(_)) => fill(property, nested),
            Some(default) if property.get("const").is_none() => {
                property["default"] = default.clone();
            }
            _ => {}
        }
    }
}

/// The schedule that a spec has which names none.
fn usual_schedule() -> String {
    let tagged = json!(Exploration::default());
    tagged["schedule"].as_str().unwrap_or_default().to_owned()
}

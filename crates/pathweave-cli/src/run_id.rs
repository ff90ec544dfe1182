//! Ids of runs: hashes of what determines their numbers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use pathweave::spec::RunSpec;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::device::DeviceName;

/// Version of what is hashed. It rises whenever a default changes, and only then.
const VERSION: u32 = 2;

/// The first 16 hexadecimal digits of SHA-256 over the spec without its name and places, as JSON with
/// sorted keys and shortest floats. Settings at their defaults are left out, so that a later version
/// with more settings finds the runs of an earlier one. A device other than the processor is part of
/// the id: its numbers differ.
pub fn id(spec: &RunSpec, device: DeviceName) -> String {
    let mut found = spec_json(spec);
    if let Some(object) = found.as_object_mut() {
        object.remove("name");
    }
    // The hash of what is replayed, or of weights, stands for it, wherever it is.
    for (table, place) in [("/train", "replay"), ("/model/text/transformer", "weights")] {
        if let Some(table) = found.pointer_mut(table).and_then(Value::as_object_mut) {
            table.remove(place);
        }
    }
    let data = spec.data.name();
    let spec = given(found, &defaults(data)).unwrap_or_default();
    let mut whole = json!({"version": VERSION, "data": data, "spec": spec});
    if device != DeviceName::Cpu {
        whole["device"] = json!(device);
    }
    let digest = Sha256::digest(sorted(&whole).to_string());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The settings of a run on that data where nothing is asked for.
pub fn defaults(data: &'static str) -> Arc<Value> {
    // Made once, not once a run.
    static KNOWN: Mutex<BTreeMap<&str, Arc<Value>>> = Mutex::new(BTreeMap::new());
    let make = || {
        let plain: RunSpec = serde_json::from_value(json!({"data": {"name": data}}))
            .expect("every data set has a default for every setting");
        Arc::new(spec_json(&plain))
    };
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(known.entry(data).or_insert_with(make))
}

/// What differs from the defaults; `None` where nothing does.
pub fn given(found: Value, default: &Value) -> Option<Value> {
    if found == *default {
        return None;
    }
    let Value::Object(found) = found else { return Some(found) };
    let differ = found
        .into_iter()
        .filter_map(|(key, value)| given(value, &default[&key]).map(|value| (key, value)));
    let differ: Map<String, Value> = differ.collect();
    (!differ.is_empty()).then_some(Value::Object(differ))
}

/// A spec as JSON, floats with the fewest digits that read back.
pub fn spec_json(spec: &RunSpec) -> Value {
    // By way of text, where a 32-bit float keeps its short form.
    let text = serde_json::to_string(spec).expect("a spec has no maps with odd keys");
    serde_json::from_str(&text).expect("what was written is read")
}

/// Whatever map another crate makes serde_json use, keys come in order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut pairs: Vec<(&String, &Value)> = object.iter().collect();
            pairs.sort_by_key(|(key, _)| key.as_str());
            Value::Object(
                pairs.into_iter().map(|(key, v)| (key.clone(), sorted(v))).collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec_file::Plan;

    fn spec(overrides: &[&str]) -> RunSpec {
        let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
        let plan = Plan::new("digits-mtl", &overrides, Some(0)).expect("a preset");
        plan.specs().expect("sound").remove(0)
    }

    #[test]
    fn the_id_is_of_the_content_and_not_of_the_name() {
        let of = |overrides: &[&str]| id(&spec(overrides), DeviceName::Cpu);
        assert_eq!(of(&[]), of(&["name=other"]));
        assert_ne!(of(&[]), of(&["train.seed=9", "train.epochs=1"]));
        assert_eq!(of(&[]).len(), 16);
    }

    #[test]
    fn specs_are_json_with_sorted_keys_and_short_floats() {
        let text = sorted(&spec_json(&spec(&[]))).to_string();
        assert!(text.starts_with("{\"alarms\":{\"entropy\":{\"action\":"), "{text}");
        assert!(text.contains("\"rate\":0.01,"), "{text}");
    }

    #[test]
    fn defaults_are_left_out_and_nothing_else() {
        let (found, default) =
            (json!({"a": 1, "b": {"c": 2, "d": 3}}), json!({"a": 1, "b": {"c": 2}}));
        assert_eq!(given(found, &default), Some(json!({"b": {"d": 3}})));
        assert_eq!(given(json!({"a": null}), &json!({})), None);
    }
}

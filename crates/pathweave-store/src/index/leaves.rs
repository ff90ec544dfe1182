//! A spec as settings: its leaves by their dotted keys, in the parts in which specs repeat.

use std::fmt::Write;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// No run has more settings, or more metrics.
pub(super) const MOST: usize = 10_000;
/// No spec has more tables at its top.
const MOST_PARTS: usize = 100;
/// Bytes of the longest key.
pub(super) const LONGEST_KEY: usize = 256;
/// Bytes of a text that are kept.
const LONGEST_TEXT: usize = 1000;
/// Whole numbers below it are exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A value of a setting.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scalar {
    /// As filters name it
    pub text: String,
    /// Where it is a number
    pub number: Option<f64>,
}

/// The settings in one table of a spec, such as `train`. Most runs of a sweep share most of them,
/// so that they are kept once.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    /// Name of the table; empty for settings in none
    pub section: String,
    /// Settings by their whole keys
    pub leaves: Vec<(String, Scalar)>,
}

impl Part {
    /// Two parts with one hash are equal.
    pub fn hash(&self) -> [u8; 16] {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        };
        add(&self.section);
        for (key, Scalar { text, number }) in &self.leaves {
            add(key);
            add(text);
            add(if number.is_some() { "number" } else { "text" });
        }
        hash.finalize()[..16].try_into().expect("the first half of 32 bytes")
    }
}

/// The settings of a spec. Its name and its seed are fields of the run, not settings.
///
/// # Errors
/// Where there are too many, or a key is too long.
pub(super) fn parts(spec: &Value) -> Result<Vec<Part>, String> {
    let (mut parts, mut loose) = (Vec::new(), Vec::new());
    let Some(spec) = spec.as_object() else { return Ok(parts) };
    // A name with a dot would be another one's way.
    for (name, value) in spec.iter().filter(|(name, _)| !name.contains('.')) {
        match value {
            Value::Object(table) if !table.is_empty() => {
                let mut leaves = Vec::new();
                add(&mut leaves, name, value)?;
                leaves.retain(|(key, _)| key != "train.seed");
                parts.push(Part { section: name.clone(), leaves });
            }
            leaf if name != "name" => add(&mut loose, name, leaf)?,
            _ => {}
        }
    }
    parts.push(Part { section: String::new(), leaves: loose });
    parts.retain(|part| !part.leaves.is_empty());
    for part in &mut parts {
        // A key with a dot in it may be another one's way.
        part.leaves.sort_by(|(a, _), (b, _)| a.cmp(b));
        part.leaves.dedup_by(|(a, _), (b, _)| a == b);
    }
    if parts.len() > MOST_PARTS {
        return Err(format!("has {} tables of settings, allowed: {MOST_PARTS}", parts.len()));
    }
    let count: usize = parts.iter().map(|part| part.leaves.len()).sum();
    match count > MOST {
        true => Err(format!("has {count} settings, allowed: {MOST}")),
        false => Ok(parts),
    }
}

fn add(leaves: &mut Vec<(String, Scalar)>, key: &str, value: &Value) -> Result<(), String> {
    if key.len() > LONGEST_KEY {
        let beginning: String = key.chars().take(40).collect();
        return Err(format!("has a key of {} bytes: {beginning}…", key.len()));
    }
    match value {
        Value::Object(table) if !table.is_empty() => {
            for (name, value) in table {
                add(leaves, &format!("{key}.{name}"), value)?;
            }
        }
        leaf => leaves.push((key.to_owned(), scalar(leaf))),
    }
    Ok(())
}

fn scalar(value: &Value) -> Scalar {
    match value {
        Value::String(text) => Scalar { text: clip(text), number: None },
        Value::Number(number) => match number.as_f64() {
            // 1 and 1.0 are one value.
            Some(number) if number.abs() < EXACT => {
                Scalar { text: number.to_string(), number: Some(number) }
            }
            Some(float) if number.is_f64() => {
                Scalar { text: float.to_string(), number: Some(float) }
            }
            // A text, so that no digit is lost.
            _ => Scalar { text: number.to_string(), number: None },
        },
        other => Scalar { text: clip(&other.to_string()), number: None },
    }
}

/// A text, cut where it is very long; what is cut is told by a hash, so that others stay others.
pub(super) fn clip(text: &str) -> String {
    if text.len() <= LONGEST_TEXT {
        return text.to_owned();
    }
    let mut clipped = text[..text.floor_char_boundary(LONGEST_TEXT)].to_owned();
    let hash = Sha256::digest(text);
    write!(clipped, "… ({} bytes, sha256 ", text.len()).expect("a String takes any text");
    for byte in &hash[..4] {
        write!(clipped, "{byte:02x}").expect("a String takes any text");
    }
    clipped.push(')');
    clipped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_spec_becomes_its_leaves() {
        let spec = json!({
            "name": "a", "top": true,
            "train": {"seed": 3, "rate": 1.0, "epochs": 1, "adam": {"beta": [0.9, 0.999]}},
            "big": {"a": u64::MAX, "none": null, "empty": {}, "text": "1"},
        });
        let parts = parts(&spec).expect("settings");
        let text: Vec<String> = parts
            .iter()
            .flat_map(|part| &part.leaves)
            .map(|(key, Scalar { text, number })| format!("{key}={text} {}", number.is_some()))
            .collect();
        let wanted = [
            "big.a=18446744073709551615 false",
            "big.empty={} false",
            "big.none=null false",
            "big.text=1 false",
            "train.adam.beta=[0.9,0.999] false",
            "train.epochs=1 true",
            "train.rate=1 true",
            "top=true false",
        ];
        assert_eq!(text, wanted);
    }

    #[test]
    fn equal_parts_have_equal_hashes_and_others_do_not() {
        let hash = |spec: Value| parts(&spec).expect("settings")[0].hash();
        assert_eq!(hash(json!({"a": {"b": 1}})), hash(json!({"a": {"b": 1.0}})));
        assert_ne!(hash(json!({"a": {"b": 1}})), hash(json!({"a": {"b": "1"}})));
        assert_ne!(hash(json!({"a": {"b": 1}})), hash(json!({"a": {"c": 1}})));
        assert_ne!(
            hash(json!({"a": {"b": "x", "c": "y"}})),
            hash(json!({"a": {"b": "xc", "c": "y"}}))
        );
    }

    #[test]
    fn what_is_too_much_is_refused_or_cut() {
        let many: serde_json::Map<_, _> = (0..=MOST).map(|at| (at.to_string(), json!(1))).collect();
        assert!(parts(&json!({"a": many})).expect_err("too many").contains("10001 settings"));
        assert!(parts(&json!({"a": {"k".repeat(300): 1}})).is_err());
        let (long, other) = ("é".repeat(5000), format!("{}e", "é".repeat(5000)));
        assert!(clip(&long).len() < 1100 && clip(&long) != clip(&other));
    }
}

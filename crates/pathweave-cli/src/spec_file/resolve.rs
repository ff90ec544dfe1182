//! From leaves to a checked spec, with every fault found on the way.
//!
//! Deserialising stops at its first error, so each setting is tried alone on a sound spec; what is
//! left is checked as a whole.

use std::fmt;

use pathweave::spec::RunSpec;
use pathweave_data::dataset::{DATASETS, DatasetSpec};
use toml::{Table, Value};

use super::leaf::{Leaf, Leaves, put, remove, walk};
use super::wording::{self, Complaint};

/// Schedules with the settings that complete them where a spec gives only some.
pub(super) const SCHEDULES: [(&str, &str); 4] = [
    ("constant", "rate = 0.1"),
    ("step", "start = 0.25\nfactor = 4.0\nevery = 5\nfloor = 0.005"),
    ("linear", "start = 0.25\nend = 0.005\nepochs = 10"),
    ("exponential", "start = 0.25\ndecay = 0.9\nfloor = 0.005"),
];

/// One thing wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// File and line, or the override; none for a setting that nobody wrote
    pub origin: Option<String>,
    /// Dotted key
    pub key: String,
    /// The value found, or what is wrong
    pub found: String,
    /// What would be allowed
    pub allowed: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.origin.as_deref().unwrap_or("not set");
        let Self { key, found, allowed, .. } = self;
        write!(f, "{origin}: {key}: found {found}, allowed: {allowed}")
    }
}

/// The spec of these settings; what they do not name has its default.
///
/// # Errors
/// All faults.
pub fn resolve(leaves: &Leaves) -> Result<RunSpec, Vec<Fault>> {
    match all_at_once(leaves) {
        Some(spec) => Ok(spec),
        None => one_by_one(leaves),
    }
}

/// The spec where nothing is wrong with it; sweeps have tens of thousands of those.
fn all_at_once(leaves: &Leaves) -> Option<RunSpec> {
    let mut faults = Vec::new();
    let (data, schedule) = (data(leaves, &mut faults), schedule(leaves, &mut faults));
    let mut table = table_of(&sound(&data, schedule));
    for leaf in leaves.values() {
        match &leaf.value {
            None => remove(&mut table, &leaf.key),
            Some(value) if !put(&mut table, &leaf.key, value.clone()) => return None,
            Some(_) => {}
        }
    }
    let spec: RunSpec = Value::Table(table).try_into().ok()?;
    (faults.is_empty() && spec.clone().check().is_ok()).then_some(spec)
}

fn one_by_one(leaves: &Leaves) -> Result<RunSpec, Vec<Fault>> {
    let mut faults = Vec::new();
    let data = data(leaves, &mut faults);
    let schedule = schedule(leaves, &mut faults);
    let sound = sound(&data, schedule);
    let reference = table_of(&sound);
    let known = known_keys(&reference);
    let mut table = reference.clone();
    for leaf in leaves.values() {
        let kind = leaf.key == "data.name" || leaf.key == "exploration.schedule";
        // Whose settings these are is not known: they would all be called wrong.
        let orphan = faults.iter().any(|fault| {
            fault.key == "data.name" && leaf.key.starts_with("data.")
                || fault.key == "exploration.schedule" && leaf.key.starts_with("exploration.")
        });
        if kind || orphan {
            continue;
        }
        let Some(value) = &leaf.value else {
            remove(&mut table, &leaf.key);
            continue;
        };
        match complaint(&reference, leaf, value) {
            None => _ = put(&mut table, &leaf.key, value.clone()),
            Some(complaint) => faults.push(fault(leaf, value, complaint, &known)),
        }
    }
    let spec: RunSpec = match Value::Table(table).try_into() {
        Ok(spec) => spec,
        Err(error) => {
            // Only removing what has no default leads here.
            let found = error.message().trim().to_owned();
            let (key, allowed) = ("spec".into(), "all settings without a default".into());
            faults.push(Fault { origin: None, key, found, allowed });
            return Err(faults);
        }
    };
    if let Err(of_check) = spec.clone().check() {
        for found in of_check.0 {
            if faults.iter().any(|fault| fault.key == found.key) {
                continue;
            }
            let origin = leaves.get(&found.key).map(|leaf| leaf.origin.to_string());
            let (key, allowed) = (found.key, found.allowed);
            faults.push(Fault { origin, key, found: found.found, allowed });
        }
    }
    if faults.is_empty() { Ok(spec) } else { Err(faults) }
}

/// A spec's table as it is written: floats with the fewest digits that read back.
pub fn table_of(spec: &RunSpec) -> Table {
    // By way of JSON text, where a 32-bit float keeps its short form.
    let json = serde_json::to_string(spec).expect("a spec has no maps with odd keys");
    serde_json::from_str(&json).expect("TOML has all that a spec holds: numbers, texts, lists")
}

fn data(leaves: &Leaves, faults: &mut Vec<Fault>) -> DatasetSpec {
    let names: Vec<&str> = DATASETS.iter().map(|row| row.name).collect();
    let stand_in = || DatasetSpec::named(names[0]).expect("registered names are known");
    let Some(leaf) = leaves.get("data.name") else {
        let (key, found) = ("data.name".into(), "nothing".into());
        faults.push(Fault { origin: None, key, found, allowed: names.join(", ") });
        return stand_in();
    };
    let name = leaf.value.as_ref().and_then(Value::as_str);
    name.and_then(DatasetSpec::named).unwrap_or_else(|| {
        faults.push(unknown_kind(leaf, &names));
        stand_in()
    })
}

fn schedule(leaves: &Leaves, faults: &mut Vec<Fault>) -> Option<&'static str> {
    let leaf = leaves.get("exploration.schedule")?;
    let name = leaf.value.as_ref()?.as_str().unwrap_or_default();
    let found = SCHEDULES.iter().find(|(schedule, _)| *schedule == name);
    if found.is_none() {
        let names = SCHEDULES.map(|(schedule, _)| schedule);
        faults.push(unknown_kind(leaf, &names));
    }
    found.map(|(schedule, _)| *schedule)
}

fn unknown_kind(leaf: &Leaf, names: &[&str]) -> Fault {
    let found = leaf.value.as_ref().map_or("null".into(), Value::to_string);
    let given = leaf.value.as_ref().and_then(Value::as_str).unwrap_or_default();
    let hint = wording::nearest(given, names).map(|name| format!(" (did you mean {name}?)"));
    let allowed = format!("{}{}", names.join(", "), hint.unwrap_or_default());
    Fault { origin: Some(leaf.origin.to_string()), key: leaf.key.clone(), found, allowed }
}

pub(super) fn sound(data: &DatasetSpec, schedule: Option<&str>) -> RunSpec {
    let mut spec = RunSpec {
        name: String::new(),
        data: data.clone(),
        model: Default::default(),
        router: Default::default(),
        reward: Default::default(),
        exploration: Default::default(),
        train: Default::default(),
        alarms: Default::default(),
    };
    if let Some((name, settings)) = SCHEDULES.iter().find(|(name, _)| Some(*name) == schedule) {
        let text = format!("schedule = {name:?}\n{settings}");
        spec.exploration = toml::from_str(&text).expect("the schedules above are complete");
    }
    spec
}

fn known_keys(reference: &Table) -> Vec<String> {
    let mut keys = Vec::new();
    walk(reference, "", &mut |key, _| keys.push(key.to_owned()));
    keys
}

/// What is wrong with one setting on an otherwise sound spec.
fn complaint(reference: &Table, leaf: &Leaf, value: &Value) -> Option<Complaint> {
    let mut table = reference.clone();
    if !put(&mut table, &leaf.key, value.clone()) {
        return Some(Complaint::UnknownKey(Vec::new()));
    }
    let error = Value::Table(table).try_into::<RunSpec>().err()?;
    Some(wording::complaint(error.message()))
}

fn fault(leaf: &Leaf, value: &Value, complaint: Complaint, known: &[String]) -> Fault {
    let origin = Some(leaf.origin.to_string());
    let (key, found) = (leaf.key.clone(), value.to_string());
    match complaint {
        Complaint::Value(allowed) => Fault { origin, key, found, allowed },
        Complaint::UnknownKey(fields) => {
            let group = key.rsplit_once('.').map_or("", |(group, _)| group).to_owned();
            let beside = fields.iter().map(|field| match group.as_str() {
                "" => field.clone(),
                group => format!("{group}.{field}"),
            });
            let mut all: Vec<String> = known.iter().cloned().chain(beside).collect();
            all.sort();
            all.dedup();
            let allowed = wording::nearest_key(&key, &all);
            Fault { origin, key, found: "an unknown key".into(), allowed }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::leaf::{Origin, overlay};
    use super::*;

    fn with(settings: &[(&str, &str)]) -> Result<RunSpec, Vec<Fault>> {
        let mut leaves = Leaves::new();
        for (key, value) in settings {
            let table: Table = format!("v = {value}").parse().expect("TOML");
            let origin = Origin::Argument((*key).into());
            overlay(&mut leaves, &[Leaf::new(key, Some(table["v"].clone()), origin)]);
        }
        resolve(&leaves)
    }

    #[test]
    fn every_schedule_of_the_library_is_complete() {
        for (name, _) in SCHEDULES {
            let name = format!("{name:?}");
            let spec = with(&[("data", "'digits-mtl'"), ("exploration", &name)]).expect(&name);
            assert!(table_of(&spec)["exploration"]["schedule"].to_string().contains(&name[1..5]));
        }
    }

    #[test]
    fn all_faults_come_together() {
        let faults = with(&[
            ("data", "'digits-mtl'"),
            ("train.bach", "3"),
            ("seed", "1"),
            ("train.epochs", "'many'"),
            ("train.batch", "0"),
            ("router.algorithm", "'wlp'"),
            ("data.positives", "-1"),
        ])
        .expect_err("faulty");
        let of = |key: &str| {
            let fault = faults.iter().find(|fault| fault.key == key);
            fault.map(ToString::to_string).unwrap_or_default()
        };
        assert_eq!(faults.len(), 6, "{faults:?}");
        assert!(of("train.bach").contains("did you mean train.batch?"), "{}", of("train.bach"));
        assert!(of("seed").contains("data.seed or train.seed?"), "{}", of("seed"));
        assert!(of("train.epochs").contains("whole number"), "{}", of("train.epochs"));
        assert!(of("train.batch").contains("at least 1"), "{}", of("train.batch"));
        assert!(of("router.algorithm").contains("wpl"), "{}", of("router.algorithm"));
        assert!(of("data.positives").contains("whole number"), "{}", of("data.positives"));
    }

    #[test]
    fn a_missing_or_unknown_data_set_is_one_fault() {
        assert_eq!(with(&[]).expect_err("no data").len(), 1);
        let faults = with(&[("data", "'mnist'"), ("data.seed", "1")]).expect_err("unknown");
        assert_eq!(faults.len(), 1);
        assert!(faults[0].to_string().contains("did you mean mnist-mtl?"), "{}", faults[0]);
    }

    #[test]
    fn optional_settings_are_known() {
        let spec = with(&[("data", "'digits-mtl'"), ("data.train_per_task", "7")]).expect("sound");
        assert_eq!(table_of(&spec)["data"]["train_per_task"].as_integer(), Some(7));
    }

    #[test]
    fn floats_are_written_short() {
        let spec = with(&[("data", "'digits-mtl'")]).expect("sound");
        assert_eq!(table_of(&spec)["router"]["wpl"]["rate"].to_string(), "0.01");
    }
}

//! One look at the folder of a run.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::leaves::{LONGEST_KEY, MOST, Part, clip, parts};
use crate::{
    FAILED, Failure, LARGEST, LOG, Progress, RECORD, RunFolder, SPEC, State, TIMING, read_plain,
};

/// A folder that changed less than so many nanoseconds ago may change again within the same tick
/// of its file system's clock.
const RECENT: i64 = 2_000_000_000;

/// What a run is, apart from how far it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Info {
    pub name: String,
    pub model: String,
    pub seed: u64,
    pub dataset: String,
    pub parts: Vec<Part>,
}

/// What the folder of a run tells.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub id: String,
    pub state: State,
    /// None where no file tells it
    pub info: Option<Info>,
    pub step: u64,
    pub steps: u64,
    pub alarms: u32,
    pub error: Option<String>,
    pub updated: f64,
    pub metrics: Vec<(String, f64)>,
    /// When the folder was changed, in nanoseconds since 1970; zero where that may be said of
    /// another content soon
    pub changed: i64,
}

/// Looks at a run; none where it is gone.
pub(super) fn look(store: &Path, id: &str) -> Option<Seen> {
    let folder = RunFolder::new(store, id);
    let found = fs::symlink_metadata(&folder.path).ok()?;
    let mut seen = Seen {
        id: id.to_owned(),
        state: State::Failed,
        info: None,
        step: 0,
        steps: 0,
        alarms: 0,
        error: None,
        updated: seconds(&found),
        metrics: Vec::new(),
        changed: settled(&found),
    };
    if !found.is_dir() {
        let link = found.file_type().is_symlink();
        let what = if link { "is a symbolic link, which is not followed" } else { "is no folder" };
        seen.error = Some(what.into());
        return Some(seen);
    }
    match fs::symlink_metadata(folder.file(RECORD)) {
        Ok(record) => {
            seen.state = State::Done;
            seen.updated = seconds(&record);
            if let Err(error) = finished(&folder, &mut seen) {
                seen.state = State::Failed;
                seen.error = Some(clip(&error));
                seen.metrics.clear();
                seen.info = planned(&folder);
            }
        }
        Err(_) => unfinished(&folder, &mut seen),
    }
    Some(seen)
}

/// The parts of a record that are kept.
#[derive(Deserialize)]
struct Record {
    id: String,
    name: String,
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    spec: Value,
    #[serde(default)]
    dataset: Dataset,
    #[serde(default)]
    steps: u64,
    #[serde(default)]
    metrics: BTreeMap<String, Value>,
    #[serde(default)]
    alarms: Vec<IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Dataset {
    name: String,
}

fn finished(folder: &RunFolder, seen: &mut Seen) -> Result<(), String> {
    let fault = |what: &dyn std::fmt::Display| format!("{RECORD}: {what}");
    let bytes = bytes(folder, RECORD)?.ok_or_else(|| fault(&"is gone"))?;
    let record: Record = serde_json::from_slice(&bytes).map_err(|error| fault(&error))?;
    if record.id != folder.id {
        let found = clip(&record.id);
        return Err(fault(&format!("id: found {found:?}, allowed: that of the folder")));
    }
    let parts = parts(&record.spec).map_err(|what| fault(&what))?;
    let kind = record.spec["model"]["kind"].as_str().unwrap_or(&record.name);
    let model = clip(kind);
    let (name, dataset) = (clip(&record.name), clip(&record.dataset.name));
    seen.info = Some(Info { name, model, seed: record.seed, dataset, parts });
    (seen.step, seen.steps) = (record.steps, record.steps);
    seen.alarms = record.alarms.len() as u32;
    seen.metrics = metrics(&record.metrics).map_err(|what| fault(&what))?;
    // A run is done by its record alone; a timing that is broken is told beside it.
    match timings(folder) {
        Ok(timings) => seen.metrics.extend(timings),
        Err(error) => seen.error = Some(clip(&error)),
    }
    Ok(())
}

fn metrics(found: &BTreeMap<String, Value>) -> Result<Vec<(String, f64)>, String> {
    if found.len() > MOST {
        return Err(format!("has {} metrics, allowed: {MOST}", found.len()));
    }
    let number = |(name, value): (&String, &Value)| {
        let number = match value {
            Value::Number(number) => number.as_f64(),
            // As records write what JSON has no numbers for.
            Value::String(text) => match text.as_str() {
                "NaN" => Some(f64::NAN),
                "inf" => Some(f64::INFINITY),
                "-inf" => Some(f64::NEG_INFINITY),
                _ => None,
            },
            _ => None,
        };
        match number {
            _ if name.len() > LONGEST_KEY => Err(format!("has a metric of {} bytes", name.len())),
            Some(number) => Ok((name.clone(), number)),
            None => Err(format!("metrics.{name}: allowed: a number")),
        }
    };
    found.iter().map(number).collect()
}

fn timings(folder: &RunFolder) -> Result<Vec<(String, f64)>, String> {
    let Some(bytes) = bytes(folder, TIMING)? else { return Ok(Vec::new()) };
    let timing: BTreeMap<String, Value> =
        serde_json::from_slice(&bytes).map_err(|error| format!("{TIMING}: {error}"))?;
    let number = |(name, value): (&String, &Value)| {
        let number = value.as_f64().filter(|_| name != "version" && name.len() < LONGEST_KEY)?;
        Some((format!("timing/{name}"), number))
    };
    Ok(timing.iter().filter_map(number).take(MOST).collect())
}

fn unfinished(folder: &RunFolder, seen: &mut Seen) {
    seen.state = State::of(folder);
    seen.info = planned(folder);
    if let Some(progress) = Progress::read(folder) {
        (seen.step, seen.steps) = (progress.step, progress.steps);
        if seen.state == State::Running {
            seen.updated = progress.updated;
        }
    }
    if seen.state == State::Failed {
        let failed = fs::symlink_metadata(folder.file(FAILED));
        seen.updated = failed.map_or(seen.updated, |found| seconds(&found));
        seen.error = Some(match Failure::read(folder) {
            Some(failure) => clip(&failure.error),
            None => format!("{FAILED}: cannot be read"),
        });
    }
    let log = bytes(folder, LOG).ok().flatten().unwrap_or_default();
    let alarm = |line: &&[u8]| {
        // After the time.
        line.splitn(2, |&c| c == b' ').nth(1).is_some_and(|rest| rest.starts_with(b"alarm: "))
    };
    seen.alarms = log.split(|&c| c == b'\n').filter(alarm).count() as u32;
}

/// What the spec of a run that is not finished tells.
fn planned(folder: &RunFolder) -> Option<Info> {
    let text = String::from_utf8(bytes(folder, SPEC).ok()??).ok()?;
    let spec: Value = toml::from_str(&text).ok()?;
    let name = spec["name"].as_str().unwrap_or_default();
    let seed = spec["train"]["seed"].as_u64().unwrap_or_default();
    of_spec(name, None, seed, &spec)
}

/// What a spec tells; none where it has too many settings.
pub(super) fn of_spec(name: &str, model: Option<&str>, seed: u64, spec: &Value) -> Option<Info> {
    Some(Info {
        name: clip(name),
        model: clip(model.or(spec["model"]["kind"].as_str()).unwrap_or(name)),
        seed,
        dataset: clip(spec["data"]["name"].as_str().unwrap_or_default()),
        parts: parts(spec).ok()?,
    })
}

fn bytes(folder: &RunFolder, name: &str) -> Result<Option<Vec<u8>>, String> {
    read_plain(&folder.file(name), LARGEST).map_err(|error| format!("{name}: {}", error.what))
}

/// When a file was changed, in nanoseconds since 1970; zero where that was just now.
pub(super) fn settled(found: &Metadata) -> i64 {
    let changed = nanoseconds(found.modified().unwrap_or(UNIX_EPOCH));
    let age = nanoseconds(SystemTime::now()) - changed;
    if age < RECENT { 0 } else { changed }
}

/// When a file was changed, in seconds since 1970.
pub(super) fn seconds(found: &Metadata) -> f64 {
    let changed = found.modified().unwrap_or(UNIX_EPOCH);
    changed.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn nanoseconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as i64
}

impl Seen {
    /// Changes with anything that is told of the run.
    pub fn print(&self) -> i64 {
        let mut hash = DefaultHasher::new();
        (self.state.name(), self.step, self.steps, self.alarms, &self.error).hash(&mut hash);
        (self.updated.to_bits(), self.metrics.len()).hash(&mut hash);
        for (name, value) in &self.metrics {
            (name, value.to_bits()).hash(&mut hash);
        }
        if let Some(Info { name, model, seed, dataset, parts }) = &self.info {
            (name, model, seed, dataset).hash(&mut hash);
            for part in parts {
                part.hash().hash(&mut hash);
            }
        }
        hash.finish() as i64
    }
}

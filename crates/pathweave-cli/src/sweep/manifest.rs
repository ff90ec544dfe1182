//! Between a sweep and its manifest: specs as what differs from the defaults, and back.

use std::path::{Path, PathBuf};

use pathweave::spec::RunSpec;
use pathweave_store::{Manifest, Planned};
use serde_json::{Value, json};

use super::Entry;
use crate::device::DeviceName;
use crate::error::CliError;
use crate::options::RunOptions;
use crate::run_id::{defaults, given, id, spec_json};

/// The manifest of a sweep.
pub fn manifest(name: &str, entries: &[Entry], device: DeviceName) -> Manifest {
    let runs = entries.iter().map(|entry| planned(entry, short(&entry.spec))).collect();
    Manifest { name: name.to_owned(), device: device.to_string(), runs }
}

/// Where the manifest of a sweep belongs. That follows from its runs' ids alone.
pub fn place(name: &str, entries: &[Entry], options: &RunOptions) -> PathBuf {
    let runs = entries.iter().map(|entry| planned(entry, Value::Null)).collect();
    let device = options.device.to_string();
    Manifest { name: name.to_owned(), device, runs }.folder(&options.out)
}

fn planned(entry: &Entry, spec: Value) -> Planned {
    let (name, seed) = (entry.spec.name.clone(), entry.spec.train.seed);
    Planned { id: entry.id.clone(), name, model: entry.model.clone(), seed, spec }
}

/// The run that a manifest asks for.
///
/// # Errors
/// [`CliError::Usage`] where this program does not know the spec, or would run something else: the
/// manifest is another version's.
pub fn entry(planned: &Planned, folder: &Path, device: DeviceName) -> Result<Entry, CliError> {
    let fault =
        |what: String| CliError::Usage(format!("{}: run {}: {what}", folder.display(), planned.id));
    let spec = read(&planned.spec).map_err(&fault)?;
    let found = id(&spec, device);
    if found != planned.id {
        return Err(fault(format!(
            "this program gives it the id {found}: another version wrote the manifest; sweep the \
             spec again"
        )));
    }
    Ok(Entry { id: found, model: planned.model.clone(), spec })
}

/// The store that a written sweep belongs to, where it lies in one.
pub fn store_of(folder: &Path) -> Option<PathBuf> {
    let sweeps = folder.canonicalize().ok()?.parent()?.to_owned();
    (sweeps.file_name()? == pathweave_store::SWEEPS).then(|| sweeps.parent().map(Path::to_owned))?
}

/// What differs from the defaults, such that it reads back as the very same spec.
fn short(spec: &RunSpec) -> Value {
    let whole = spec_json(spec);
    let mut short = given(whole.clone(), &defaults(spec.data.name())).unwrap_or_else(|| json!({}));
    // The kind of a data set says which defaults its settings have; a schedule's have none.
    short["data"]["name"] = whole["data"]["name"].clone();
    if short.get("exploration").is_some() {
        short["exploration"] = whole["exploration"].clone();
    }
    match read(&short) {
        Ok(same) if same == *spec => short,
        _ => whole,
    }
}

fn read(spec: &Value) -> Result<RunSpec, String> {
    // By way of text, as everywhere: one way to read floats.
    serde_json::from_str(&spec.to_string()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::EXPERIMENTS;
    use crate::experiment::scale::Scale;
    use crate::spec_file::{PRESETS, Plan};

    fn entries(specs: Vec<RunSpec>) -> Vec<Entry> {
        let entry = |spec: RunSpec| Entry {
            id: id(&spec, DeviceName::Cpu),
            model: spec.name.clone(),
            spec,
        };
        specs.into_iter().map(entry).collect()
    }

    fn comes_back(specs: Vec<RunSpec>) {
        let entries = entries(specs);
        let manifest = manifest("all", &entries, DeviceName::Cpu);
        for (one, planned) in entries.iter().zip(&manifest.runs) {
            let line = serde_json::to_string(planned).expect("a line");
            let planned: Planned = serde_json::from_str(&line).expect("read");
            let back = entry(&planned, Path::new("a"), DeviceName::Cpu).expect("known");
            assert_eq!((&back.id, &back.model, &back.spec), (&one.id, &one.model, &one.spec));
            let (short, whole) = (planned.spec.to_string().len(), spec_json(&one.spec).to_string());
            assert!(short < whole.len() / 2, "{} is not short: {}", one.label(), planned.spec);
        }
    }

    #[test]
    fn every_preset_and_experiment_comes_back_from_a_manifest() {
        for preset in PRESETS {
            comes_back(Plan::new(preset.name, &[], None).and_then(|p| p.specs()).expect("sound"));
        }
        for experiment in EXPERIMENTS {
            for scale in [Scale::Smoke, Scale::Small] {
                comes_back(experiment.source.specs(scale));
            }
        }
    }

    #[test]
    fn odd_settings_come_back() {
        let plan = |overrides: &[&str]| {
            let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
            let plan = Plan::new("digits-mtl", &overrides, Some(u64::MAX >> 1)).expect("a preset");
            plan.specs().expect("sound")
        };
        // One setting of a schedule that is otherwise the default; a schedule of another kind.
        comes_back(plan(&["exploration.start=0.3", "train.learning_rate=0.1,1e-7"]));
        comes_back(plan(&[
            "exploration.schedule=linear",
            "exploration.start=0.25",
            "exploration.end=0.1",
            "exploration.epochs=3",
            "name=ü \"x\"\n",
        ]));
    }

    #[test]
    fn a_manifest_of_another_version_is_told() {
        let mut entries =
            entries(Plan::new("digits-mtl", &[], Some(0)).and_then(|p| p.specs()).expect("sound"));
        entries[0].id = "0123456789abcdef".into();
        let manifest = manifest("a", &entries[..1], DeviceName::Cpu);
        let told = |planned: &Planned| {
            entry(planned, Path::new("a"), DeviceName::Cpu).expect_err("a fault").to_string()
        };
        assert!(told(&manifest.runs[0]).contains("another version wrote the manifest"));
        let odd = Planned { spec: json!({"data": {"name": "x"}}), ..manifest.runs[0].clone() };
        assert!(told(&odd).contains("run 0123456789abcdef"));
    }

    #[test]
    fn a_sweep_knows_its_store() {
        let store = tempfile::tempdir().expect("a temporary folder");
        let folder = store.path().join("sweeps/a-1");
        std::fs::create_dir_all(&folder).expect("made");
        let found = store_of(&folder).expect("a store");
        assert_eq!(found, store.path().canonicalize().expect("there"));
        assert_eq!(store_of(store.path()), None);
    }
}

//! What every data set of the registry must do, on small files in the real layouts.

use std::collections::BTreeSet;
use std::path::Path;

use pathweave_data::{DATASETS, DatasetSpec, Example, Loader, Split, TaskSet};

use super::files;

const SPLITS: [Split; 3] = [Split::Train, Split::Validation, Split::Test];

/// A data folder, and every set of images with settings small enough for it.
pub fn small() -> (tempfile::TempDir, Vec<DatasetSpec>) {
    let folder = tempfile::tempdir().unwrap();
    files::mnist(folder.path(), 30, 8);
    files::cifar100(folder.path(), 4, 2);
    let every = DATASETS.iter().filter(|row| row.loader != Loader::Drawn);
    let every = every.map(|row| DatasetSpec::named(row.name).unwrap());
    let specs = every.filter(|spec| !spec.is_text()).map(|mut spec| {
        match &mut spec {
            DatasetSpec::DigitsMtl(_) => {}
            DatasetSpec::MnistMtl(spec) => {
                (spec.positives, spec.negatives_per_class, spec.test_per_task) = (20, 10, 22);
            }
            DatasetSpec::CifarMtl(spec) => (spec.train_per_task, spec.test_per_task) = (17, 10),
            _ => {}
        }
        spec
    });
    let specs = specs.collect();
    (folder, specs)
}

pub fn load(spec: &DatasetSpec, folder: &Path) -> TaskSet {
    spec.load(Some(folder)).unwrap_or_else(|errors| panic!("{}: {errors}", spec.name()))
}

/// The same spec with other values of the fields that all data sets have.
pub fn with(spec: &DatasetSpec, field: &str, value: serde_json::Value) -> DatasetSpec {
    let mut json = serde_json::to_value(spec).unwrap();
    json[field] = value;
    serde_json::from_value(json).unwrap()
}

pub fn of_task(set: &TaskSet, split: Split, task: u16) -> Vec<Example> {
    set.examples(split).iter().filter(|example| example.task == task).copied().collect()
}

#[test]
fn the_registry_and_the_enum_are_one() {
    let names: BTreeSet<&str> = DATASETS.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), DATASETS.len());
    for row in DATASETS {
        let spec = DatasetSpec::named(row.name).unwrap();
        assert_eq!((spec.name(), spec.info()), (row.name, row));
        assert_eq!(serde_json::to_value(&spec).unwrap()["name"], row.name);
        assert_eq!(row.files.is_empty(), row.loader != Loader::Files);
    }
    assert_eq!(DatasetSpec::named("mnist"), None);
    let unknown = serde_json::from_str::<DatasetSpec>(r#"{"name": "none"}"#).unwrap_err();
    assert!(DATASETS.iter().all(|row| unknown.to_string().contains(row.name)), "{unknown}");
}

#[test]
fn specs_survive_toml_and_refuse_unknown_settings() {
    for row in DATASETS {
        let spec = DatasetSpec::named(row.name).unwrap();
        let text = toml::to_string(&spec).unwrap();
        assert_eq!(toml::from_str::<DatasetSpec>(&text).unwrap(), spec);
        let short = format!("name = \"{}\"", row.name);
        assert_eq!(toml::from_str::<DatasetSpec>(&short).unwrap(), spec);
        let error = toml::from_str::<DatasetSpec>(&format!("{short}\nsede = 1")).unwrap_err();
        assert!(error.to_string().contains("sede"), "{error}");
    }
}

#[test]
fn every_sample_is_in_range_and_every_task_has_some() {
    let (folder, specs) = small();
    for spec in specs {
        let set = load(&spec, folder.path());
        assert_eq!((set.task_names.len(), set.class_names.len()), (set.tasks, set.tasks));
        assert!(set.class_names.iter().all(|names| names.len() == set.classes));
        for split in SPLITS {
            for example in set.examples(split) {
                assert!((example.item as usize) < set.images());
                assert!(usize::from(example.task) < set.tasks);
                assert!(usize::from(example.label) < set.classes);
            }
        }
        for task in 0..set.tasks as u16 {
            for split in [Split::Train, Split::Test] {
                let labels: BTreeSet<u16> =
                    of_task(&set, split, task).iter().map(|example| example.label).collect();
                assert_eq!(labels.len(), set.classes, "{} task {task}", set.name);
            }
        }
    }
}

#[test]
fn one_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let (folder, specs) = small();
    for spec in specs {
        let on = |threads, spec: &DatasetSpec| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| load(spec, folder.path()).fingerprint())
        };
        let first = on(1, &spec);
        assert_eq!(first, on(3, &spec), "{}", spec.name());
        assert_ne!(first, on(1, &with(&spec, "seed", 1.into())), "{}", spec.name());
    }
}

#[test]
fn no_image_is_in_two_splits_and_none_is_twice_in_a_task() {
    let (folder, specs) = small();
    for spec in specs {
        let set = load(&with(&spec, "validation_share", 0.25.into()), folder.path());
        let whole = load(&spec, folder.path());
        let pixels = |split: Split| -> BTreeSet<&[u8]> {
            set.examples(split).iter().map(|example| set.image(example.item)).collect()
        };
        let [train, validation, test] = SPLITS.map(pixels);
        assert!(train.is_disjoint(&test) && train.is_disjoint(&validation), "{}", set.name);
        assert!(validation.is_disjoint(&test) && !validation.is_empty(), "{}", set.name);
        let count = |set: &TaskSet, split| set.examples(split).len();
        let parts = count(&set, Split::Train) + count(&set, Split::Validation);
        assert_eq!(parts, count(&whole, Split::Train));
        assert_eq!(set.examples(Split::Test).len(), whole.examples(Split::Test).len());
        for split in SPLITS {
            for task in 0..set.tasks as u16 {
                let samples = of_task(&set, split, task);
                let images: BTreeSet<u32> = samples.iter().map(|example| example.item).collect();
                assert_eq!(images.len(), samples.len());
            }
        }
    }
}

#[test]
fn a_capped_set_is_a_part_of_the_whole() {
    let (folder, specs) = small();
    for spec in specs {
        let whole = load(&spec, folder.path());
        let few = load(&with(&spec, "train_per_task", 11.into()), folder.path());
        let seen = |set: &TaskSet| -> BTreeSet<(u16, u16, Vec<u8>)> {
            let samples = set.examples(Split::Train).iter();
            samples.map(|e| (e.task, e.label, set.image(e.item).to_vec())).collect()
        };
        assert_eq!(few.examples(Split::Train).len(), 11 * few.tasks);
        assert!(seen(&few).is_subset(&seen(&whole)), "{}", spec.name());
        assert_eq!(few.examples(Split::Test).len(), whole.examples(Split::Test).len());
    }
}

//! Faults, files, and what repeats.

use pathweave_data::dataset::ImplicativesSpec;
use pathweave_data::dataset::implicatives::Variant;
use pathweave_data::{DATASETS, DRAWN, Loader};

use super::{of, pairs};

fn keys(spec: &ImplicativesSpec) -> Vec<&'static str> {
    spec.faults().iter().map(|fault| fault.0).collect()
}

#[test]
fn faults_are_found_together_and_refuse_pairs() {
    assert!(Variant::ALL.iter().all(|variant| keys(&of(*variant)).is_empty()));
    let wrong = ImplicativesSpec {
        before: Some(Variant::Joint),
        train: 0,
        validation: 20_001,
        test: 0,
        reverse: f64::NAN,
        ..ImplicativesSpec::default()
    };
    assert_eq!(keys(&wrong), ["before", "train", "validation", "test", "reverse"]);
    let errors = wrong.pairs().unwrap_err();
    assert_eq!(errors.as_slice().len(), 5);
    let text = errors.to_string();
    assert!(text.starts_with("implicatives: before: found joint, allowed a variant"), "{text}");
}

#[test]
fn each_fault_is_found_alone() {
    let spec = ImplicativesSpec::default;
    assert_eq!(keys(&ImplicativesSpec { train: 200_001, ..spec() }), ["train"]);
    assert_eq!(keys(&ImplicativesSpec { test: 20_001, ..spec() }), ["test"]);
    assert_eq!(keys(&ImplicativesSpec { reverse: 1.5, ..spec() }), ["reverse"]);
    assert_eq!(keys(&ImplicativesSpec { reverse: -0.5, ..spec() }), ["reverse"]);
    assert!(keys(&ImplicativesSpec { reverse: 1.0, validation: 0, ..spec() }).is_empty());
    let before = Some(Variant::Nested);
    assert!(keys(&ImplicativesSpec { before, ..spec() }).is_empty());
}

#[test]
fn settings_survive_toml_and_refuse_unknown_keys() {
    let before = Some(Variant::Joint);
    for spec in [of(Variant::Mismatch), ImplicativesSpec { before, ..of(Variant::Nested) }] {
        let text = toml::to_string(&spec).unwrap();
        assert_eq!(toml::from_str::<ImplicativesSpec>(&text).unwrap(), spec, "{text}");
    }
    let nested: ImplicativesSpec =
        toml::from_str("variant = \"nested\"\nbefore = \"joint\"").unwrap();
    assert_eq!(nested, ImplicativesSpec { before, ..of(Variant::Nested) });
    let error = toml::from_str::<ImplicativesSpec>("varaint = \"nested\"").unwrap_err();
    assert!(error.to_string().contains("varaint"), "{error}");
    let error = toml::from_str::<ImplicativesSpec>("variant = \"both\"").unwrap_err();
    assert!(Variant::ALL.iter().all(|one| error.to_string().contains(one.name())), "{error}");
}

#[test]
fn the_row_is_that_of_an_embedded_set() {
    let row = ImplicativesSpec::INFO;
    assert_eq!((row.name, row.loader), ("implicatives", Loader::Embedded));
    assert!(row.files.is_empty() && !DRAWN.contains(&row));
    assert!(DATASETS.iter().filter(|other| other.name == row.name).all(|other| *other == row));
}

#[test]
fn the_largest_sizes_are_met() {
    let (train, validation, test) = (200_000, 20_000, 20_000);
    let spec = ImplicativesSpec { train, validation, test, ..of(Variant::Mismatch) };
    let splits = pairs(&spec);
    let found = [&splits.train, &splits.validation, &splits.test].map(Vec::len);
    assert_eq!(found, [train, validation, test]);
}

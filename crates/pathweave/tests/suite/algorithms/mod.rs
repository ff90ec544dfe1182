//! Conformance suite of the registry of decision algorithms: every entry gets it for free.

mod bandit;
mod choices;
mod edges;
mod masks;

use pathweave::decision::{ALGORITHMS, AlgorithmEntry};

#[test]
fn every_entry_is_found_by_its_kind_and_named_as_specs_write_it() {
    for entry in ALGORITHMS {
        assert_eq!(entry.kind.entry().name, entry.name);
        let written = serde_json::to_value(entry.kind).expect("a name");
        assert_eq!(written, serde_json::Value::from(entry.name));
        assert!(!entry.what.is_empty() && !entry.source.is_empty());
    }
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = ALGORITHMS.iter().map(|entry| entry.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), ALGORITHMS.len());
}

fn trained() -> impl Iterator<Item = &'static AlgorithmEntry> {
    ALGORITHMS.iter().filter(|entry| entry.trained)
}

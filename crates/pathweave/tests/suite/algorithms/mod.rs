//! Conformance suite of the registry of decision algorithms: every entry gets it for free.

mod bandit;
mod choices;
mod edges;
mod masks;

use pathweave::decision::{ALGORITHMS, AlgorithmEntry, DecisionAlgorithm};
use pathweave::policy::PolicyKind;

use crate::support::{assert_close, cpu, numbers, rows, site, tabular};

#[test]
fn every_entry_is_found_by_its_kind_and_named_as_specs_write_it() {
    for entry in ALGORITHMS {
        assert_eq!(entry.kind.entry().name, entry.name);
        let written = serde_json::to_value(entry.kind).expect("a name");
        assert_eq!(written, serde_json::Value::from(entry.name));
        assert!(!entry.what.is_empty() && !entry.source.is_empty());
    }
}

/// What the check of `router.entropy` goes by.
#[test]
fn whoever_has_a_policy_says_so_and_it_sums_to_one() {
    let device = cpu();
    for entry in ALGORITHMS {
        let decision = tabular(entry.kind, 3, 4, &device);
        let rows = rows(&[0, 2]);
        let heads = decision.heads(&site(0, &rows, &device));
        let policy = decision.policy(&heads);
        assert_eq!(
            policy.is_some(),
            entry.kind.learns_policy(PolicyKind::Tabular),
            "{}",
            entry.name
        );
        if let Some(policy) = policy {
            assert_close(&numbers(&policy.sum_dim(1)), &[1.0; 2], 1e-6);
        }
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

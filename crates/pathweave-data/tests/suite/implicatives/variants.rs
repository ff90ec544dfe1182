//! What the splits of each variant share, and what they do not.

use std::collections::{BTreeMap, BTreeSet};

use pathweave_data::dataset::ImplicativesSpec;
use pathweave_data::dataset::implicatives::{Construction, Nesting, Variant, constructions};
use pathweave_data::text::{Pair, PairSplits};
use proptest::prelude::*;

use super::{all, chain, of, pairs, set, words};

fn contexts(pairs: &[Pair]) -> BTreeSet<&str> {
    set(pairs, |pair| &pair.context[..])
}

fn groups(pairs: &[Pair]) -> BTreeSet<&str> {
    set(pairs, |pair| &pair.group[..])
}

/// Sentences, whichever side of a pair they are on.
fn sentences(pairs: &[Pair]) -> BTreeSet<&str> {
    pairs.iter().flat_map(|pair| [&pair.premise[..], &pair.hypothesis[..]]).collect()
}

/// What is so of every variant and all sizes.
fn check(spec: &ImplicativesSpec, splits: &PairSplits) {
    let PairSplits { before, train, validation, test, .. } = splits;
    assert_eq!(
        [before.len(), train.len(), validation.len(), test.len()],
        [spec.before.map_or(0, |_| spec.train), spec.train, spec.validation, spec.test]
    );
    let learned = [&before[..], train].concat();
    let parts = [sentences(&learned), sentences(validation), sentences(test)];
    assert!(parts[0].is_disjoint(&parts[1]) && parts[0].is_disjoint(&parts[2]));
    assert!(parts[1].is_disjoint(&parts[2]));
    let mut labels = BTreeMap::new();
    for pair in all(splits) {
        let key = (&pair.premise, &pair.hypothesis);
        assert_eq!(labels.insert(key, pair.label), None, "twice: {pair:?}");
    }
    let known = spec.contexts();
    assert_eq!(known.iter().collect::<BTreeSet<_>>().len(), known.len());
    assert!(all(splits).all(|pair| known.contains(&pair.context)));
    for pair in all(splits) {
        let chain = chain(pair);
        let nested = if chain.len() == 2 { "N" } else { "" };
        let signature = chain.iter().rev().map(|one| one.signature);
        let whole = signature.reduce(|inner, outer| outer.around(inner)).unwrap();
        assert_eq!(pair.context, format!("{nested}{whole}"));
    }
}

#[test]
fn joint_shares_all_constructions() {
    let splits = pairs(&of(Variant::Joint));
    check(&of(Variant::Joint), &splits);
    for part in [&splits.train, &splits.validation, &splits.test] {
        assert_eq!(groups(part).len(), constructions().count());
        assert_eq!(contexts(part).len(), 13);
    }
    assert_eq!(of(Variant::Joint).contexts().len(), 13);
}

#[test]
fn disjoint_tests_unseen_constructions_of_seen_words_and_signatures() {
    let splits = pairs(&of(Variant::Disjoint));
    check(&of(Variant::Disjoint), &splits);
    let train = groups(&splits.train);
    for part in [&splits.validation, &splits.test] {
        let held = groups(part);
        assert!(train.is_disjoint(&held) && held.contains("make vow"));
        assert_eq!(train.len() + held.len(), constructions().count());
        assert!(contexts(part).is_subset(&contexts(&splits.train)));
        let seen: BTreeSet<String> = splits.train.iter().flat_map(words).collect();
        let unseen: BTreeSet<String> =
            part.iter().flat_map(words).filter(|word| !seen.contains(word)).collect();
        assert_eq!(unseen, BTreeSet::new());
    }
    assert!(train.contains("take vow"));
    assert!(contexts(&splits.test).len() >= 7);
    assert_eq!(of(Variant::Disjoint).contexts(), of(Variant::Joint).contexts());
}

#[test]
fn a_word_of_a_held_out_construction_is_in_one_of_training() {
    let parts = |construction: &Construction| -> BTreeSet<String> {
        let tails = construction.tails.iter().chain(construction.negative_tails);
        let verb = construction.verb.split(' ').chain(tails.flat_map(|tail| tail.split(' ')));
        verb.map(str::to_owned).collect()
    };
    let (held, train): (Vec<&Construction>, Vec<&Construction>) =
        constructions().partition(|one| one.held_out);
    let seen: BTreeSet<String> = train.iter().flat_map(|one| parts(one)).collect();
    for one in held {
        let unseen: Vec<_> = parts(one).difference(&seen).cloned().collect();
        assert!(unseen.is_empty(), "{}: {unseen:?}", one.name);
    }
}

#[test]
fn mismatch_tests_unseen_signatures() {
    let splits = pairs(&of(Variant::Mismatch));
    check(&of(Variant::Mismatch), &splits);
    let (train, test) = (contexts(&splits.train), contexts(&splits.test));
    assert_eq!(train, contexts(&splits.validation));
    assert_eq!(groups(&splits.train), groups(&splits.validation));
    assert!(train.is_disjoint(&test));
    assert_eq!(test, BTreeSet::from(["o|-", "-|o", "-|-", "+|.5", ".4|-"]));
    assert_eq!(of(Variant::Mismatch).contexts(), of(Variant::Joint).contexts());
}

#[test]
fn nested_tests_unseen_compositions_of_seen_signatures() {
    for seed in 0..3 {
        let spec = ImplicativesSpec { seed, ..of(Variant::Nested) };
        let splits = pairs(&spec);
        check(&spec, &splits);
        let (train, test) = (groups(&splits.train), groups(&splits.test));
        assert!(train.is_disjoint(&test));
        assert_eq!(test, groups(&splits.validation));
        assert!(test.len() * 7 > train.len() + test.len() && test.len() * 4 < train.len());
        let seen: BTreeSet<&str> = contexts(&splits.train);
        assert_eq!(seen, contexts(&splits.test));
        assert_eq!(seen.len(), 9);
        assert!(seen.contains("N+|-") && seen.contains("N-|+"));
        let places = |groups: &BTreeSet<&str>, place: usize| -> BTreeSet<String> {
            let part = |group: &&str| group.split(" > ").nth(place).map(str::to_owned);
            groups.iter().filter_map(part).collect()
        };
        for (place, nesting) in [Nesting::Outer, Nesting::Inner].into_iter().enumerate() {
            let nests = |one: &&Construction| [nesting, Nesting::Both].contains(&one.nesting);
            let all = constructions().filter(nests).map(|one| one.name.to_owned()).collect();
            assert_eq!(places(&train, place), all);
        }
        assert_eq!(spec.contexts(), of(Variant::Nested).contexts());
    }
    let nests = |one: &&Construction| one.nesting != Nesting::None;
    assert!(constructions().filter(nests).all(|one| !one.signature.is_stochastic()));
}

#[test]
fn before_is_the_training_of_its_variant() {
    for before in [Variant::Joint, Variant::Disjoint] {
        let spec = ImplicativesSpec { before: Some(before), ..of(Variant::Nested) };
        let splits = pairs(&spec);
        check(&spec, &splits);
        assert_eq!(splits.before, pairs(&of(before)).train);
        assert_eq!(splits.train, pairs(&of(Variant::Nested)).train);
        let contexts = [of(before).contexts(), of(Variant::Nested).contexts()].concat();
        assert_eq!((spec.contexts().len(), spec.contexts()), (22, contexts));
    }
    let after = ImplicativesSpec { before: Some(Variant::Joint), ..of(Variant::Nested) };
    assert!(pairs(&after).source.starts_with("generated implicatives, nested after joint, seed 0"));
}

#[test]
fn also_is_half_of_every_split() {
    let spec = ImplicativesSpec { also: Some(Variant::Nested), ..of(Variant::Joint) };
    let splits = pairs(&spec);
    check(&spec, &splits);
    for part in [&splits.train, &splits.validation, &splits.test] {
        let nested = part.iter().filter(|pair| pair.context.starts_with('N')).count();
        assert_eq!(nested, part.len() / 2);
    }
    let contexts = [of(Variant::Joint).contexts(), of(Variant::Nested).contexts()].concat();
    assert_eq!(spec.contexts(), contexts);
    assert!(splits.source.starts_with("generated implicatives, joint and nested, seed 0"));
    let twice = ImplicativesSpec { also: Some(Variant::Joint), ..of(Variant::Joint) };
    assert_eq!(twice.faults()[0].0, "also");
}

fn any_spec() -> impl Strategy<Value = ImplicativesSpec> {
    let variant = || prop::sample::select(Variant::ALL.to_vec());
    let sizes = (1usize..300, 0usize..60, 1usize..60);
    (variant(), prop::option::of(variant()), any::<u64>(), sizes, 0.0f64..=1.0)
        .prop_filter("its own variant before it", |spec| Some(spec.0) != spec.1)
        .prop_map(|(variant, before, seed, (train, validation, test), reverse)| {
            let words = ImplicativesSpec::default().words;
            let also = None;
            ImplicativesSpec {
                variant,
                before,
                also,
                seed,
                train,
                validation,
                test,
                reverse,
                words,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn splits_are_sound_and_repeat(spec in any_spec()) {
        let splits = pairs(&spec);
        check(&spec, &splits);
        prop_assert_eq!(&splits, &pairs(&spec));
        let other = ImplicativesSpec { seed: spec.seed.wrapping_add(1), ..spec.clone() };
        // One pair of another seed may be equal by chance; many are not.
        prop_assert!(spec.train < 10 || splits.train != pairs(&other).train);
        let more = ImplicativesSpec {
            train: spec.train + 7,
            validation: spec.validation + 7,
            test: spec.test + 7,
            before: None,
            ..spec.clone()
        };
        let (few, more) = (pairs(&ImplicativesSpec { before: None, ..spec }), pairs(&more));
        prop_assert_eq!(&few.train[..], &more.train[..few.train.len()]);
        prop_assert_eq!(&few.validation[..], &more.validation[..few.validation.len()]);
        prop_assert_eq!(&few.test[..], &more.test[..few.test.len()]);
    }
}

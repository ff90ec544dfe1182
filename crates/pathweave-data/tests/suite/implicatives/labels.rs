//! Every label a second way.

use std::collections::BTreeSet;

use pathweave_data::dataset::implicatives::{Sign, Signature, Variant, constructions};
use pathweave_data::text::{Label, Pair};

use super::models::{Said, label};
use super::{all, chain, of, pairs};

const BOTH: [bool; 2] = [false, true];

/// All signatures, with two strengths.
fn signatures() -> Vec<Signature> {
    let signs = [Sign::Plus, Sign::Minus, Sign::Open, Sign::Likely(3), Sign::Likely(9)];
    let with = |positive| signs.map(|negative| Signature::new(positive, negative));
    signs.into_iter().flat_map(with).collect()
}

/// Labels of a signature in each direction and polarity, by the calculus and by truth tables.
fn compare(signature: Signature, chain: &[Signature]) {
    let written: Vec<String> = chain.iter().map(Signature::to_string).collect();
    for construction in BOTH {
        for event in BOTH {
            let said =
                (Said::Construction { negated: construction }, Said::Event { negated: event });
            let forwards = signature.forwards(construction, event);
            assert_eq!(forwards, label(&written, said.0, said.1), "{written:?} {said:?}");
            let backwards = signature.backwards(event, construction);
            assert_eq!(backwards, label(&written, said.1, said.0), "{written:?} {said:?} back");
        }
    }
}

#[test]
fn the_calculus_agrees_with_truth_tables() {
    for signature in signatures() {
        compare(signature, &[signature]);
    }
}

#[test]
fn composition_agrees_with_truth_tables() {
    for outer in signatures() {
        for inner in signatures() {
            compare(outer.around(inner), &[outer, inner]);
        }
    }
}

#[test]
fn composition_is_associative() {
    for outer in signatures() {
        for middle in signatures() {
            for inner in signatures() {
                let left = outer.around(middle).around(inner);
                assert_eq!(outer.around(middle.around(inner)), left);
            }
        }
    }
}

#[test]
fn strengths_pass_through_two_way_signatures_alone() {
    let able = Signature::new(Sign::Likely(9), Sign::Minus);
    let [manage, fail] = [(Sign::Plus, Sign::Minus), (Sign::Minus, Sign::Plus)]
        .map(|(positive, negative)| Signature::new(positive, negative));
    let hesitate = Signature::new(Sign::Open, Sign::Plus);
    let written = |outer: Signature, inner| outer.around(inner).to_string();
    assert_eq!(written(able, manage), ".9|-");
    assert_eq!(written(able, fail), ".1|+");
    assert_eq!(written(fail, able), "-|.9");
    assert_eq!(written(able, hesitate), "o|+");
    assert_eq!(written(manage, manage), "+|-");
    assert_eq!(written(fail, fail), "+|-");
    assert_eq!(written(manage, fail), "-|+");
    assert_eq!(written(fail, hesitate), "+|o");
}

#[test]
fn signatures_are_those_of_the_literature() {
    let facts = [
        ("manage", "+|-"),
        ("remember", "+|-"),
        ("take opportunity", "+|-"),
        ("waste money", "+|-"),
        ("keep promise", "+|-"),
        ("forget", "-|+"),
        ("fail", "-|+"),
        ("miss opportunity", "-|+"),
        ("waste chance", "-|+"),
        ("break pledge", "-|+"),
        ("be compelled", "+|o"),
        ("refuse", "-|o"),
        ("attempt", "o|-"),
        ("be permitted", "o|-"),
        ("hesitate", "o|+"),
        ("forget that", "+|+"),
        ("take no time", "+|+"),
        ("pretend that", "-|-"),
        ("take vow", "o|o"),
        ("make vow", "o|o"),
        ("be forced", "+|.5"),
        ("be prevented", "-|.7"),
        ("be able", ".9|-"),
        ("have chance", ".4|-"),
    ];
    for (name, signature) in facts {
        let found = constructions().find(|construction| construction.name == name).unwrap();
        assert_eq!(found.signature.to_string(), signature, "{name}");
    }
    let names: BTreeSet<&str> = constructions().map(|construction| construction.name).collect();
    assert_eq!(names.len(), constructions().count());
    let kinds: BTreeSet<String> =
        constructions().map(|construction| construction.signature.to_string()).collect();
    assert_eq!((names.len(), kinds.len()), (91, 13));
}

/// Reads a sentence: whether it is negated, and its length but for the words of negation.
fn read(sentence: &str) -> (bool, usize) {
    let words: Vec<&str> = sentence.split(' ').collect();
    let negated = words.iter().any(|word| ["not", "n't", "never"].contains(word));
    (negated, words.iter().filter(|word| !["did", "not", "n't", "never"].contains(word)).count())
}

/// The label that truth tables give to the words of a pair.
fn from_words(pair: &Pair) -> Label {
    let chain = chain(pair);
    let written: Vec<String> = chain.iter().map(|one| one.signature.to_string()).collect();
    let (premise, hypothesis) = (read(&pair.premise), read(&pair.hypothesis));
    // Around an event there is at least one word more.
    assert_ne!(premise.1, hypothesis.1, "{pair:?}");
    let (forwards, sentence) = (premise.1 > hypothesis.1, &pair.premise);
    let sentence = if forwards { sentence } else { &pair.hypothesis };
    let some = chain[0].name.ends_with("no time") && sentence.contains(" some time to ");
    let construction = |negated| Said::Construction { negated: negated || some };
    let event = |negated| Said::Event { negated };
    if forwards {
        label(&written, construction(premise.0), event(hypothesis.0))
    } else {
        label(&written, event(premise.0), construction(hypothesis.0))
    }
}

#[test]
fn the_words_of_every_pair_have_its_label() {
    for variant in Variant::ALL {
        let splits = pairs(&of(variant));
        let mut groups = BTreeSet::new();
        for pair in all(&splits) {
            assert_eq!(pair.label, from_words(pair), "{pair:?}");
            groups.insert((&pair.group, pair.label));
        }
        assert!(groups.len() > 2 * constructions().count(), "{variant:?}");
    }
}

#[test]
fn labels_are_balanced() {
    for variant in Variant::ALL {
        let splits = pairs(&of(variant));
        for (label, name) in Label::ALL {
            let share = |pairs: &[Pair]| {
                let count = pairs.iter().filter(|pair| pair.label == label).count();
                count as f64 / pairs.len() as f64
            };
            let least = if variant == Variant::Mismatch { 0.05 } else { 0.2 };
            let (train, test) = (share(&splits.train), share(&splits.test));
            assert!(train > 0.2 && test > least, "{variant:?} {name}: {train} and {test}");
        }
    }
}

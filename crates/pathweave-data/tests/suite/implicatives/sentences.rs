//! What the sentences look like.

use std::collections::BTreeSet;

use pathweave_data::dataset::implicatives::Variant;

use super::{all, of, pairs, words};

#[test]
fn sentences_are_tokenised_and_agree() {
    let wrong = [
        "I has",
        "I was n't n't",
        "I were",
        "you has",
        "you was",
        "we has",
        "we was",
        "they has",
        "they was",
        "he have",
        "she have",
        "he were",
        "she were",
        "students has",
        "team have",
        "did was",
        "to was",
        "not not",
        "did had",
        "a opportunity",
        "an chance",
        "from to",
    ];
    for variant in Variant::ALL {
        for pair in all(&pairs(&of(variant))) {
            for sentence in [&pair.premise, &pair.hypothesis] {
                let clean = |letter: char| letter.is_ascii_alphabetic() || letter == '\'';
                let sound = sentence.split(' ').all(|w| !w.is_empty() && w.chars().all(clean));
                assert!(sound, "{sentence}");
                let padded = format!(" {sentence} ");
                let bad = wrong.iter().find(|bad| padded.contains(&format!(" {bad} ")));
                assert_eq!(bad, None, "{sentence}");
                let negations = sentence.split(' ').filter(|w| ["not", "n't", "never"].contains(w));
                assert!(negations.count() <= 1, "{sentence}");
                assert!((3..=23).contains(&sentence.split(' ').count()), "{sentence}");
            }
        }
    }
}

#[test]
fn every_tense_and_negation_is_there() {
    let splits = pairs(&of(Variant::Joint));
    let has = |part: &str| {
        let found = splits.train.iter().any(|pair| format!(" {} ", pair.premise).contains(part));
        assert!(found, "no premise has{part}");
    };
    for part in [
        " did not manage to ",
        " did n't ",
        " never managed to ",
        " has managed to ",
        " have managed to ",
        " has not ",
        " had n't ",
        " was able to ",
        " were able to ",
        " has been able to ",
        " had n't been ",
        " was never ",
        " took no time to ",
        " took some time to ",
        " had taken some time to ",
        " avoided ",
        " prevented from ",
        " saw fit to ",
        " pretended that ",
        " his promise to ",
        " missed an opportunity to ",
        " not have ",
    ] {
        has(part);
    }
}

#[test]
fn vocabulary_and_variety_are_those_of_a_small_corpus() {
    let joint = pairs(&of(Variant::Joint));
    let vocabulary: BTreeSet<String> = all(&joint).flat_map(words).collect();
    assert!((300..=1200).contains(&vocabulary.len()), "{} words", vocabulary.len());
    let premises: BTreeSet<&str> = joint.train.iter().map(|pair| &pair.premise[..]).collect();
    assert!(premises.len() > 9500, "{} premises", premises.len());
}

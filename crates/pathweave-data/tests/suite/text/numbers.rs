//! Sentences as word numbers.

use std::fs;

use pathweave_data::Streams;
use pathweave_data::text::{Label, Pair, PairSplits, Part, Texts, Vectors, Vocabulary, WordsSpec};
use proptest::prelude::*;

use super::{fault, pair};

fn splits(train: Vec<Pair>, test: Vec<Pair>) -> PairSplits {
    PairSplits { train, test, ..PairSplits::default() }
}

/// The words of a sentence, in words.
fn written(texts: &Texts, sentence: u32) -> Vec<&str> {
    let words = texts.vocabulary.words();
    texts.sentence(sentence).iter().map(|&word| words[word as usize].as_str()).collect()
}

fn small() -> WordsSpec {
    WordsSpec { width: 4, ..WordsSpec::default() }
}

#[test]
fn keywords_come_first_and_sentences_once() {
    let mut grouped = pair("The dog ran", "the Dog sat", Label::Entails, "b");
    grouped.group = "run".to_owned();
    let same = pair("the dog ran", "", Label::Permits, "a");
    let data = PairSplits {
        before: vec![same.clone()],
        validation: vec![same.clone(), same],
        ..splits(vec![grouped], vec![pair("<a>", "sat", Label::Permits, "a")])
    };
    let texts = Texts::new(&data, &["a".into(), "b".into()], &small(), None).unwrap();
    let words = ["<a>", "<b>", "the", "dog", "ran", "sat", "<a>"];
    assert_eq!(texts.vocabulary.words(), words);
    assert_eq!((texts.vocabulary.keywords(), texts.vocabulary.number("<a>")), (2, Some(6)));
    assert_eq!((texts.sentences(), texts.items(), texts.found), (5, 5, 0));
    assert_eq!(written(&texts, 1), [""; 0]);
    let ranges =
        [Part::Before, Part::Train, Part::Validation, Part::Test].map(|p| texts.items_of(p));
    assert_eq!(ranges, [0..1, 1..2, 2..4, 4..5]);
    assert_eq!([0, 1, 2, 4].map(|item| texts.pair(item)), [[0, 1], [0, 2], [0, 1], [3, 4]]);
    assert_eq!(
        (texts.groups.as_slice(), &texts.group_of[..]),
        (&["".into(), "run".into()][..], &[0, 1, 0, 0, 0][..])
    );
}

#[test]
fn case_and_length_are_settings() {
    let data = splits(vec![pair("The the  ÉTÉ was long", "the", Label::Entails, "")], vec![]);
    let words = WordsSpec { lower: false, longest: 3, ..small() };
    let texts = Texts::new(&data, &[], &words, None).unwrap();
    assert_eq!(texts.vocabulary.words(), ["The", "the", "ÉTÉ"]);
    let texts = Texts::new(&data, &[], &WordsSpec { longest: 3, ..small() }, None).unwrap();
    assert_eq!(texts.vocabulary.words(), ["the", "été"]);
    assert_eq!(texts.sentence(0), [0, 0, 1]);
    let mut vocabulary = Vocabulary::new(&[], true);
    assert!(vocabulary.is_empty());
    assert_eq!([vocabulary.add("ÀB"), vocabulary.add("àb"), vocabulary.len() as u32], [0, 0, 1]);
}

#[test]
fn drawn_vectors_depend_on_the_word_alone() {
    let vectors = |first: &str, width| {
        let data = splits(vec![pair(first, "dog", Label::Entails, "")], vec![]);
        let words = WordsSpec { width, ..WordsSpec::default() };
        let texts = Texts::new(&data, &["x".into()], &words, None).unwrap();
        texts.vector(texts.vocabulary.number("dog").unwrap()).to_vec()
    };
    let dog = vectors("a", 300);
    assert_eq!(dog, vectors("many other words", 300));
    assert_eq!(dog[..7], vectors("a", 7));
    let square: f32 = dog.iter().map(|x| x * x).sum::<f32>() / 300.0;
    assert!((square.sqrt() - 0.4).abs() < 0.06, "{square}");
    let mut again = vec![0.0; 300];
    Streams::new(0x776f_7264).stream("word-vector/dog", 0).fill_normal_ziggurat(&mut again);
    again.iter_mut().for_each(|x| *x *= 0.4);
    assert_eq!(dog, again);
}

#[test]
fn vectors_of_a_file_are_found_below_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("v.txt"), "dog 1 2\ncat 3 4\n<x> 5 6\n").unwrap();
    let data = splits(vec![pair("Dog", "<y> bird", Label::Entails, "")], vec![]);
    let words = WordsSpec {
        vectors: Vectors::File,
        file: "v.txt".into(),
        width: 2,
        ..WordsSpec::default()
    };
    let texts = Texts::new(&data, &["x".into()], &words, Some(folder.path())).unwrap();
    assert_eq!((texts.vector(1), texts.found), (&[1.0, 2.0][..], 1));
    // A keyword is no word of the file.
    assert_ne!(texts.vector(0), [5.0, 6.0]);
    fault(Texts::new(&data, &[], &words, None), "name their folder");
    let narrow = WordsSpec { width: 3, ..words.clone() };
    fault(Texts::new(&data, &[], &narrow, Some(folder.path())), "line 1: found a vector of 2");
    let none = WordsSpec { file: "w.txt".into(), ..words };
    fault(Texts::new(&data, &[], &none, Some(folder.path())), "w.txt: cannot be read");
    let unset = WordsSpec { file: String::new(), width: 0, ..none };
    assert_eq!(unset.faults().len(), 2);
    fault(Texts::new(&data, &[], &unset, Some(folder.path())), "words.width: found 0");
}

#[test]
fn no_pairs_are_no_sentences() {
    let texts = Texts::new(&PairSplits::default(), &[], &small(), None).unwrap();
    assert_eq!((texts.items(), texts.sentences(), texts.vectors.len()), (0, 0, 0));
    assert_eq!(texts.items_of(Part::Test), 0..0);
}

proptest! {
    #[test]
    fn sentences_come_back_word_for_word(
        rows in proptest::collection::vec(("( ?[a-cA-C]){0,4}", "( ?[a-zé]){0,9}"), 0..30),
        lower: bool, longest in 0..5_usize, cut in 0..30_usize,
    ) {
        let mut train: Vec<Pair> =
            rows.iter().map(|(p, h)| pair(p, h, Label::Entails, "")).collect();
        let test = train.split_off(cut.min(train.len()));
        let data = splits(train, test);
        let words = WordsSpec { lower, longest, ..small() };
        let texts = Texts::new(&data, &["k".into()], &words, None).unwrap();
        let expected = |text: &str| -> Vec<String> {
            let text = if lower { text.to_lowercase() } else { text.to_owned() };
            let most = if longest == 0 { usize::MAX } else { longest };
            text.split(' ').filter(|w| !w.is_empty()).take(most).map(str::to_owned).collect()
        };
        prop_assert_eq!(texts.items(), rows.len());
        for (item, (premise, hypothesis)) in (0..).zip(&rows) {
            let [p, h] = texts.pair(item);
            prop_assert_eq!(written(&texts, p), expected(premise));
            prop_assert_eq!(written(&texts, h), expected(hypothesis));
        }
        let mut all: Vec<&[u32]> =
            (0..texts.sentences() as u32).map(|number| texts.sentence(number)).collect();
        all.sort_unstable();
        all.dedup();
        prop_assert_eq!(all.len(), texts.sentences());
        prop_assert_eq!(texts.vectors.len(), texts.vocabulary.len() * 4);
    }
}

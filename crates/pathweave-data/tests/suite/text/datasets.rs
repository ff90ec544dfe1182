//! The data sets of sentence pairs on small files.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use pathweave_data::DataErrors;
use pathweave_data::dataset::implicatives::Variant;
use pathweave_data::dataset::{MultiNliSpec, NliTsvSpec, SciCorpus, SciSpec, SnliSpec, Tokens};
use pathweave_data::text::{Pair, PairSplits, WordsSpec};
use proptest::prelude::*;

use super::{fault, json_line, parquet};
use crate::files::gzip;

/// MultiNLI with `train` pairs, three to a premise, and four to test.
fn multi_nli(folder: &Path, train: usize) {
    fs::create_dir_all(folder.join("multinli")).unwrap();
    let line = |at: usize| {
        json_line(&format!("Premise {}.", at / 3), &format!("It's {at}."), "neutral", "slate")
    };
    let lines = |count| (0..count).map(line).collect::<Vec<_>>().join("\n");
    let file = |name: &str| folder.join("multinli").join(name);
    fs::write(file("multinli_1.0_train.jsonl.gz"), gzip(lines(train).as_bytes())).unwrap();
    let dev = format!("{}\n{}", lines(4), json_line("a", "b", "-", "slate"));
    fs::write(file("multinli_1.0_dev_matched.jsonl"), dev).unwrap();
}

fn premises_in(pairs: &[Pair]) -> HashSet<&str> {
    pairs.iter().map(|pair| pair.premise.as_str()).collect()
}

#[test]
fn multi_nli_is_read_from_json_lines() {
    let folder = tempfile::tempdir().unwrap();
    multi_nli(folder.path(), 60);
    let spec = MultiNliSpec { validation: 9, train: Some(20), test: Some(2), ..Default::default() };
    let found = spec.pairs(folder.path()).unwrap();
    assert_eq!((found.train.len(), found.validation.len(), found.test.len()), (20, 9, 2));
    assert!(premises_in(&found.train).is_disjoint(&premises_in(&found.validation)));
    assert_eq!(premises_in(&found.validation).len(), 3);
    assert_eq!(found.test[0].context, "slate");
    assert!(found.test[0].premise.ends_with(" .") && found.test[0].hypothesis.starts_with("It 's"));
    assert!(found.notes[0].ends_with("1 rows without a label left out"), "{:?}", found.notes);
    assert!(found.source.contains("MultiNLI"));
    assert_eq!(spec.pairs(folder.path()).unwrap(), found);
    let other = MultiNliSpec { seed: 1, ..spec.clone() }.pairs(folder.path()).unwrap();
    assert_ne!(other.validation, found.validation);
    let all = MultiNliSpec { validation: 60, ..spec.clone() };
    fault(all.pairs(folder.path()), "validation: found 60, allowed few enough of the 60 samples");
    let one = MultiNliSpec { validation: 1, ..spec };
    fault(one.pairs(folder.path()), "validation: found 1");
}

#[test]
fn the_hub_s_files_do_as_well() {
    let folder = tempfile::tempdir().unwrap();
    for (below, splits) in [
        ("multinli", &["train", "validation_matched", "validation_mismatched"][..]),
        ("snli/plain_text", &["train", "validation", "test"]),
    ] {
        fs::create_dir_all(folder.path().join(below)).unwrap();
        for (shard, split) in splits.iter().flat_map(|split| (0..2).map(move |n| (n, split))) {
            let file = format!("{below}/{split}-0000{shard}-of-00002.parquet");
            let premise = format!("{split} {shard}");
            let rows = [(Some(premise.as_str()), "b", 2, "slate"), (Some("x"), "c", 0, "slate")];
            parquet(&folder.path().join(file), &rows);
        }
    }
    let spec = MultiNliSpec { validation: 1, ..Default::default() };
    let found = spec.pairs(folder.path()).unwrap();
    assert_eq!((found.train.len(), found.validation.len(), found.test.len()), (3, 1, 4));
    assert_eq!(found.test[2].premise, "validation_matched 1");
    let found = SnliSpec::default().pairs(folder.path()).unwrap();
    assert_eq!((found.train.len(), found.validation.len(), found.test.len()), (4, 4, 4));
    assert_eq!(found.validation[0].premise, "validation 0");
}

#[test]
fn missing_files_are_named_together() {
    let folder = tempfile::tempdir().unwrap();
    let errors = MultiNliSpec::default().pairs(folder.path()).unwrap_err();
    assert_eq!(errors.as_slice().len(), 2);
    fault(
        Err::<(), _>(errors),
        "multinli/multinli_1.0_train.jsonl, multinli/multinli_1.0_train.jsonl.gz",
    );
    assert_eq!(SnliSpec::default().pairs(folder.path()).unwrap_err().as_slice().len(), 3);
    fault(SciSpec::default().pairs(folder.path()), "looked for sci/joint.test.tsv");
}

#[test]
fn settings_that_cannot_be_met_are_named_together() {
    let words = WordsSpec { width: 0, ..WordsSpec::default() };
    let spec =
        NliTsvSpec { label: String::new(), test: 0, bad_share: 2.0, words, ..Default::default() };
    let keys: Vec<&str> = spec.faults().iter().map(|fault| fault.0).collect();
    assert_eq!(keys, ["words.width", "test", "bad_share", "file", "label"]);
    assert_eq!(spec.pairs(Path::new("x")).unwrap_err().as_slice().len(), 5);
}

/// A file of `implicatives`: rows of premise, hypothesis, label.
fn sci(folder: &Path, name: &str, rows: &[(&str, &str, &str)]) {
    fs::create_dir_all(folder.join("implicatives")).unwrap();
    let mut text = "premise\thypothesis\tlabel\tsignature\tconstruction\n".to_owned();
    for (premise, hypothesis, label) in rows {
        text += &format!("{premise}\t{hypothesis}\t{label}\t+|-\tmanage\n");
    }
    fs::write(folder.join("implicatives").join(name), gzip(text.as_bytes())).unwrap();
}

fn premises_of(splits: &PairSplits) -> [Vec<&str>; 4] {
    let parts = [&splits.before, &splits.train, &splits.validation, &splits.test];
    parts.map(|part| part.iter().map(|pair| pair.premise.as_str()).collect())
}

#[test]
fn implicatives_are_cleaned() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let (yes, no) = ("entails", "contradicts");
    sci(
        path,
        "joint.train.tsv.gz",
        &[
            ("a", "x", yes),
            ("b", "b", yes),
            ("c", "x", yes),
            ("c", "x", no),
            ("d", "x", yes),
            ("e", "x", yes),
            ("f", "x", yes),
            ("a", "x", yes),
        ],
    );
    sci(path, "joint.val.tsv.gz", &[("e", "x", yes), ("g", "x", yes), ("h", "x", yes)]);
    sci(
        path,
        "joint.test.tsv.gz",
        &[("d", "x", yes), ("h", "x", yes), ("f", "x", no), ("it's  i", "x", no)],
    );
    sci(path, "disjoint.train.tsv.gz", &[("k", "k", yes), ("d", "x", yes), ("a", "x", yes)]);
    let spec = SciSpec {
        corpus: SciCorpus::Phrasal2017,
        before: Some(Variant::Disjoint),
        ..Default::default()
    };
    let found = spec.pairs(path).unwrap();
    assert_eq!(
        premises_of(&found),
        [vec!["a"], vec!["a", "a"], vec!["e", "g"], vec!["d", "h", "it's i"]]
    );
    assert_eq!(
        found.notes,
        [
            "2 pairs whose hypothesis is the premise left out",
            "4 pairs with two labels left out",
            "4 pairs of two splits left out of the one for training",
        ]
    );
    assert_eq!((found.test[0].context.as_str(), found.test[0].group.as_str()), ("+|-", "manage"));
    assert!(found.source.contains("2017") && found.source.ends_with("joint after disjoint"));
    let all = SciSpec { identical: true, ..spec.clone() }.pairs(path).unwrap();
    assert_eq!(premises_of(&all)[..2], [vec!["k", "a"], vec!["a", "b", "a"]]);
    let few = SciSpec { train: Some(1), test: Some(1), ..spec.clone() }.pairs(path).unwrap();
    assert_eq!((few.train.len(), few.validation.len(), few.test.len()), (1, 1, 1));
    sci(path, "joint.test.tsv.gz", &[("d", "d", yes)]);
    fault(spec.pairs(path), "found 0 of test samples that may stay");
}

#[test]
fn the_forerunner_has_two_variants_and_its_own_folder() {
    let folder = tempfile::tempdir().unwrap();
    sci(folder.path(), "joint.train.tsv.gz", &[("a", "b", "entails")]);
    // Its files are never taken for the released corpus.
    assert_eq!(SciSpec::default().pairs(folder.path()).unwrap_err().as_slice().len(), 3);
    let spec = SciSpec {
        corpus: SciCorpus::Phrasal2017,
        variant: Variant::Nested,
        before: Some(Variant::Mismatch),
        ..Default::default()
    };
    let errors: DataErrors = spec.pairs(folder.path()).unwrap_err();
    assert_eq!(errors.as_slice().len(), 2);
    fault(
        Err::<(), _>(errors),
        "variant: found nested, allowed joint or disjoint with corpus phrasal-2017",
    );
    let text = toml::to_string(&spec).unwrap();
    assert!(text.contains("corpus = \"phrasal-2017\"") && text.contains("before = \"mismatch\""));
    assert_eq!(toml::from_str::<SciSpec>(&text).unwrap(), spec);
}

proptest! {
    #[test]
    fn splits_of_a_file_share_no_premise(
        premises in proptest::collection::vec(0..12_u8, 8..60),
        validation in 1..5_usize, test in 1..5_usize, seed: u64,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut text = "p\th\tl\n".to_owned();
        premises.iter().enumerate().for_each(|(at, p)| text += &format!("p.{p}\t{at}\tneutral\n"));
        fs::write(folder.path().join("x.tsv"), text).unwrap();
        let spec = NliTsvSpec {
            file: "x.tsv".into(), premise: "p".into(), hypothesis: "h".into(), label: "l".into(),
            tokens: Tokens::Given, validation, test, seed, ..Default::default()
        };
        let Ok(found) = spec.pairs(folder.path()) else {
            return Ok(());
        };
        prop_assert!(found.validation.len() <= validation && found.test.len() <= test);
        let parts = [&found.train, &found.validation, &found.test];
        prop_assert_eq!(parts.iter().map(|part| part.len()).sum::<usize>(), premises.len());
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            prop_assert!(premises_in(parts[a]).is_disjoint(&premises_in(parts[b])));
        }
    }
}

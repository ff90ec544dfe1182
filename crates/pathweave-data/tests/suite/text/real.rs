//! Real files, where `PATHWEAVE_DATA` names a folder that has them.

use std::collections::BTreeSet;

use pathweave_data::dataset::implicatives::Variant;
use pathweave_data::dataset::{NliTsvSpec, SciCorpus, SciSpec};
use pathweave_data::text::{Pair, PairSplits, Texts, Vectors, WordsSpec};

use crate::real_data::folder;

fn all(splits: &PairSplits) -> impl Iterator<Item = &Pair> {
    splits.train.iter().chain(&splits.validation).chain(&splits.test)
}

fn contexts(splits: &PairSplits) -> Vec<String> {
    let names: BTreeSet<&String> = all(splits).map(|pair| &pair.context).collect();
    names.into_iter().cloned().collect()
}

fn vectors() -> WordsSpec {
    let file = "glove/glove.6B.100d.subset.txt.gz".to_owned();
    WordsSpec { vectors: Vectors::File, file, width: 100, ..WordsSpec::default() }
}

/// Numbers the words and prints what there is; the share of words that have a vector.
fn share_found(splits: &PairSplits, folder: &std::path::Path) -> f64 {
    let contexts = contexts(splits);
    let texts = Texts::new(splits, &contexts, &vectors(), Some(folder)).unwrap();
    let words = texts.vocabulary.len() - texts.vocabulary.keywords();
    let sizes = [&splits.before, &splits.train, &splits.validation, &splits.test].map(Vec::len);
    println!(
        "{}: {sizes:?} pairs, {} sentences, {words} words, {} with vectors, {} contexts {contexts:?}, \
         notes {:?}",
        splits.source,
        texts.sentences(),
        texts.found,
        contexts.len(),
        splits.notes,
    );
    texts.found as f64 / words as f64
}

#[test]
fn pairs_in_columns_are_read() {
    let Some(folder) = folder("nli") else {
        return;
    };
    let spec = |file: &str, group: &str, two_way| NliTsvSpec {
        file: format!("nli/{file}.tsv.gz"),
        context: "meta".to_owned(),
        group: group.to_owned(),
        two_way,
        ..NliTsvSpec::default()
    };
    for (spec, pairs, tasks, least) in [
        (spec("mnli_taxinli_genre", "", false), 10_071, 10, 0.8),
        (spec("imppres_presupposition", "trigger_env", false), 17_100, 9, 0.8),
        (spec("hans_generated_seed0", "subcase", true), 30_000, 3, 0.8),
        (spec("verb_veridicality", "verb", false), 2_996, 8, 0.8),
    ] {
        let found = spec.pairs(&folder).unwrap();
        assert_eq!(all(&found).count(), pairs, "{}", found.source);
        assert_eq!(contexts(&found).len(), tasks, "{}", found.source);
        assert!(found.notes.is_empty(), "{:?}", found.notes);
        assert!((490..=500).contains(&found.test.len()), "{}", found.test.len());
        assert!(share_found(&found, &folder) > least, "{}", found.source);
    }
}

#[test]
fn the_forerunner_of_the_implicatives_is_read() {
    let Some(folder) = folder("implicatives") else {
        return;
    };
    for (variant, rows) in [(Variant::Joint, 69_992), (Variant::Disjoint, 69_992)] {
        let spec = SciSpec { corpus: SciCorpus::Phrasal2017, variant, ..SciSpec::default() };
        let found = spec.pairs(&folder).unwrap();
        assert!(all(&found).all(|pair| pair.premise != pair.hypothesis));
        let kept = SciSpec { identical: true, ..spec }.pairs(&folder).unwrap();
        assert!((rows - 400..rows).contains(&all(&kept).count()), "{}", all(&kept).count());
        assert_eq!(contexts(&found).len(), 9);
        assert!(share_found(&found, &folder) > 0.9);
    }
}

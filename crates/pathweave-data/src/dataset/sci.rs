//! The Stanford Corpus of Implicatives and its forerunner, the phrasal implicatives of 2017 (T 5.3):
//! one task for each signature.
//!
//! # Deviations
//! - The released corpus could not be had when this was written. Its files are taken to have the
//!   forerunner's columns (premise, hypothesis, label, signature, construction) and the names
//!   `<variant>.train.tsv`, `.val.tsv` and `.test.tsv`.
//! - The forerunner's sentences are words with spaces between them but for some marks and genitives
//!   ("powerful,", "world's"), which stay in one word as the corpus has them unless `tokens` is
//!   "split".
//! - A third of the forerunner's pairs has a hypothesis equal to its premise. They are left out unless
//!   `identical` is set.
//! - Pairs that occur with two labels are left out, wherever they occur.
//! - Pairs that occur in two splits stay in only one: test before validation before training.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::implicatives::Variant;
use super::pairs::{self, Fault, Tokens};
use super::{DatasetInfo, Loader};
use crate::error::{DataError, DataErrors, Faults};
use crate::format::nli_tsv::{self, Columns};
use crate::source::Places;
use crate::streams::Streams;
use crate::text::{Label, Pair, PairSplits, WordsSpec};

const NAME: &str = "sci";

/// Which corpus. They lie in different folders, so that one is never taken for the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SciCorpus {
    /// The Stanford Corpus of Implicatives, in `sci/`
    #[default]
    #[serde(rename = "released")]
    Released,
    /// The phrasal implicatives of 2017, in `implicatives/`: joint and disjoint
    #[serde(rename = "phrasal-2017")]
    Phrasal2017,
}

/// Settings of `sci`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SciSpec {
    /// Seed of the choice of samples where they are capped
    pub seed: u64,
    /// Which corpus
    pub corpus: SciCorpus,
    /// Which version of it
    pub variant: Variant,
    /// The version whose training samples come before the training proper (T 5.3.3: joint before
    /// nested); none by default
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Variant>,
    /// How sentences become words; as the corpus has them by default
    pub tokens: Tokens,
    /// Keeps pairs whose hypothesis is the premise
    pub identical: bool,
    /// Cap on the training samples, for reduced scales; none by default
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train: Option<usize>,
    /// Cap on the validation and on the test samples, for reduced scales; none by default
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<usize>,
    /// Share of a file's rows that may be bad
    pub bad_share: f64,
    /// Words and their vectors
    pub words: WordsSpec,
}

impl Default for SciSpec {
    fn default() -> Self {
        Self {
            seed: 0,
            corpus: SciCorpus::default(),
            variant: Variant::default(),
            before: None,
            tokens: Tokens::Given,
            identical: false,
            train: None,
            test: None,
            bad_share: 0.01,
            words: WordsSpec::default(),
        }
    }
}

impl SciSpec {
    /// The row of the data set.
    pub const INFO: DatasetInfo = DatasetInfo {
        name: NAME,
        what: "implicatives: sentence pairs, three answers, one task for each signature",
        source: "T 5.3",
        files: &[
            "sci/{joint,disjoint,mismatch,nested}.{train,val,test}.tsv[.gz] (released)",
            "implicatives/{joint,disjoint}.{train,val,test}.tsv[.gz] (phrasal-2017)",
        ],
        licence: "the user's own copy of the corpus",
        loader: Loader::Files,
    };

    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<Fault> {
        let caps = [("train", self.train), ("test", self.test)];
        let mut faults = pairs::common(caps, self.bad_share, &self.words);
        let has = |variant| matches!(variant, Variant::Joint | Variant::Disjoint);
        for (key, variant) in [("variant", Some(self.variant)), ("before", self.before)] {
            let missing = variant.filter(|&v| self.corpus == SciCorpus::Phrasal2017 && !has(v));
            if let Some(variant) = missing {
                let allowed = "joint or disjoint with corpus phrasal-2017";
                faults.push((key, variant.name().to_owned(), allowed));
            }
        }
        faults
    }

    /// Reads the pairs below `folder`; contexts are signatures, groups are constructions.
    ///
    /// # Errors
    /// Faults of the settings or the files; nothing left for training or testing.
    pub fn pairs(&self, folder: &Path) -> Result<PairSplits, DataErrors> {
        pairs::check(NAME, self.faults())?;
        let mut notes = Vec::new();
        let mut faults = Faults::default();
        let mut read = |variant: Variant, split: &str| {
            faults.take(self.read(folder, variant, split, &mut notes)).unwrap_or_default()
        };
        // The order in which a pair of two splits finds its place.
        let mut parts = [
            read(self.variant, "test"),
            read(self.variant, "val"),
            read(self.variant, "train"),
            self.before.map(|variant| read(variant, "train")).unwrap_or_default(),
        ];
        faults.finish()?;
        if !self.identical {
            let left = remove(&mut parts, |pair| pair.premise == pair.hypothesis);
            note(&mut notes, left, "pairs whose hypothesis is the premise left out");
        }
        let labels = labels(&parts);
        let left = remove(&mut parts, |pair| labels[&key(pair)].is_none());
        note(&mut notes, left, "pairs with two labels left out");
        let left = separate(&mut parts);
        note(&mut notes, left, "pairs of two splits left out of the one for training");

        for (part, split) in parts.iter().zip(["test", "val", "train"]) {
            if part.is_empty() && split != "val" {
                return Err(DataErrors::from(DataError::TooFew {
                    dataset: NAME.to_owned(),
                    what: format!("{split} samples that may stay"),
                    found: 0,
                    needed: 1,
                }));
            }
        }
        let [mut test, mut validation, mut train, before] = parts;
        let streams = Streams::new(self.seed);
        pairs::cap(&mut train, self.train, &streams, "train-pairs");
        pairs::cap(&mut validation, self.test, &streams, "validation-pairs");
        pairs::cap(&mut test, self.test, &streams, "test-pairs");
        Ok(PairSplits { source: self.source(), before, train, validation, test, notes })
    }

    fn read(
        &self,
        folder: &Path,
        variant: Variant,
        split: &str,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Pair>, DataErrors> {
        let (below, what) = match self.corpus {
            SciCorpus::Released => ("sci", "Stanford Corpus of Implicatives"),
            SciCorpus::Phrasal2017 => ("implicatives", "phrasal implicatives"),
        };
        let places = Places { folder, below: &[below] };
        let name = format!("{}.{split}.tsv", variant.name());
        let names = [name.clone(), format!("{name}.gz")];
        let file = places.file(&names).ok_or_else(|| places.missing(what, &names))?;
        let columns = Columns {
            premise: "premise",
            hypothesis: "hypothesis",
            label: "label",
            context: "signature",
            group: "construction",
        };
        let mut pairs = pairs::read(&[file], notes, |file| {
            nli_tsv::read(file, &columns, false, self.bad_share)
        })?;
        self.tokens.apply(&mut pairs);
        Ok(pairs)
    }

    fn source(&self) -> String {
        let corpus = match self.corpus {
            SciCorpus::Released => "Stanford Corpus of Implicatives (released)",
            SciCorpus::Phrasal2017 => "phrasal implicatives of 2017 (forerunner)",
        };
        let before = self.before.map(|v| format!(" after {}", v.name())).unwrap_or_default();
        format!("{corpus}, {}{before}", self.variant.name())
    }
}

type Key = (String, String);

fn key(pair: &Pair) -> Key {
    (pair.premise.clone(), pair.hypothesis.clone())
}

/// The label of each pair of sentences; none where it has two.
fn labels(parts: &[Vec<Pair>]) -> HashMap<Key, Option<Label>> {
    let mut labels = HashMap::new();
    for pair in parts.iter().flatten() {
        let label = labels.entry(key(pair)).or_insert(Some(pair.label));
        *label = label.filter(|&label| label == pair.label);
    }
    labels
}

/// Removes pairs from all parts and counts them.
fn remove(parts: &mut [Vec<Pair>], wrong: impl Fn(&Pair) -> bool) -> usize {
    let mut removed = 0;
    for part in parts {
        let before = part.len();
        part.retain(|pair| !wrong(pair));
        removed += before - part.len();
    }
    removed
}

/// Removes from each of the splits what is in one before it; the last two, both for training, may
/// have pairs in common.
fn separate(parts: &mut [Vec<Pair>; 4]) -> usize {
    let mut taken: HashSet<Key> = parts[0].iter().map(key).collect();
    let mut removed = remove(&mut parts[1..2], |pair| taken.contains(&key(pair)));
    taken.extend(parts[1].iter().map(key));
    removed += remove(&mut parts[2..], |pair| taken.contains(&key(pair)));
    removed
}

fn note(notes: &mut Vec<String>, count: usize, what: &str) {
    if count > 0 {
        notes.push(format!("{count} {what}"));
    }
}

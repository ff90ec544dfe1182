//! What the data sets of sentence pairs share: reading several files, words, subsets.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::{DataError, DataErrors, Faults};
use crate::format::{PairFile, nli_jsonl, nli_parquet};
use crate::source::Places;
use crate::streams::Streams;
use crate::text::{Pair, respace, tokenise};

/// What is wrong with a setting: (key, found, allowed).
pub(crate) type Fault = (&'static str, String, &'static str);

/// How the sentences of a file become words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Tokens {
    /// Raw sentences are split into words ([`tokenise`]); words with spaces between them stay
    #[default]
    Split,
    /// Words are what stands between spaces, as the corpus has it
    Given,
}

impl Tokens {
    /// Splits the sentences of all pairs.
    pub(crate) fn apply(self, pairs: &mut [Pair]) {
        let words = match self {
            Self::Split => tokenise,
            Self::Given => respace,
        };
        pairs.par_iter_mut().for_each(|pair| {
            pair.premise = words(&pair.premise);
            pair.hypothesis = words(&pair.hypothesis);
        });
    }
}

/// The faults as errors of the data set.
pub(crate) fn check(dataset: &str, faults: Vec<Fault>) -> Result<(), DataErrors> {
    let mut all = Faults::default();
    for (field, found, allowed) in faults {
        let (dataset, allowed) = (dataset.to_owned(), allowed.to_owned());
        all.push(DataError::Setting { dataset, field, found, allowed });
    }
    all.finish()
}

/// Faults of settings that several data sets have: a cap that is 0, a share of bad rows that is none.
pub(crate) fn common(
    caps: [(&'static str, Option<usize>); 2],
    bad_share: f64,
    words: &crate::text::WordsSpec,
) -> Vec<Fault> {
    let mut faults = words.faults();
    for (key, _) in caps.into_iter().filter(|(_, cap)| *cap == Some(0)) {
        faults.push((key, "0".to_owned(), "1 or more"));
    }
    if !(0.0..=1.0).contains(&bad_share) {
        faults.push(("bad_share", bad_share.to_string(), "0 to 1"));
    }
    faults
}

/// The files of a split: a file of JSON lines, or Parquet files whose names begin with `shards`.
fn find(places: &Places, what: &str, lines: &str, shards: &str) -> Result<Vec<PathBuf>, DataError> {
    let names = [lines.to_owned(), format!("{lines}.gz")];
    if let Some(file) = places.file(&names) {
        return Ok(vec![file]);
    }
    let found = places.shards(shards)?;
    if found.is_empty() {
        let [plain, zipped] = names;
        return Err(places.missing(what, &[plain, zipped, format!("{shards}*.parquet")]));
    }
    Ok(found)
}

/// Reads files one after another into one list, and says what was left out.
pub(crate) fn read(
    files: &[PathBuf],
    notes: &mut Vec<String>,
    reader: impl Fn(&Path) -> Result<PairFile, DataError>,
) -> Result<Vec<Pair>, DataErrors> {
    let (mut faults, mut pairs) = (Faults::default(), Vec::new());
    for file in files {
        if let Some(found) = faults.take(reader(file)) {
            notes.extend(found.notes(file));
            if pairs.is_empty() {
                pairs = found.pairs;
            } else {
                pairs.extend(found.pairs);
            }
        }
    }
    faults.finish().map(|()| pairs)
}

/// A split of an inference corpus in either of [`find`]'s two kinds of files, its sentences split
/// into words.
///
/// # Errors
/// No file, or its faults; more bad rows than `bad_share` of them.
pub(crate) fn split(
    places: &Places,
    (what, lines, shards): (&str, &str, &str),
    bad_share: f64,
    notes: &mut Vec<String>,
) -> Result<Vec<Pair>, DataErrors> {
    let files = find(places, what, lines, shards)?;
    let is_parquet = |file: &Path| file.extension().is_some_and(|ending| ending == "parquet");
    let mut pairs = read(&files, notes, |file| match is_parquet(file) {
        true => nli_parquet::read(file, bad_share),
        false => nli_jsonl::read(file, bad_share),
    })?;
    Tokens::Split.apply(&mut pairs);
    Ok(pairs)
}

/// At most `cap` of the pairs, chosen at random, in their order.
pub(crate) fn cap(pairs: &mut Vec<Pair>, cap: Option<usize>, streams: &Streams, name: &str) {
    let Some(cap) = cap.filter(|&cap| cap < pairs.len()) else {
        return;
    };
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    streams.stream(name, 0).shuffle(&mut order);
    let mut kept = vec![false; pairs.len()];
    order[..cap].iter().for_each(|&at| kept[at] = true);
    let mut kept = kept.into_iter();
    pairs.retain(|_| kept.next() == Some(true));
}

/// Moves `count` random pairs from `pairs` to the result, both in their order. All pairs of a premise
/// go together, so that no premise is on both sides: up to the pairs of one premise fewer are moved.
/// `name` is that of the setting and of the random stream.
///
/// # Errors
/// No pair could be moved, or none would be left.
pub(crate) fn hold_out(
    dataset: &str,
    pairs: &mut Vec<Pair>,
    count: usize,
    streams: &Streams,
    name: &'static str,
) -> Result<Vec<Pair>, DataErrors> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut sizes: Vec<usize> = Vec::new();
    let mut premise_of = Vec::with_capacity(pairs.len());
    for pair in pairs.iter() {
        let premise = *numbers.entry(&pair.premise).or_insert_with(|| {
            sizes.push(0);
            sizes.len() - 1
        });
        sizes[premise] += 1;
        premise_of.push(premise);
    }
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    streams.stream(name, 0).shuffle(&mut order);
    let (mut left, mut held) = (count, vec![false; sizes.len()]);
    for premise in order {
        if sizes[premise] <= left {
            left -= sizes[premise];
            held[premise] = true;
        }
        if left == 0 {
            break;
        }
    }
    let found = pairs.len();
    let mut premise_of = premise_of.into_iter();
    let moved: Vec<Pair> =
        pairs.extract_if(.., |_| premise_of.next().is_some_and(|premise| held[premise])).collect();
    if moved.is_empty() || pairs.is_empty() {
        let allowed = format!("few enough of the {found} samples that some are left to train on");
        let (dataset, found) = (dataset.to_owned(), count.to_string());
        return Err(DataError::Setting { dataset, field: name, found, allowed }.into());
    }
    Ok(moved)
}

//! JSON lines as MultiNLI and SNLI are distributed (<https://cims.nyu.edu/~sbowman/multinli/>): an
//! object a line with `sentence1` (the premise), `sentence2`, `gold_label` and, in MultiNLI, `genre`.
//! Other fields, the parses among them, are not read.

use std::borrow::Cow;
use std::path::Path;

use serde::Deserialize;

use super::lines::Lines;
use super::pair_file::{Answer, PairFile, answer, unknown};
use crate::error::DataError;
use crate::text::Pair;

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    sentence1: Cow<'a, str>,
    #[serde(borrow)]
    sentence2: Cow<'a, str>,
    #[serde(borrow)]
    gold_label: Cow<'a, str>,
    #[serde(borrow, default)]
    genre: Option<Cow<'a, str>>,
}

/// Reads a file, gzip or plain. The genre becomes the context.
///
/// A line that is no such object is bad; empty lines are passed over.
///
/// # Errors
/// Unreadable, not UTF-8, a label that is none of the three nor "-", more bad rows than
/// `bad_share`, no pair.
pub fn read(file: &Path, bad_share: f64) -> Result<PairFile, DataError> {
    let mut found = PairFile::default();
    let mut lines = Lines::open(file)?;
    while let Some((number, line)) = lines.text()? {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let row: Row = match serde_json::from_str(line) {
            Ok(row) => row,
            Err(error) => {
                let words = error.to_string();
                // Its "line 1" is not the file's.
                let what = words.split(" at line ").next().unwrap_or_default();
                found.bad.push((number, what.to_owned()));
                continue;
            }
        };
        match answer(&row.gold_label, false) {
            Answer::Label(label) => found.pairs.push(Pair {
                premise: row.sentence1.into_owned(),
                hypothesis: row.sentence2.into_owned(),
                label,
                context: row.genre.map(Cow::into_owned).unwrap_or_default(),
                group: String::new(),
            }),
            Answer::None => found.unlabelled += 1,
            Answer::Unknown => return Err(unknown(file, number, &row.gold_label, false)),
        }
    }
    found.finish(file, bad_share)
}

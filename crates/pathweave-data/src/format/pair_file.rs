//! What a file of sentence pairs gives: pairs, and what was left out of it.

use std::path::Path;

use crate::error::DataError;
use crate::text::{Label, Pair};

/// Rows that a note or a fault names; the others are only counted.
const NAMED: usize = 10;

/// The sentence pairs of a file, as it writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairFile {
    /// The pairs, in the file's order
    pub pairs: Vec<Pair>,
    /// Rows without a label ("-", −1), which are left out
    pub unlabelled: usize,
    /// Rows that cannot be read, which are left out: line (of Parquet: row, from 0) and what is wrong
    pub bad: Vec<(usize, String)>,
}

impl PairFile {
    /// What was left out, one line each, for people.
    pub fn notes(&self, file: &Path) -> Vec<String> {
        let mut notes = Vec::new();
        if self.unlabelled > 0 {
            let count = self.unlabelled;
            notes.push(format!("{}: {count} rows without a label left out", file.display()));
        }
        if !self.bad.is_empty() {
            notes.push(format!("{}: {} left out", file.display(), self.bad_rows()));
        }
        notes
    }

    /// A fault if more than `share` of the rows are bad, or there is no pair.
    pub(crate) fn finish(self, file: &Path, share: f64) -> Result<Self, DataError> {
        let rows = self.pairs.len() + self.unlabelled + self.bad.len();
        if self.bad.len() as f64 > share * rows as f64 {
            return Err(DataError::BadRows {
                file: file.to_path_buf(),
                found: format!("{} of {rows}", self.bad_rows()),
                allowed: format!("at most {} %", share * 100.0),
            });
        }
        if self.pairs.is_empty() {
            return Err(DataError::Empty { file: file.to_path_buf() });
        }
        Ok(self)
    }

    fn bad_rows(&self) -> String {
        let named = self.bad.iter().take(NAMED).map(|(line, what)| format!("line {line}: {what}"));
        let named: Vec<String> = named.collect();
        let more = if self.bad.len() > NAMED { "; …" } else { "" };
        format!("{} bad rows ({}{more})", self.bad.len(), named.join("; "))
    }
}

/// What a label says.
pub(crate) enum Answer {
    Label(Label),
    /// The annotators did not agree
    None,
    Unknown,
}

/// Labels in the words of all corpora, which differ in case only within one.
///
/// "non-entailment" is both other labels in one, and `two_way` says to take it as permits.
pub(crate) fn answer(found: &str, two_way: bool) -> Answer {
    let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(found));
    if is(&["entailment", "entails"]) {
        Answer::Label(Label::Entails)
    } else if is(&["contradiction", "contradicts"]) {
        Answer::Label(Label::Contradicts)
    } else if is(&["neutral", "permits"])
        || two_way && is(&["non-entailment", "non_entailment", "not-entailment", "not_entailment"])
    {
        Answer::Label(Label::Permits)
    } else if is(&["-", ""]) {
        Answer::None
    } else {
        Answer::Unknown
    }
}

/// The fault of a label that is none.
pub(crate) fn unknown(file: &Path, line: usize, found: &str, two_way: bool) -> DataError {
    let all = "entailment or entails, contradiction or contradicts, neutral or permits, - for none";
    let more = if two_way { ", non-entailment" } else { "; non-entailment with two_way = true" };
    DataError::Line {
        file: file.to_path_buf(),
        line,
        found: format!("the label {found:?}"),
        allowed: format!("{all}{more}"),
    }
}

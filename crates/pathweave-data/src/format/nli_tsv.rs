//! Sentence pairs in columns with tabs between them and a header line; no quotes, no escapes.

use std::path::Path;

use super::lines::Lines;
use super::pair_file::{Answer, PairFile, answer, unknown};
use crate::error::DataError;
use crate::text::Pair;

/// Which columns are read, by name.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// The premise
    pub premise: &'a str,
    /// The hypothesis
    pub hypothesis: &'a str,
    /// The label
    pub label: &'a str,
    /// What becomes the task; empty for none
    pub context: &'a str,
    /// The finer group; empty for none
    pub group: &'a str,
}

/// Reads a file, gzip or plain. `two_way` takes "non-entailment" as permits.
///
/// A row with another number of columns than the header is bad; empty lines are passed over.
///
/// # Errors
/// Unreadable, not UTF-8, a column that the header lacks, an unknown label, more bad rows than
/// `bad_share`, no pair.
pub fn read(
    file: &Path,
    columns: &Columns,
    two_way: bool,
    bad_share: f64,
) -> Result<PairFile, DataError> {
    let mut lines = Lines::open(file)?;
    let Some((_, header)) = lines.text()? else {
        return Err(DataError::Empty { file: file.to_path_buf() });
    };
    let names: Vec<String> = header.split('\t').map(|name| name.trim().to_owned()).collect();
    let place = |name: &str| {
        names.iter().position(|found| found == name).ok_or_else(|| DataError::Column {
            file: file.to_path_buf(),
            found: names.join(", "),
            allowed: format!("{name} among them"),
        })
    };
    let optional = |name: &str| if name.is_empty() { Ok(None) } else { place(name).map(Some) };
    let (premise, hypothesis) = (place(columns.premise)?, place(columns.hypothesis)?);
    let (label, context) = (place(columns.label)?, optional(columns.context)?);
    let group = optional(columns.group)?;

    let mut found = PairFile::default();
    while let Some((number, line)) = lines.text()? {
        if line.is_empty() {
            continue;
        }
        let fields: Vec<&str> = line.split('\t').collect();
        if fields.len() != names.len() {
            found.bad.push((number, format!("{} columns, not {}", fields.len(), names.len())));
            continue;
        }
        let field = |at: usize| fields[at].to_owned();
        match answer(fields[label].trim(), two_way) {
            Answer::Label(label) => found.pairs.push(Pair {
                premise: field(premise),
                hypothesis: field(hypothesis),
                label,
                context: context.map(field).unwrap_or_default(),
                group: group.map(field).unwrap_or_default(),
            }),
            Answer::None => found.unlabelled += 1,
            Answer::Unknown => return Err(unknown(file, number, fields[label], two_way)),
        }
    }
    found.finish(file, bad_share)
}

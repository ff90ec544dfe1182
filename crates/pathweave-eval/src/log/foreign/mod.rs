//! Routing that other programs wrote down: CSV, NPY, and traces of mixtures of experts.
//!
//! [`read_any`] looks at a file's content, not at its name:
//!
//! | file | content |
//! |---|---|
//! | Parquet, JSON lines | this project's own forms ([`super::columns`], [`super::jsonl`]) |
//! | CSV ([`csv`]) | a row a decision, named columns |
//! | NPY ([`npy_log`]) | an array of weights, of chosen modules, or of rules by modules |
//! | trace ([`trace`]) | JSON lines, one a step and layer, with the chosen experts or their counts |
//!
//! A file of several training steps gives a log for each. A file that holds sums and no decisions
//! gives a joint activation a layer in place of a log.

pub mod csv;
mod csv_columns;
pub mod npy;
pub mod npy_log;
mod rows;
#[cfg(test)]
mod tests;
pub mod trace;
mod trace_line;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::fault::{Faults, LogError};
use super::{RoutingLog, columns, jsonl};
use crate::joint::Joint;

/// What a file's form does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// What the rows of an NPY matrix are.
    pub npy_rows: NpyRows,
    /// An NPY file with the rule of each sample of an NPY log.
    pub rules: Option<PathBuf>,
}

/// What the rows of an NPY matrix are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NpyRows {
    /// A sample each.
    #[default]
    Samples,
    /// A rule each: a joint or conditional activation, or counts.
    Rules,
}

/// A file's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// This project's JSON lines
    JsonLines,
    /// This project's Parquet
    Parquet,
    /// Comma-separated values
    Csv,
    /// An array of NumPy
    Npy,
    /// A trace of a mixture of experts
    Trace,
}

impl Format {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::JsonLines => "json-lines",
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::Npy => "npy",
            Self::Trace => "trace",
        }
    }
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The file's form.
    pub format: Format,
    /// The name of each depth \[T\]: its number in the file.
    pub layers: Vec<String>,
    /// What was decided.
    pub content: Content,
}

/// What was decided: at least one entry, by ascending training step.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Decision by decision.
    Logs(Vec<RoutingLog>),
    /// Summed up.
    Sums(Vec<Sums>),
}

/// The sums of many decisions.
#[derive(Debug, Clone, PartialEq)]
pub struct Sums {
    /// Training step.
    pub step: Option<u64>,
    /// Names of the rules \[R\]; empty where there are none, and each joint has one row.
    pub rules: Vec<String>,
    /// The joint activation at each depth \[T\]; none at a depth without decisions.
    pub joints: Vec<Option<Joint>>,
}

/// Reads the file at `path`, whatever form of those above it has.
///
/// # Errors
///
/// [`LogError::Io`] when a file cannot be read, [`LogError::Faults`] with every fault found when it is
/// not a log.
pub fn read_any(path: &Path, options: &ReadOptions) -> Result<Reading, LogError> {
    let name = path.display().to_string();
    let failed = |source| LogError::Io { file: name.clone(), source };
    let mut file = File::open(path).map_err(failed)?;
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let format = sniff(&head);
    if let Some(rules) = options.rules.as_deref().filter(|_| format != Format::Npy) {
        let mut faults = Faults::new(&name);
        let found = format!("the rules {} for a {} log", rules.display(), format.name());
        faults.add(None, "rules", found, "rules in the log itself; a file of them for an NPY log");
        return Err(faults.into());
    }
    match format {
        Format::Parquet => Ok(Reading::of_log(format, columns::read(file, &name)?)),
        Format::JsonLines => Ok(Reading::of_log(format, jsonl::read(BufReader::new(file), &name)?)),
        Format::Csv => csv::read(file, delimiter(&head), &name),
        Format::Trace => trace::read(BufReader::new(file), &name),
        Format::Npy => {
            let array = npy::read(&mut file, &name)?;
            let rules = match &options.rules {
                None => None,
                Some(path) => {
                    let name = path.display().to_string();
                    let failed = |source| LogError::Io { file: name.clone(), source };
                    let mut file = File::open(path).map_err(failed)?;
                    Some((npy::read(&mut file, &name)?, name))
                }
            };
            npy_log::read(&array, options.npy_rows, rules.as_ref().map(|(a, n)| (a, &**n)), &name)
        }
    }
}

impl Reading {
    /// Of one log, whose depths are numbered from 0.
    pub fn of_log(format: Format, log: RoutingLog) -> Self {
        let layers = (0..log.header().depths()).map(|depth| depth.to_string()).collect();
        Self { format, layers, content: Content::Logs(vec![log]) }
    }
}

/// So much of a file is looked at to know its form.
const HEAD: u64 = 1 << 16;

fn sniff(head: &[u8]) -> Format {
    if head.starts_with(columns::MAGIC) {
        return Format::Parquet;
    }
    if head.starts_with(npy::MAGIC) {
        return Format::Npy;
    }
    let Some(line) = head.lines().map_while(Result::ok).find(|line| !line.trim().is_empty()) else {
        return Format::JsonLines;
    };
    if line.trim_start().starts_with('{') {
        return if trace_line::is_trace(&line) { Format::Trace } else { Format::JsonLines };
    }
    let cells = line.split(char::from(delimiter(head)));
    if csv_columns::is_header(cells) { Format::Csv } else { Format::JsonLines }
}

/// The most frequent of comma, semicolon and tab in the first line.
fn delimiter(head: &[u8]) -> u8 {
    let line = head.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty());
    let count = |of: u8| line.unwrap_or_default().iter().filter(|&&byte| byte == of).count();
    *[b'\t', b';', b','].iter().max_by_key(|&&of| count(of)).unwrap_or(&b',')
}

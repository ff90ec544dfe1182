//! The routing log: what a routed network decided, decision by decision.
//!
//! A log belongs to one evaluation. Every metric of this crate is computed from a log alone, so a
//! log written by any framework, in JSON lines ([`jsonl`]) or Parquet ([`columns`]), can be
//! measured. A [`RoutingLog`] has been checked when it exists: whatever reads one can trust its
//! indices and weights.

mod arrays;
mod check;
pub mod columns;
mod columns_read;
mod fault;
pub mod foreign;
#[cfg(test)]
mod foreign_tests;
mod header;
mod header_json;
pub mod jsonl;
mod row;
#[cfg(test)]
pub(crate) mod strategy;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

pub use check::{CONTEXT_LIMIT, DEPTH_LIMIT, MODULE_LIMIT, WEIGHT_SUM_TOLERANCE};
pub use fault::{FAULTS_SHOWN, Fault, Faults, LogError};
pub use header::{Actions, FORMAT, FORMAT_VERSION, LogHeader};
pub use row::{Choice, RoutingRow};

/// A checked header and its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct RoutingLog {
    header: LogHeader,
    rows: Vec<RoutingRow>,
}

impl RoutingLog {
    /// Checks `rows` against `header`.
    ///
    /// # Errors
    ///
    /// Every fault found, with the row's number counted from 1 in place of a line: an index that
    /// the header does not allow; weights that are not finite, are negative, or do not sum to
    /// about one; two rows for one sample and depth; a sample whose context or condition changes;
    /// a row after a sample's end.
    pub fn new(header: LogHeader, rows: Vec<RoutingRow>) -> Result<Self, Faults> {
        let mut faults = Faults::new("routing log");
        check::header(&header, &mut faults);
        check::rows(&header, &rows, |row| row as u64 + 1, &mut faults);
        faults.into_result(Self { header, rows })
    }

    /// A log of `rows` without a header: the header is what the rows show. A module that no row
    /// names is unknown to it.
    ///
    /// # Errors
    ///
    /// As [`RoutingLog::new`].
    pub fn inferred(rows: Vec<RoutingRow>) -> Result<Self, Faults> {
        Self::new(LogHeader::inferred(&rows), rows)
    }

    /// Reads the file at `path`, Parquet if it begins with Parquet's mark, JSON lines otherwise.
    ///
    /// # Errors
    ///
    /// [`LogError::Io`] when the file cannot be read, [`LogError::Faults`] when it is not a log.
    pub fn read(path: &Path) -> Result<Self, LogError> {
        let name = path.display().to_string();
        let failed = |source| LogError::Io { file: name.clone(), source };
        let mut file = File::open(path).map_err(failed)?;
        let mut mark = Vec::with_capacity(columns::MAGIC.len());
        file.by_ref().take(columns::MAGIC.len() as u64).read_to_end(&mut mark).map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        if mark == columns::MAGIC {
            columns::read(file, &name)
        } else {
            jsonl::read(BufReader::new(file), &name)
        }
    }

    /// The header.
    pub fn header(&self) -> &LogHeader {
        &self.header
    }

    /// The rows, in the order in which they were given.
    pub fn rows(&self) -> &[RoutingRow] {
        &self.rows
    }

    /// The header and the rows, to build another log from.
    pub fn into_parts(self) -> (LogHeader, Vec<RoutingRow>) {
        (self.header, self.rows)
    }
}

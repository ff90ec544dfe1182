//! What can be wrong with a log: all of it at once.

use std::fmt;

/// How many faults are kept and shown; the others are counted.
pub const FAULTS_SHOWN: usize = 20;

/// One thing that is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line of the file (or row of the table), from 1; none when the whole file is meant.
    pub line: Option<u64>,
    /// The key or column.
    pub key: String,
    /// What stands there.
    pub found: String,
    /// What may stand there.
    pub allowed: String,
}

/// Everything that is wrong with one log, at most [`FAULTS_SHOWN`] in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    /// The file.
    pub file: String,
    /// The first faults, by line.
    pub faults: Vec<Fault>,
    /// How many more there are.
    pub more: usize,
}

impl Faults {
    pub(super) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), faults: Vec::new(), more: 0 }
    }

    pub(super) fn add(
        &mut self,
        line: impl Into<Option<u64>>,
        key: &str,
        found: impl fmt::Display,
        allowed: impl fmt::Display,
    ) {
        if self.faults.len() == FAULTS_SHOWN {
            self.more += 1;
            return;
        }
        self.faults.push(Fault {
            line: line.into(),
            key: key.to_owned(),
            found: shortened(&found.to_string()),
            allowed: allowed.to_string(),
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    pub(super) fn into_result<T>(mut self, value: T) -> Result<T, Faults> {
        if self.faults.is_empty() {
            return Ok(value);
        }
        self.faults.sort_by_key(|fault| fault.line);
        Err(self)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{}", self.file)?;
            if let Some(line) = fault.line {
                write!(f, ":{line}")?;
            }
            write!(f, ": {}: found {}, allowed: {}", fault.key, fault.found, fault.allowed)?;
        }
        if self.more > 0 {
            write!(f, "\n{}: and {} more", self.file, self.more)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Why a log could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file cannot be read or written.
    #[error("{file}: {source}")]
    Io {
        /// The file.
        file: String,
        /// The system's word.
        source: std::io::Error,
    },
    /// It can be read but is not a routing log.
    #[error(transparent)]
    Faults(#[from] Faults),
}

/// A fault quotes what it found; a damaged file may hold a line of any length.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

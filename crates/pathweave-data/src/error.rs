//! What can be wrong with data: the file, what was found in it, what is allowed.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

/// One fault of a data set's files or settings.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DataError {
    /// The data set reads files, and no folder was named.
    #[error(
        "{dataset}: this data set reads files; name their folder with --data FOLDER or the \
         variable PATHWEAVE_DATA (files: {files})"
    )]
    NoFolder {
        /// Name of the data set.
        dataset: String,
        /// The files that it needs.
        files: String,
    },
    /// The data are drawn for every step: there is nothing to load.
    #[error("{dataset}: these data are drawn for every step; there are no images to load")]
    Drawn {
        /// Name of the data set.
        dataset: String,
    },
    /// None of the known files is there.
    #[error("{}: no {what} found; looked for {}", .folder.display(), .looked_for.join(", "))]
    Missing {
        /// The folder that was searched.
        folder: PathBuf,
        /// What was sought, e.g. "MNIST training images".
        what: String,
        /// Names below `folder`, any of which would have done.
        looked_for: Vec<String>,
    },
    /// The system could not open or read the file.
    #[error("{}: cannot be read: {error}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The system's or the format library's words.
        error: String,
    },
    /// The file ends before its content does.
    #[error("{}: truncated: found {found} bytes, its header promises {expected}", .file.display())]
    Truncated {
        /// The file.
        file: PathBuf,
        /// Bytes present (after decompression).
        found: u64,
        /// Bytes promised.
        expected: u64,
    },
    /// The file's first bytes are not those of its format.
    #[error("{}: wrong magic: found {found}, allowed {allowed}", .file.display())]
    Magic {
        /// The file.
        file: PathBuf,
        /// The first bytes, in hexadecimal.
        found: String,
        /// What they may be.
        allowed: String,
    },
    /// The file or an image in it has a wrong size.
    #[error("{}: wrong size: found {found}, allowed {allowed}", .file.display())]
    Size {
        /// The file.
        file: PathBuf,
        /// What was found.
        found: String,
        /// What is allowed.
        allowed: String,
    },
    /// A label is outside its range, missing or contradicts another label.
    #[error("{}: row {row}: label out of range: found {found}, allowed {allowed}", .file.display())]
    Label {
        /// The file.
        file: PathBuf,
        /// Row, from 0.
        row: usize,
        /// The label.
        found: String,
        /// What is allowed.
        allowed: String,
    },
    /// A column is missing or has a type that cannot be read.
    #[error("{}: missing column: found {found}, allowed {allowed}", .file.display())]
    Column {
        /// The file.
        file: PathBuf,
        /// The columns or the type found.
        found: String,
        /// The names or types that would have done.
        allowed: String,
    },
    /// An image cannot be decoded.
    #[error("{}: row {row}: image cannot be decoded: {found}; allowed PNG, JPEG", .file.display())]
    Image {
        /// The file.
        file: PathBuf,
        /// Row, from 0; 0 for a file that is one image.
        row: usize,
        /// The decoder's words.
        found: String,
    },
    /// A file or folder without a single sample.
    #[error("{}: empty: found no samples, allowed one or more", .file.display())]
    Empty {
        /// The file or folder.
        file: PathBuf,
    },
    /// The data hold too few samples for the construction that was asked for.
    #[error("{dataset}: too few samples: found {found} of {what}, the settings need {needed}")]
    TooFew {
        /// Name of the data set.
        dataset: String,
        /// Of which kind, e.g. "train images of class 5".
        what: String,
        /// How many there are.
        found: usize,
        /// How many the settings ask for.
        needed: usize,
    },
    /// A line of a text file that cannot be read.
    #[error("{}: line {line}: found {found}, allowed {allowed}", .file.display())]
    Line {
        /// The file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What was found.
        found: String,
        /// What is allowed.
        allowed: String,
    },
    /// More rows of a file are bad than the settings allow.
    #[error("{}: bad rows: found {found}, allowed {allowed}", .file.display())]
    BadRows {
        /// The file.
        file: PathBuf,
        /// How many, of how many, the first of them with their lines.
        found: String,
        /// What is allowed.
        allowed: String,
    },
    /// A setting that cannot be met.
    #[error("{dataset}: {field}: found {found}, allowed {allowed}")]
    Setting {
        /// Name of the data set.
        dataset: String,
        /// Name of the setting.
        field: &'static str,
        /// Its value.
        found: String,
        /// Allowed values.
        allowed: String,
    },
}

/// All faults of one load, at least one, in the order in which they were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataErrors(Vec<DataError>);

impl DataErrors {
    /// The faults.
    pub fn as_slice(&self) -> &[DataError] {
        &self.0
    }
}

impl From<DataError> for DataErrors {
    fn from(error: DataError) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for DataErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for DataErrors {}

/// Gathers faults over several files, so that one load reports all of them.
#[derive(Default)]
pub(crate) struct Faults(Vec<DataError>);

impl Faults {
    /// The value, or `None` after its faults were noted.
    pub(crate) fn take<T, E: Into<DataErrors>>(&mut self, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(errors) => {
                self.0.extend(errors.into().0);
                None
            }
        }
    }

    /// Notes one fault.
    pub(crate) fn push(&mut self, error: DataError) {
        self.0.push(error);
    }

    /// An error if any fault was noted.
    pub(crate) fn finish(self) -> Result<(), DataErrors> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into_errors()) }
    }

    /// The faults that were noted.
    pub(crate) fn into_errors(self) -> DataErrors {
        DataErrors(self.0)
    }
}

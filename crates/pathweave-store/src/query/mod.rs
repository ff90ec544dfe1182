//! What is asked of the index: which runs, in which order, with which columns.

mod field;
mod filter;
mod words;

use crate::index::is_broken;

pub use field::Field;
pub(crate) use filter::number;
pub use filter::{Condition, Filter, Op};

/// Which runs to give, in which order, with which columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Those that it keeps
    pub filter: Filter,
    /// In the order of their ids where none is given
    pub sort: Option<Sort>,
    /// Keys whose values each row has besides its fields: fields, settings or metrics
    pub columns: Vec<String>,
    /// So many of the kept ones are passed over
    pub offset: usize,
    /// At most so many; all where none is given
    pub limit: Option<usize>,
}

/// An order of runs. Runs without the key come last, equal ones in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// A field, a setting or a metric
    pub key: String,
    /// The largest first
    pub descending: bool,
}

/// A question that cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// A word of it is wrong: the asker's fault
    #[error("{word}: {what}")]
    Word {
        /// The word
        word: String,
        /// What was found, and what is allowed
        what: String,
    },
    /// The index could not be read
    #[error("index: {0}")]
    Index(String),
    /// The index is damaged, and could not be made anew
    #[error("index: {0}")]
    Broken(String),
}

impl QueryError {
    pub(crate) fn word(word: &str, what: impl Into<String>) -> Self {
        Self::Word { word: word.to_owned(), what: what.into() }
    }
}

impl From<rusqlite::Error> for QueryError {
    fn from(error: rusqlite::Error) -> Self {
        match is_broken(&error) {
            true => Self::Broken(error.to_string()),
            false => Self::Index(error.to_string()),
        }
    }
}

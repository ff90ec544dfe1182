//! The runs of a store, found quickly: an SQLite file as a cache over the files of the runs.
//!
//! The files stay the truth. The index is made anew whenever it is lost, broken or of another
//! version, and nothing but time is lost with it.

mod ask;
mod column;
mod file;
mod leaves;
mod look;
mod plan;
mod refresh;
mod row;
mod write;

use std::cell::RefCell;
use std::path::{Path, PathBuf};

pub(crate) use file::is_broken;
use file::{File, is_busy};
use refresh::{Fault, refresh};
use rusqlite::Connection;

pub use row::{Cell, Counts, Group, Refreshed, Row, Setting};

use crate::StoreError;
use crate::query::{Filter, Query, QueryError};

/// In the store.
pub const INDEX: &str = "index.sqlite";

/// The runs of a store.
#[derive(Debug)]
pub struct Index {
    store: PathBuf,
    // What turns out to be broken while it is read is made anew at once.
    file: RefCell<File>,
}

impl Index {
    /// Opens the index of a store, without looking at the runs: [`Index::refresh`] does.
    ///
    /// Where the store cannot be written, the index is in memory and lives as long as this value.
    ///
    /// # Errors
    /// Where not even memory can be had.
    pub fn open(store: &Path) -> Result<Self, StoreError> {
        Ok(Self { store: store.to_owned(), file: RefCell::new(File::open(store)?) })
    }

    /// Forgets everything, as if the file had been lost.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn rebuild(&mut self) -> Result<(), StoreError> {
        self.file.get_mut().reset(&self.store)
    }

    /// Looks at folders and manifests and reads what changed.
    ///
    /// A run that was finished when it was last looked at is not read again while its folder stays
    /// in its place: whoever changes a record by hand rebuilds the index.
    ///
    /// # Errors
    /// Where the store is there but cannot be listed.
    pub fn refresh(&mut self) -> Result<Refreshed, StoreError> {
        self.bring_up_to_date()
    }

    fn bring_up_to_date(&self) -> Result<Refreshed, StoreError> {
        let mut file = self.file.borrow_mut();
        file.follow(&self.store)?;
        let error = match refresh(&self.store, &mut file) {
            Err(Fault::Index(error)) => error,
            other => return self.told(other),
        };
        if is_busy(&error) {
            let _ = file.wait_as_usual();
            return Ok(Refreshed { busy: true, ..Refreshed::default() });
        }
        match is_broken(&error) {
            true => file.reset(&self.store)?,
            // A full disk, a lost network: what the files say is still to be had.
            false => *file = File::in_memory(&self.store)?,
        }
        self.told(refresh(&self.store, &mut file))
    }

    fn told(&self, result: Result<Refreshed, Fault>) -> Result<Refreshed, StoreError> {
        result.map_err(|fault| match fault {
            Fault::Store(error) => error,
            Fault::Index(error) => StoreError::file(&self.store.join(INDEX), error),
        })
    }

    /// Answers; where the file turns out to be broken, makes it anew and answers from that.
    fn ask<T>(
        &self,
        question: impl Fn(&Connection) -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        let answer = question(&self.file.borrow().db);
        match answer {
            Err(QueryError::Broken(_)) => {}
            answer => return answer,
        }
        let anew = self.file.borrow_mut().reset(&self.store);
        let anew = anew.and_then(|()| self.bring_up_to_date());
        anew.map_err(|error| QueryError::Index(error.to_string()))?;
        question(&self.file.borrow().db)
    }

    /// Number of runs that a filter keeps.
    ///
    /// # Errors
    /// Where a key is unknown, or the index cannot be read.
    pub fn counts(&self, filter: &Filter) -> Result<Counts, QueryError> {
        self.ask(|db| ask::counts(db, filter))
    }

    /// Runs.
    ///
    /// # Errors
    /// As [`Index::counts`].
    pub fn rows(&self, query: &Query) -> Result<Vec<Row>, QueryError> {
        self.ask(|db| ask::rows(db, query))
    }

    /// Runs that are alike in the values of some keys, sorted by these; all of them where no key is
    /// given.
    ///
    /// A run of several sweeps is in several groups by `sweep`.
    ///
    /// # Errors
    /// As [`Index::counts`].
    pub fn groups(
        &self,
        filter: &Filter,
        by: &[String],
        metrics: &[String],
    ) -> Result<Vec<Group>, QueryError> {
        self.ask(|db| ask::groups(db, filter, by, metrics))
    }

    /// One run by its id.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn run(&self, id: &str) -> Result<Option<Row>, QueryError> {
        self.ask(|db| ask::run(db, id))
    }

    /// Names of the metrics that some run has, sorted; timings are `timing/NAME`.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn metrics(&self) -> Result<Vec<String>, QueryError> {
        self.ask(ask::metrics)
    }

    /// The settings that differ between runs, sorted by key; seeds and names are not among them.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn varying(&self) -> Result<Vec<Setting>, QueryError> {
        self.ask(ask::varying)
    }
}

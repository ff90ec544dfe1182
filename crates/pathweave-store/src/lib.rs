//! The store: a folder of runs.
//!
//! ```text
//! <store>/<id>/                       one run; its id is a hash of its spec
//! <store>/sweeps/<name>-<hash>/       what a sweep is to run: manifest.jsonl
//! <store>/reports/                    pages made of runs
//! <store>/index.sqlite                found quickly; made anew from the files above whenever it is lost
//! ```
//!
//! The files of a run are the truth: whether it is finished, failed or running follows from them
//! alone, every one is written whole or not at all, and no process needs to be asked.

mod failure;
mod folder;
pub mod index;
mod manifest;
mod plain;
mod progress;
pub mod query;
mod state;
mod write;

use std::path::{Path, PathBuf};

pub use failure::{FAILED, Failure};
pub use folder::{
    ACTIVATION, ALARM, BEST, CHECKPOINT, CURVES, DECISIONS, EVENTS, FORMAT, LIVE, LOCK, LOG, MODEL,
    RECORD, ROUTING_JSONL, ROUTING_PARQUET, RunFolder, SPEC, TIMING,
};
pub use manifest::{MANIFEST, Manifest, Planned, SWEEPS};
pub use plain::{LARGEST, is_plain, read_plain};
pub use progress::{PROGRESS, Progress, now};
pub use state::State;
pub use write::{sync_folder, write_atomic, write_text};

/// A file of the store that could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {what}", path.display())]
pub struct StoreError {
    /// The file or folder
    pub path: PathBuf,
    /// What is wrong with it
    pub what: String,
}

impl StoreError {
    /// A failure at a file or folder.
    pub fn file(path: &Path, what: impl std::fmt::Display) -> Self {
        Self { path: path.to_owned(), what: what.to_string() }
    }
}

/// Ids of the runs in a store, finished or not, sorted.
pub fn ids(store: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(store).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut ids: Vec<String> = names.filter(|name| is_id(name)).collect();
    ids.sort();
    ids
}

/// Whether a text is an id of a run: 16 hexadecimal digits in lower case.
pub fn is_id(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c))
}

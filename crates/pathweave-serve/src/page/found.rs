//! What a run's folder tells.

use pathweave_eval::record::RunRecord;
use pathweave_eval::timing::Timing;
use pathweave_store as store;
use pathweave_store::index::Row;
use pathweave_store::{Failure, Progress};
use serde::de::DeserializeOwned;

use crate::files::{Refused, RunFiles};

/// Most bytes of a record, a timing and such that are read.
const PARSED: u64 = 8 * 1024 * 1024;
/// Bytes of a log that are searched for alarms.
const LOG: u64 = 1024 * 1024;

/// What a run's folder tells, each file or why it was not read.
#[derive(Default)]
pub(super) struct Found {
    pub(super) record: Option<RunRecord>,
    pub(super) timing: Option<Timing>,
    pub(super) progress: Option<Progress>,
    pub(super) failure: Option<Failure>,
    pub(super) log: String,
    pub(super) faults: Vec<Refused>,
}

impl Found {
    pub(super) fn read(files: &RunFiles) -> Self {
        let mut found = Self::default();
        let mut text = |name: &str| {
            files.text(name, PARSED).unwrap_or_else(|refused| {
                found.faults.push(refused);
                None
            })
        };
        let texts = [store::RECORD, store::TIMING, store::PROGRESS, store::FAILED].map(&mut text);
        let [record, timing, progress, failure] = texts;
        found.record = found.parsed(store::RECORD, record);
        found.timing = found.parsed(store::TIMING, timing);
        found.progress = found.parsed(store::PROGRESS, progress);
        found.failure = found.parsed(store::FAILED, failure);
        match files.tail(store::LOG, LOG) {
            Ok(log) => found.log = log.map(|(text, _)| text).unwrap_or_default(),
            Err(refused) => found.faults.push(refused),
        }
        found
    }

    fn parsed<T: DeserializeOwned>(&mut self, name: &str, text: Option<String>) -> Option<T> {
        let parsed = serde_json::from_str(&text?);
        parsed.map_err(|error| self.faults.push(Refused::broken(name, error))).ok()
    }

    pub(super) fn name<'a>(&'a self, row: Option<&'a Row>) -> Option<&'a str> {
        let recorded = self.record.as_ref().map(|record| record.name.as_str());
        recorded.or(row.map(|row| row.name.as_str())).filter(|name| !name.is_empty())
    }
}

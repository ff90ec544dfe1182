//! Which finished runs a command is about, and their records as columns.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use pathweave_eval::record::RunRecord;
use pathweave_eval::table::frame::Frame;
use pathweave_eval::timing::Timing;
use pathweave_store::index::Index;
use pathweave_store::query::{Filter, Query, QueryError};
use pathweave_store::{MANIFEST, Manifest, RECORD, RunFolder, TIMING, ids};
use rayon::prelude::*;

use crate::cli::SelectArgs;
use crate::error::CliError;
use crate::store::find;

/// Records in memory at once: a record is much larger than its columns.
const CHUNK: usize = 512;

/// Finished runs, each once.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Their folders, in the order of the words and below that of their ids
    pub runs: Vec<RunFolder>,
    /// Runs of the named sweeps that are not finished
    pub unfinished: usize,
}

impl Selection {
    /// The runs that words and filters name.
    ///
    /// # Errors
    /// [`CliError::Usage`] where a word names no finished run, a filter is wrong, or nothing is left.
    pub fn new(args: &SelectArgs, out: &Path) -> Result<Self, CliError> {
        let mut selection = Self::default();
        let everything = [out.display().to_string()];
        let words = if args.runs.is_empty() { &everything[..] } else { &args.runs };
        for word in words {
            selection.add(word, out)?;
        }
        let mut seen = HashSet::new();
        selection.runs.retain(|run| seen.insert(run.id.clone()));
        if !args.filter.is_empty() {
            selection.keep(&args.filter.join(" "))?;
        }
        Ok(selection)
    }

    fn add(&mut self, word: &str, out: &Path) -> Result<(), CliError> {
        let folder = Path::new(word);
        if folder.join(MANIFEST).is_file() {
            return self.add_sweep(folder);
        }
        if !folder.is_dir() || folder.join(RECORD).is_file() {
            let run = find(word, out)?;
            if !run.file(RECORD).is_file() {
                return Err(CliError::Usage(format!(
                    "{word}: no finished run: it has no {RECORD}"
                )));
            }
            self.runs.push(run);
            return Ok(());
        }
        let runs = ids(folder).into_iter().map(|id| RunFolder::new(folder, &id));
        let finished: Vec<RunFolder> = runs.filter(|run| run.file(RECORD).is_file()).collect();
        if finished.is_empty() {
            return Err(CliError::Usage(format!("{word}: no finished run in this folder")));
        }
        self.runs.extend(finished);
        Ok(())
    }

    /// The finished runs of a sweep, whose folder is in that of the sweeps in a store.
    fn add_sweep(&mut self, folder: &Path) -> Result<(), CliError> {
        let manifest = Manifest::read(folder)?;
        let whole = fs::canonicalize(folder).map_err(|error| CliError::file(folder, error))?;
        let store = whole.parent().and_then(Path::parent).ok_or_else(|| {
            CliError::Usage(format!("{}: not in a folder of runs", folder.display()))
        })?;
        let before = self.runs.len();
        for planned in &manifest.runs {
            let run = RunFolder::new(store, &planned.id);
            match run.file(RECORD).is_file() {
                true => self.runs.push(run),
                false => self.unfinished += 1,
            }
        }
        if self.runs.len() == before {
            let text = format!("{}: no finished run of this sweep", folder.display());
            return Err(CliError::Usage(text));
        }
        Ok(())
    }

    /// Keeps the runs that a filter keeps, by the indices of their stores.
    fn keep(&mut self, filter: &str) -> Result<(), CliError> {
        let query = Query { filter: Filter::parse(filter).map_err(wrong)?, ..Query::default() };
        let store = |run: &RunFolder| run.path.parent().unwrap_or(Path::new("")).to_owned();
        let stores: BTreeSet<PathBuf> = self.runs.iter().map(store).collect();
        let mut kept: BTreeMap<PathBuf, HashSet<String>> = BTreeMap::new();
        for store in stores {
            // The parent of a single name has no name.
            let place = if store.as_os_str().is_empty() { Path::new(".") } else { &store };
            let mut index = Index::open(place)?;
            index.refresh()?;
            let rows = index.rows(&query).map_err(wrong)?;
            kept.insert(store, rows.into_iter().map(|row| row.id).collect());
        }
        self.runs.retain(|run| kept[&store(run)].contains(&run.id));
        match self.runs.is_empty() {
            true => Err(CliError::Usage(format!("no finished run fits {filter}"))),
            false => Ok(()),
        }
    }

    /// Their records and timings, in their order.
    ///
    /// # Errors
    /// Where a file cannot be read.
    pub fn frame(&self) -> Result<Frame, CliError> {
        let mut frame = Frame::new();
        for chunk in self.runs.chunks(CHUNK) {
            let read: Vec<(RunRecord, Option<Timing>)> =
                chunk.par_iter().map(read).collect::<Result<_, CliError>>()?;
            for (record, timing) in &read {
                frame.push(record, timing.as_ref());
            }
        }
        Ok(frame)
    }
}

/// A run's record, and its timing where there is one.
///
/// # Errors
/// Where a file cannot be read.
pub fn read(run: &RunFolder) -> Result<(RunRecord, Option<Timing>), CliError> {
    let broken = |error: pathweave_eval::record::RecordError| CliError::Internal(error.to_string());
    let path = run.file(RECORD);
    let text = fs::read_to_string(&path).map_err(|error| CliError::file(&path, error))?;
    let record = RunRecord::from_json(&text, &path.display().to_string()).map_err(broken)?;
    let path = run.file(TIMING);
    let Ok(text) = fs::read_to_string(&path) else { return Ok((record, None)) };
    let timing = Timing::from_json(&text, &path.display().to_string()).map_err(broken)?;
    Ok((record, Some(timing)))
}

fn wrong(error: QueryError) -> CliError {
    match error {
        QueryError::Word { .. } => CliError::Usage(error.to_string()),
        _ => CliError::Internal(error.to_string()),
    }
}

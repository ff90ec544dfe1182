//! Sweeps of tens of thousands of runs: what is to be run, what of it is done, who runs it.
//!
//! A run costs a look for its record and one for its last failure; no file of a run is read before
//! the summary. A sweep is written down before its first run ([`manifest`]): other processes, on
//! this machine or under a scheduler, run it from there.

mod drive;
#[cfg(test)]
mod golden;
pub mod kubernetes;
pub mod manifest;
pub mod parallel;
pub mod parts;
mod shard;
mod shell;
pub mod slurm;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use pathweave::spec::RunSpec;
use pathweave_store::{MANIFEST, Manifest, RunFolder, State};

pub use drive::{Outcome, drive};
pub use shard::Shard;

use crate::error::CliError;
use crate::options::RunOptions;
use crate::replay_source;
use crate::run_id::id;
use crate::spec_file::Plan;
use crate::weights_source;

/// A run of a sweep.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id
    pub id: String,
    /// By which results are summarised: the variant's name, or the model's kind
    pub model: String,
    /// What is run
    pub spec: RunSpec,
}

impl Entry {
    /// Name and seed.
    pub fn label(&self) -> String {
        format!("{} seed {}", self.spec.name, self.spec.train.seed)
    }

    /// Where its files are.
    pub fn folder(&self, options: &RunOptions) -> RunFolder {
        RunFolder::new(&options.out, &self.id)
    }
}

/// A sweep, whole.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// Its name
    pub name: String,
    /// Its folder in the store, where it was written down or would be
    pub folder: PathBuf,
    /// Its runs, each once
    pub entries: Vec<Entry>,
    is_written: bool,
}

impl Sweep {
    /// Every run of a plan once.
    ///
    /// # Errors
    /// Those of [`Plan::labelled`], and where what a run replays is not there.
    pub fn new(plan: &Plan, options: &RunOptions) -> Result<Self, CliError> {
        let (models, specs): (Vec<String>, Vec<RunSpec>) = plan.labelled()?.into_iter().unzip();
        let specs = weights_source::resolve(replay_source::resolve(specs, &options.out)?)?;
        let mut seen = BTreeSet::new();
        let mut entries = Vec::new();
        for (model, spec) in models.into_iter().zip(specs) {
            let id = id(&spec, options.device);
            if seen.insert(id.clone()) {
                entries.push(Entry { id, model, spec });
            }
        }
        let folder = manifest::place(&plan.name, &entries, options);
        let is_written = folder.join(MANIFEST).is_file();
        Ok(Self { name: plan.name.clone(), folder, entries, is_written })
    }

    /// The sweep in a folder, or of its runs those in a line of a scheduler's file; the store is
    /// the one that the folder is in, the device the manifest's.
    ///
    /// # Errors
    /// Where the folder holds no manifest, or one that this program does not know.
    pub fn read(
        folder: &Path,
        task: Option<&parts::TaskLine>,
        options: &mut RunOptions,
    ) -> Result<Self, CliError> {
        let written = Manifest::read(folder).map_err(|error| CliError::Usage(error.to_string()))?;
        let device = written.device.parse();
        options.device = device
            .map_err(|error| CliError::Usage(format!("{}: device: {error}", folder.display())))?;
        if let Some(store) = manifest::store_of(folder) {
            options.out = store;
        }
        let entry = |planned| manifest::entry(planned, folder, options.device);
        let entries = match task {
            None => written.runs.iter().map(entry).collect::<Result<_, _>>()?,
            Some(task) => {
                let runs: BTreeMap<&str, _> =
                    written.runs.iter().map(|run| (run.id.as_str(), run)).collect();
                let find = |id: &String| {
                    let missing = || CliError::Usage(format!("{task}: the sweep has no run {id}"));
                    entry(runs.get(id.as_str()).copied().ok_or_else(missing)?)
                };
                task.ids()?.iter().map(find).collect::<Result<_, _>>()?
            }
        };
        Ok(Self { name: written.name, folder: folder.to_owned(), entries, is_written: true })
    }

    /// Writes it down, where that is not done yet: before [`Sweep::keep`], for it is the whole that
    /// is written.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn write(&mut self, options: &RunOptions) -> Result<(), CliError> {
        if !self.is_written {
            manifest::manifest(&self.name, &self.entries, options.device).write(&options.out)?;
            self.is_written = true;
        }
        Ok(())
    }

    /// Keeps of the runs those of a part.
    pub fn keep(&mut self, shard: Shard) {
        self.entries.retain(|entry| shard.has(&entry.id));
    }

    /// How far each run is, in the order of the runs.
    pub fn states(&self, options: &RunOptions) -> Vec<State> {
        self.entries.iter().map(|entry| State::of(&entry.folder(options))).collect()
    }
}

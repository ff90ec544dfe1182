//! Sweeps of tens of thousands of runs: what is to be run, what of it is done.
//!
//! A run costs a look for its record and one for its last failure; no file of a run is read before
//! the summary.

mod drive;
mod shard;

use std::collections::BTreeSet;

use pathweave::spec::RunSpec;
use pathweave_store::RunFolder;

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

/// Every run of a plan once, of these those of the shard.
///
/// # Errors
/// Those of [`Plan::labelled`], and where what a run replays is not there.
pub fn entries(
    plan: &Plan,
    shard: Option<Shard>,
    options: &RunOptions,
) -> Result<Vec<Entry>, CliError> {
    let (models, specs): (Vec<String>, Vec<RunSpec>) = plan.labelled()?.into_iter().unzip();
    let specs = weights_source::resolve(replay_source::resolve(specs, &options.out)?)?;
    let mut seen = BTreeSet::new();
    let mut entries = Vec::new();
    for (model, spec) in models.into_iter().zip(specs) {
        let id = id(&spec, options.device);
        if shard.is_none_or(|shard| shard.has(&id)) && seen.insert(id.clone()) {
            entries.push(Entry { id, model, spec });
        }
    }
    Ok(entries)
}

//! Finished runs in the folder of runs.

use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use pathweave::init::Init;
use pathweave::model::Network;
use pathweave::spec::{RunSpec, SpecFaults};
use pathweave::train::load;
use pathweave_data::{Streams, TaskSet};
use pathweave_eval::curves::Curves;
use pathweave_eval::log::RoutingLog;
use pathweave_eval::record::RunRecord;
use pathweave_eval::table::Entry;
use pathweave_eval::timing::Timing;
use pathweave_store::{CURVES, MODEL, RECORD, ROUTING_PARQUET, RunFolder, SPEC, TIMING, ids};

use crate::error::CliError;
use crate::worker::arrays;

/// A finished run.
#[derive(Clone, Debug)]
pub struct StoredRun {
    /// Content hash of the spec
    pub id: String,
    /// Where its files are
    pub folder: PathBuf,
    /// The spec as it was asked for: its name may differ from the one stored first
    pub spec: RunSpec,
    /// What it reached, under the name asked for
    pub record: RunRecord,
    /// How long it took
    pub timing: Timing,
}

impl StoredRun {
    /// Reads a finished run; `spec` gives it another name than the stored one.
    ///
    /// # Errors
    /// [`CliError::Usage`] where the folder holds no finished run; [`CliError::Internal`] where a
    /// file of it cannot be read.
    pub fn read(folder: &Path, spec: Option<&RunSpec>) -> Result<Self, CliError> {
        if !folder.join(RECORD).is_file() {
            let text = format!("{}: no finished run: it has no {RECORD}", folder.display());
            return Err(CliError::Usage(text));
        }
        let read = |name: &str| {
            let path = folder.join(name);
            let text = fs::read_to_string(&path).map_err(|error| CliError::file(&path, error))?;
            Ok::<_, CliError>((text, path.display().to_string()))
        };
        let broken =
            |error: pathweave_eval::record::RecordError| CliError::Internal(error.to_string());
        let (text, path) = read(RECORD)?;
        let mut record = RunRecord::from_json(&text, &path).map_err(broken)?;
        let (text, path) = read(TIMING)?;
        let timing = Timing::from_json(&text, &path).map_err(broken)?;
        let spec = match spec {
            Some(spec) => spec.clone(),
            None => {
                let (text, path) = read(SPEC)?;
                toml::from_str(&text)
                    .map_err(|error| CliError::Internal(format!("{path}: {error}")))?
            }
        };
        record.name.clone_from(&spec.name);
        Ok(Self { id: record.id.clone(), folder: folder.to_owned(), spec, record, timing })
    }

    /// Finds a finished run by its folder, or by its id or the beginning of its id below `out`.
    ///
    /// # Errors
    /// As [`find`] and [`StoredRun::read`].
    pub fn find(word: &str, out: &Path) -> Result<Self, CliError> {
        Self::read(&find(word, out)?.path, None)
    }

    /// Its training curves.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn curves(&self) -> Result<Curves, CliError> {
        let path = self.folder.join(CURVES);
        let file = fs::File::open(&path).map_err(|error| CliError::file(&path, error))?;
        Curves::from_csv(file).map_err(|error| CliError::file(&path, error))
    }

    /// Its routing log on the test split; none where nothing is routed.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn routing_log(&self) -> Result<Option<RoutingLog>, CliError> {
        let path = self.folder.join(ROUTING_PARQUET);
        if !path.is_file() {
            return Ok(None);
        }
        RoutingLog::read(&path).map(Some).map_err(|error| CliError::Internal(error.to_string()))
    }

    /// Its network after the last step.
    ///
    /// # Errors
    /// Where the file cannot be read or does not fit the spec.
    pub fn network(&self, data: &TaskSet, device: &Device) -> Result<Network, CliError> {
        let faults =
            |faults: SpecFaults| CliError::Spec(faults.0.iter().map(ToString::to_string).collect());
        let spec = self.spec.clone().check().map_err(faults)?;
        let path = self.folder.join(MODEL);
        let arrays = arrays::read(&path)?;
        let streams = Streams::new(spec.train.seed);
        let network = Network::new(&spec, data, &Init::new(&streams, device));
        let network = network.map_err(|error| CliError::file(&self.folder, error))?;
        load(network, &arrays, device).map_err(|error| CliError::file(&path, error))
    }

    /// Its line in a table.
    pub fn entry(&self) -> Entry {
        Entry { record: self.record.clone(), timing: Some(self.timing.clone()) }
    }
}

/// The folder of a run by its path, or by its id or the beginning of its id below `out`.
///
/// # Errors
/// [`CliError::Usage`] where there is none, or several begin so.
pub fn find(word: &str, out: &Path) -> Result<RunFolder, CliError> {
    let path = Path::new(word);
    if path.is_dir() && (path.join(RECORD).is_file() || word.contains(['/', '\\'])) {
        let name = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let id = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Ok(RunFolder { path: path.to_owned(), id });
    }
    let begins = |name: &String| !word.is_empty() && name.starts_with(word);
    let found: Vec<String> = ids(out).into_iter().filter(begins).collect();
    match found.as_slice() {
        [id] => Ok(RunFolder::new(out, id)),
        [] => Err(CliError::Usage(format!("{word}: no such run in {}", out.display()))),
        several => {
            Err(CliError::Usage(format!("{word}: several runs begin so: {}", several.join(", "))))
        }
    }
}

//! Files of data sets from the Hugging Face hub, or the mirror that `HF_ENDPOINT` names, by way of
//! its cache (`HF_HOME`), into the data folder.

use std::fs;
use std::path::{Path, PathBuf};

use hf_hub::api::Progress;
use hf_hub::api::sync::{Api, ApiBuilder, ApiError};
use pathweave_data::check::{FileCheck, check};
use pathweave_store::sync_folder;
use tempfile::TempPath;

use crate::error::CliError;
use crate::options::RunOptions;
use crate::ui::{Bar, Ui};

/// An image set on the hub.
#[derive(Clone, Copy, Debug)]
pub struct Remote {
    /// Names of the data sets made of it
    pub datasets: &'static [&'static str],
    /// The data set repository
    pub repository: &'static str,
    /// Folder below the data folder
    pub folder: &'static str,
    /// Files in the repository
    pub files: &'static [&'static str],
}

/// Every image set that can be fetched.
pub const REMOTES: &[Remote] = &[
    Remote {
        datasets: &["mnist-mtl"],
        repository: "ylecun/mnist",
        folder: "mnist",
        files: &["mnist/train-00000-of-00001.parquet", "mnist/test-00000-of-00001.parquet"],
    },
    Remote {
        datasets: &["cifar-mtl", "min-mtl"],
        repository: "uoft-cs/cifar100",
        folder: "cifar100",
        files: &["cifar100/train-00000-of-00001.parquet", "cifar100/test-00000-of-00001.parquet"],
    },
];

/// A file that is in the data folder now.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Path below the data folder
    pub file: PathBuf,
    /// Whether it was there before
    pub was_there: bool,
    /// What is in it
    pub contents: FileCheck,
}

/// Fetches the files that are not there yet. Each is read as a whole before it takes its place; a
/// file that exists is read and never replaced.
///
/// # Errors
/// [`CliError::Data`] where the hub cannot be reached, has no such file, or sends something else
/// than images; [`CliError::Internal`] where a file cannot be written.
pub fn fetch(
    remote: &Remote,
    folder: &Path,
    options: &RunOptions,
) -> Result<Vec<Fetched>, CliError> {
    let hub = ApiBuilder::from_env().with_retries(RETRIES).build();
    let hub = hub.map_err(|error| CliError::Data(error.to_string()))?;
    let ui = Ui::new(options);
    remote.files.iter().map(|file| fetch_one(&hub, remote, file, folder, &ui)).collect()
}

/// A download that breaks goes on where it broke this many times.
const RETRIES: usize = 2;

fn fetch_one(
    hub: &Api,
    remote: &Remote,
    file: &str,
    folder: &Path,
    ui: &Ui,
) -> Result<Fetched, CliError> {
    let name = file.rsplit('/').next().unwrap_or(file);
    let place = Path::new(remote.folder).join(name);
    let target = folder.join(&place);
    let below = folder.join(remote.folder);
    fs::create_dir_all(&below).map_err(|error| CliError::file(&below, error))?;
    // Beside its place, so that the last step is a rename; a folder of its own, so that the check
    // sees this file alone.
    let waiting = tempfile::Builder::new().prefix(".get-").tempdir_in(&below);
    let waiting = waiting.map_err(|error| CliError::file(&below, error))?;
    let copy = waiting.path().join(name);
    let was_there = target.exists();
    if was_there {
        let read = inspect(&target, &copy)?;
        let contents =
            read.map_err(|fault| CliError::Data(format!("{}: {fault}", target.display())))?;
        return Ok(Fetched { file: place, was_there, contents });
    }
    let repository = hub.dataset(remote.repository.to_owned());
    let url = repository.url(file);
    let progress = Download { bar: ui.bar(name, 0), done: 0 };
    let cached = repository
        .download_with_progress(file, progress)
        .map_err(|error| CliError::Data(format!("{url}: {}", reason(&error))))?;
    let contents = match inspect(&cached, &copy)? {
        Ok(contents) => contents,
        Err(fault) => {
            forget(&cached);
            return Err(CliError::Data(format!("{url}: not the file that it should be: {fault}")));
        }
    };
    let copied = fs::File::open(&copy).and_then(|file| file.sync_all());
    copied.map_err(|error| CliError::file(&copy, error))?;
    let path = TempPath::try_from_path(&copy).map_err(|error| CliError::file(&copy, error))?;
    path.persist_noclobber(&target).map_err(|failed| CliError::file(&target, failed.error))?;
    sync_folder(&below)?;
    Ok(Fetched { file: place, was_there, contents })
}

/// Copies a file to a folder of its own and reads it as a whole. The inner error is its fault.
fn inspect(file: &Path, copy: &Path) -> Result<Result<FileCheck, String>, CliError> {
    fs::copy(file, copy).map_err(|error| CliError::file(file, error))?;
    let alone = copy.parent().unwrap_or(Path::new("."));
    let name = copy.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(match check(alone) {
        Err(errors) => Err(errors.to_string()),
        Ok(check) => match check.files.into_iter().next() {
            None => Err("no data file".into()),
            Some(found) if found.faults.is_empty() => Ok(found),
            // The fault names the copy; the user knows the file.
            Some(found) => {
                Err(found.faults.join("; ").replace(&*copy.to_string_lossy(), name.as_str()))
            }
        },
    })
}

/// Drops a wrong file from the hub's cache, so that the next attempt fetches it anew.
fn forget(cached: &Path) {
    if let Ok(blob) = fs::canonicalize(cached) {
        // What stays is only fetched once more in vain.
        fs::remove_file(blob).unwrap_or_default();
    }
    fs::remove_file(cached).unwrap_or_default();
}

/// The hub's error in the words of someone who fetches data.
fn reason(error: &ApiError) -> String {
    match error {
        ApiError::RequestError(error) => match **error {
            ureq::Error::StatusCode(404) => "not found (404)".into(),
            ureq::Error::StatusCode(code @ (401 | 403)) => format!("not allowed ({code})"),
            ureq::Error::StatusCode(code) => format!("the server answered {code}"),
            ref other => format!("cannot be reached: {other}"),
        },
        ApiError::TooManyRetries(last) => format!("broke off again and again: {}", reason(last)),
        other => other.to_string(),
    }
}

/// A download's progress.
struct Download {
    bar: Bar,
    done: u64,
}

impl Progress for Download {
    fn init(&mut self, size: usize, _file: &str) {
        self.bar.total(size as u64);
        self.done = 0;
    }

    fn update(&mut self, size: usize) {
        self.done += size as u64;
        self.bar.at(self.done);
    }

    fn finish(&mut self) {
        self.bar.finish("fetched");
    }
}

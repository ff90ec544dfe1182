//! Where `train.replay` leads: a run's recorded decisions, by id or path, and their content hash.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use pathweave::spec::RunSpec;
use pathweave_store::DECISIONS;
use sha2::{Digest, Sha256};

use crate::error::CliError;
use crate::store::StoredRun;

/// Replaces each `train.replay` by the file it means and fills in the hash of its content.
///
/// # Errors
/// [`CliError::Spec`] with every source that is not there, was not recorded, or has changed.
pub fn resolve(mut specs: Vec<RunSpec>, out: &Path) -> Result<Vec<RunSpec>, CliError> {
    let mut hashes = BTreeMap::new();
    let mut faults = Vec::new();
    for spec in specs.iter_mut().filter(|spec| !spec.train.replay.is_empty()) {
        let found = file(&spec.train.replay, out).and_then(|path| {
            if !hashes.contains_key(&path) {
                hashes.insert(path.clone(), hash(&path)?);
            }
            Ok((hashes[&path].clone(), path))
        });
        let train = &mut spec.train;
        match found {
            Ok((hash, _)) if !train.replay_sha256.is_empty() && train.replay_sha256 != hash => {
                faults.push(format!(
                    "train.replay: found {}, whose content has changed since its hash was noted, \
                     allowed: a file with the SHA-256 {}",
                    train.replay, train.replay_sha256
                ));
            }
            Ok((hash, path)) => {
                (train.replay, train.replay_sha256) = (path.display().to_string(), hash);
            }
            Err(fault) => faults.push(format!(
                "train.replay: found {:?}: {fault}, allowed: a finished run with \
                 train.record_routing = true, or its file {DECISIONS}",
                train.replay
            )),
        }
    }
    if faults.is_empty() {
        return Ok(specs);
    }
    faults.dedup();
    Err(CliError::Spec(faults))
}

fn file(word: &str, out: &Path) -> Result<PathBuf, String> {
    let path = Path::new(word);
    let file = match (path.is_file(), path.is_dir()) {
        (true, _) => path.to_owned(),
        (_, true) => path.join(DECISIONS),
        _ => StoredRun::find(word, out).map_err(|error| error.to_string())?.folder.join(DECISIONS),
    };
    std::fs::canonicalize(&file).map_err(|error| format!("{}: {error}", file.display()))
}

/// SHA-256 of a file, in hexadecimal; what went wrong where it cannot be read.
pub(crate) fn hash(path: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let (mut digest, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => break,
            read => digest.update(&buffer[..read]),
        }
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

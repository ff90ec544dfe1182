//! What a sweep is to run, written down before the first run: runs that are pending are known by it,
//! and a scheduler's tasks read it instead of the user's spec, which may have changed since.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{StoreError, is_id, write_atomic};

/// The folder of the sweeps in a store.
pub const SWEEPS: &str = "sweeps";
/// In the folder of a sweep: a heading, then one line a run, as JSON.
pub const MANIFEST: &str = "manifest.jsonl";
const FORMAT: &str = "pathweave-sweep";
const VERSION: u32 = 1;

/// A sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// Its name
    pub name: String,
    /// Where tensors live
    pub device: String,
    /// Its runs, each once
    pub runs: Vec<Planned>,
}

/// A run that a sweep asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// Its id
    pub id: String,
    /// Its label
    pub name: String,
    /// By which results are summarised: the variant's name, or the model's kind
    pub model: String,
    /// Its seed
    pub seed: u64,
    /// What its spec has besides defaults
    pub spec: Value,
}

#[derive(Serialize, Deserialize)]
struct Heading {
    format: String,
    version: u32,
    name: String,
    device: String,
    runs: usize,
}

impl Manifest {
    /// Where it is in a store: by its name and a hash of the runs' ids, so that the same sweep finds
    /// its place again and another one never takes it.
    pub fn folder(&self, store: &Path) -> PathBuf {
        let mut hash = Sha256::new();
        hash.update(&self.device);
        for run in &self.runs {
            hash.update(&run.id);
        }
        let hash: String = hash.finalize().iter().take(4).map(|b| format!("{b:02x}")).collect();
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let name: String = self.name.chars().map(plain).take(40).collect();
        store.join(SWEEPS).join(format!("{}-{hash}", name.trim_matches('-')))
    }

    /// Writes it to its place, where it is not there yet; gives back the folder.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&self, store: &Path) -> Result<PathBuf, StoreError> {
        let folder = self.folder(store);
        let place = folder.join(MANIFEST);
        if place.is_file() {
            return Ok(folder);
        }
        fs::create_dir_all(&folder).map_err(|error| StoreError::file(&folder, error))?;
        write_atomic(&place, |to| -> std::io::Result<()> {
            let (name, device) = (self.name.clone(), self.device.clone());
            let runs = self.runs.len();
            let heading = Heading { format: FORMAT.into(), version: VERSION, name, device, runs };
            serde_json::to_writer(&mut *to, &heading)?;
            to.write_all(b"\n")?;
            for run in &self.runs {
                serde_json::to_writer(&mut *to, run)?;
                to.write_all(b"\n")?;
            }
            Ok(())
        })?;
        Ok(folder)
    }

    /// Reads the manifest in a sweep's folder.
    ///
    /// # Errors
    /// Where there is none, or it is broken: with the line.
    pub fn read(folder: &Path) -> Result<Self, StoreError> {
        let place = folder.join(MANIFEST);
        let text = fs::read_to_string(&place).map_err(|error| StoreError::file(&place, error))?;
        let fault = |line: usize, what: &dyn std::fmt::Display| {
            StoreError::file(&place, format!("line {line}: {what}"))
        };
        let mut lines = text.lines().enumerate();
        let (_, heading) = lines.next().ok_or_else(|| fault(1, &"found nothing"))?;
        let heading: Heading = serde_json::from_str(heading).map_err(|error| fault(1, &error))?;
        if heading.format != FORMAT || heading.version != VERSION {
            let found = format!("{} version {}", heading.format, heading.version);
            let allowed = format!("found {found}, allowed: {FORMAT} version {VERSION}");
            return Err(fault(1, &allowed));
        }
        let run = |(at, line): (usize, &str)| {
            let run: Planned = serde_json::from_str(line).map_err(|error| fault(at + 1, &error))?;
            match is_id(&run.id) {
                true => Ok(run),
                false => Err(fault(at + 1, &"id: allowed: 16 hexadecimal digits")),
            }
        };
        let runs = lines.map(run).collect::<Result<Vec<_>, _>>()?;
        if runs.len() != heading.runs {
            let what = format!("found {} runs, the heading says {}", runs.len(), heading.runs);
            return Err(StoreError::file(&place, what));
        }
        Ok(Self { name: heading.name, device: heading.device, runs })
    }

    /// The folders of the sweeps in a store, sorted.
    pub fn folders(store: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(store.join(SWEEPS)).into_iter().flatten().flatten();
        let with = |path: &PathBuf| path.join(MANIFEST).is_file();
        let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(with).collect();
        folders.sort();
        folders
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn manifest() -> Manifest {
        let run = |at: u64| Planned {
            id: format!("{at:016x}"),
            name: "a \"b\"".into(),
            model: "routed".into(),
            seed: at,
            spec: json!({"data": {"name": "rules"}, "train": {"rate": 0.1}}),
        };
        Manifest { name: "My sweep".into(), device: "cpu".into(), runs: (0..3).map(run).collect() }
    }

    #[test]
    fn a_manifest_comes_back_from_its_own_place() {
        let store = tempfile::tempdir().expect("a temporary folder");
        let folder = manifest().write(store.path()).expect("written");
        assert!(
            folder
                .file_name()
                .is_some_and(|name| { name.to_string_lossy().starts_with("my-sweep-") })
        );
        assert_eq!(Manifest::read(&folder).expect("read"), manifest());
        assert_eq!(manifest().write(store.path()).expect("there"), folder);
        let fewer = Manifest { runs: manifest().runs[1..].to_vec(), ..manifest() };
        assert_ne!(fewer.write(store.path()).expect("written"), folder);
        assert_eq!(Manifest::folders(store.path()).len(), 2);
    }

    #[test]
    fn a_broken_manifest_names_its_line() {
        let store = tempfile::tempdir().expect("a temporary folder");
        let folder = manifest().write(store.path()).expect("written");
        let place = folder.join(MANIFEST);
        let whole = fs::read_to_string(&place).expect("read");
        let told = |text: &str| {
            fs::write(&place, text).expect("written");
            Manifest::read(&folder).expect_err("a fault").to_string()
        };
        let cut: Vec<&str> = whole.lines().take(3).collect();
        assert!(told(&cut.join("\n")).contains("found 2 runs, the heading says 3"));
        assert!(
            told(&whole.replace("0000000000000001", "../../etc/passwd")).contains("line 3: id")
        );
        assert!(told("").contains("line 1"));
    }
}

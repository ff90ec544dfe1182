//! Agreement with numbers that the code of the rule benchmark's authors computed.
//!
//! Every file of a folder is checked: the one that the environment variable `PATHWEAVE_GOLDEN`
//! names, else `fixtures` beside this file. A folder without files fails, and so does a file that is
//! not understood.
//!
//! - `FAMILY-TARGET-KIND-rR-eE-dD.safetensors`, see `model.rs`: layout, output, score, loss,
//!   gradient and one step of Adam, by every engine that has the model.
//! - `rules-rR.safetensors`, see `labels.rs`: labels of given inputs and coefficients.
//! - `metrics.json`, see `metrics.rs`: metrics of given joint activations.
//!
//! Tolerances are relative to the largest magnitude of the tensor compared.

mod engines;
mod faults;
mod labels;
mod metrics;
mod model;
mod name;
mod tensors;

use std::path::{Path, PathBuf};

/// What is wrong with a file.
fn check(name: &str, bytes: &[u8]) -> Vec<String> {
    let found = match name {
        "metrics.json" => metrics::check(bytes),
        _ => tensors::read(bytes).and_then(|mut tensors| {
            match (name::rules(name), name::model(name)) {
                (Some(rules), _) => labels::check(rules, &mut tensors)?,
                (_, Some(model)) => model::check(&model, &mut tensors)?,
                _ => return Err("the name is not understood".into()),
            }
            tensors.finish()
        }),
    };
    let faults = found.err().into_iter().collect::<Vec<_>>().join("\n");
    faults.lines().map(|fault| format!("{name}: {fault}")).collect()
}

/// Name and contents of every file, in order.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let read = |path: PathBuf| {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        (name, std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    };
    let entries = std::fs::read_dir(folder);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.into_iter().filter(|path| !path.ends_with("README.md")).map(read).collect()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/fixtures")
}

#[test]
fn every_file_agrees() {
    let folder = std::env::var_os("PATHWEAVE_GOLDEN").map_or_else(fixtures, PathBuf::from);
    let files = files(&folder);
    assert!(!files.is_empty(), "{}: no files", folder.display());
    let faults: Vec<String> = files.iter().flat_map(|(name, bytes)| check(name, bytes)).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

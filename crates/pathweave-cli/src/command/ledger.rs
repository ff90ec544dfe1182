//! `ledger`: every claim of the experiments that were reproduced.

use std::fs;
use std::path::{Path, PathBuf};

use pathweave_store::write_text;
use serde_json::Value;

use super::report::DATA;
use crate::cli::LedgerArgs;
use crate::error::CliError;
use crate::experiment::ledger::{Ledger, Reproduced};
use crate::options::RunOptions;
use crate::output;

/// Prints the ledger of a folder of reports as Markdown, or as JSON.
///
/// # Errors
/// [`CliError::Usage`] where there is no reproduced experiment; [`CliError::Internal`] where the
/// data of one cannot be read.
pub fn run(args: &LedgerArgs, options: &RunOptions) -> Result<(), CliError> {
    let folder = args.folder.clone().unwrap_or_else(|| reports(&options.out));
    let found = read(&folder)?;
    if found.is_empty() {
        let text = format!("{}: no reproduced experiment in this folder", folder.display());
        return Err(CliError::Usage(text));
    }
    let ledger = Ledger::new(found);
    if options.json {
        return output::json(&ledger.to_json());
    }
    output::text(&ledger.to_markdown())
}

/// Writes the ledger of all reports below `out` beside them: `ledger.md` and `ledger.json`.
///
/// # Errors
/// As [`run`], or where a file cannot be written.
pub fn update(out: &Path) -> Result<(), CliError> {
    let folder = reports(out);
    let ledger = Ledger::new(read(&folder)?);
    write_text(&folder.join("ledger.json"), &format!("{:#}\n", ledger.to_json()))?;
    Ok(write_text(&folder.join("ledger.md"), &ledger.to_markdown())?)
}

/// Where reports are.
fn reports(out: &Path) -> PathBuf {
    out.join("reports")
}

/// What the reports in `folder` and below say.
fn read(folder: &Path) -> Result<Vec<Reproduced>, CliError> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(|error| CliError::file(&folder, error))?;
        for entry in entries {
            let entry = entry.map_err(|error| CliError::file(&folder, error))?;
            // A link is not followed: it may lead round in a circle.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            } else if entry.file_name() == DATA {
                found.extend(experiment(&entry.path())?);
            }
        }
    }
    Ok(found)
}

fn experiment(path: &Path) -> Result<Option<Reproduced>, CliError> {
    let text = fs::read_to_string(path).map_err(|error| CliError::file(path, error))?;
    let data: Result<Value, _> = serde_json::from_str(&text);
    data.and_then(|data| Reproduced::from_json(&data)).map_err(|error| CliError::file(path, error))
}

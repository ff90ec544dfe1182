//! `verify`: repeats a finished run in a temporary folder and compares the bits.

use std::fs;

use pathweave_store::{
    ACTIVATION, BEST, CURVES, DECISIONS, MODEL, RECORD, ROUTING_JSONL, ROUTING_PARQUET,
};
use serde_json::json;

use crate::cli::VerifyArgs;
use crate::error::CliError;
use crate::executor::run_all;
use crate::options::RunOptions;
use crate::output;
use crate::run_id::id;
use crate::store::StoredRun;

/// The files whose bytes repeat.
const FILES: [&str; 8] =
    [MODEL, RECORD, CURVES, ROUTING_JSONL, ROUTING_PARQUET, DECISIONS, BEST, ACTIVATION];

/// Repeats the run on the same device as the first time.
///
/// # Errors
/// [`CliError::Differs`] with the files that differ; those of [`StoredRun::find`] and [`run_all`].
pub fn run(args: &VerifyArgs, options: &RunOptions) -> Result<(), CliError> {
    let first = StoredRun::find(&args.run, &options.out)?;
    let of_record = first.record.device.parse();
    let device = of_record.map_err(|error| CliError::Usage(format!("device: {error}")))?;
    let own = id(&first.spec, device);
    if own != first.id {
        let text = format!(
            "{}: its spec has the id {own}, its record {}: one of them was changed",
            first.folder.display(),
            first.id
        );
        return Err(CliError::Differs(text));
    }
    let place = tempfile::tempdir()
        .map_err(|error| CliError::Internal(format!("no temporary folder: {error}")))?;
    let options_there = RunOptions { out: place.path().to_owned(), device, ..options.clone() };
    let again = run_all(vec![first.spec.clone()], &options_there).map_err(|error| match error {
        // The temporary folder is gone, and with it the checkpoint.
        CliError::Interrupted(_) => {
            CliError::Interrupted("interrupted; nothing was compared".into())
        }
        other => other,
    })?;
    let mut files = Vec::new();
    for name in FILES {
        let [old, new] =
            [&first.folder, &again[0].folder].map(|folder| fs::read(folder.join(name)).ok());
        let verdict = match (&old, &new) {
            (None, None) => continue,
            (Some(old), Some(new)) if old == new => "equal",
            (Some(_), Some(_)) => "differs",
            (None, Some(_)) => "missing in the run",
            (Some(_), None) => "missing in the repetition",
        };
        files.push((name, verdict));
    }
    let bad: Vec<String> = files
        .iter()
        .filter(|(_, verdict)| *verdict != "equal")
        .map(|(name, verdict)| format!("{name}: {verdict}"))
        .collect();
    if !bad.is_empty() {
        let text = format!("{}: not the same bits\n{}", first.id, bad.join("\n"));
        return Err(CliError::Differs(text));
    }
    if options.json {
        let pairs = files.iter().map(|(name, verdict)| ((*name).to_owned(), json!(verdict)));
        let files: serde_json::Map<_, _> = pairs.collect();
        return output::json(&json!({"id": first.id, "verified": true, "files": files}));
    }
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    output::text(&format!("{}: the same bits in {}\n", first.id, names.join(", ")))
}

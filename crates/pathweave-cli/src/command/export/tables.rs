//! Runs as one table: Parquet and CSV.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use pathweave_eval::curves::Curves;
use pathweave_eval::table::parquet::{CurveWriter, write_runs};
use pathweave_store::{CURVES, RunFolder, write_atomic};
use rayon::prelude::*;
use serde_json::json;

use crate::error::CliError;
use crate::options::RunOptions;
use crate::output;
use crate::selection::Selection;

/// Runs whose curves are in memory at once.
const CHUNK: usize = 256;

/// Writes a row a run, and the curves where they are asked for.
///
/// # Errors
/// Where a file cannot be read or written.
pub fn parquet(
    file: &Path,
    curves: Option<&Path>,
    selection: &Selection,
    options: &RunOptions,
) -> Result<(), CliError> {
    let frame = selection.frame()?;
    write_atomic(file, |to| write_runs(&frame, to))?;
    if let Some(file) = curves {
        write_atomic(file, |to| write_curves(selection, to))?;
    }
    if options.json {
        return output::json(&json!({"runs": frame.len(), "file": file, "curves": curves}));
    }
    let curves = curves.map(|file| format!(", their curves in {}", file.display()));
    let (runs, file) = (frame.len(), file.display());
    output::text(&format!("{runs} runs in {file}{}\n", curves.unwrap_or_default()))
}

fn write_curves(selection: &Selection, to: &mut BufWriter<File>) -> Result<(), CliError> {
    let failed = |error: std::io::Error| CliError::Internal(error.to_string());
    let mut writer = CurveWriter::new(to).map_err(failed)?;
    for chunk in selection.runs.chunks(CHUNK) {
        let read: Vec<Curves> = chunk.par_iter().map(curves).collect::<Result<_, _>>()?;
        for (run, curves) in chunk.iter().zip(&read) {
            writer.push(&run.id, curves).map_err(failed)?;
        }
    }
    writer.finish().map_err(failed)
}

/// The training curves of a run.
///
/// # Errors
/// Where the file cannot be read.
pub fn curves(run: &RunFolder) -> Result<Curves, CliError> {
    let path = run.file(CURVES);
    let file = File::open(&path).map_err(|error| CliError::file(&path, error))?;
    Curves::from_csv(file).map_err(|error| CliError::file(&path, error))
}

/// Writes a line a run.
///
/// # Errors
/// Where a file cannot be read or written.
pub fn csv(file: &Path, selection: &Selection, options: &RunOptions) -> Result<(), CliError> {
    let frame = selection.frame()?;
    if file == Path::new("-") {
        let mut csv = Vec::new();
        frame.to_csv(&mut csv).map_err(|error| CliError::Internal(error.to_string()))?;
        return output::text(&String::from_utf8_lossy(&csv));
    }
    write_atomic(file, |to| frame.to_csv(to))?;
    if options.json {
        return output::json(&json!({"runs": frame.len(), "file": file}));
    }
    output::text(&format!("{} runs in {}\n", frame.len(), file.display()))
}

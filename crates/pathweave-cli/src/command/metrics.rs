//! `metrics`: measures routing logs of any framework.

mod json;
mod map;
mod snapshot;
mod table;

use std::path::Path;

use pathweave_eval::log::foreign::{Format, NpyRows, ReadOptions, Reading, read_any};
use pathweave_store::write_text;

use self::snapshot::Subject;
use crate::cli::{MetricsArgs, NpyRowsArg};
use crate::error::CliError;
use crate::options::RunOptions;
use crate::output;
use crate::store::StoredRun;

/// Prints every metric of every log: of one with intervals, baselines, a map and alarms; of several
/// side by side, with those of pairs.
///
/// # Errors
/// [`CliError::Data`] with every fault of every log, by file, line and column; [`CliError::Usage`]
/// where there is no such file or run, or a flag makes no sense.
pub fn run(args: &MetricsArgs, options: &RunOptions) -> Result<(), CliError> {
    check(args)?;
    let (mut subjects, mut faults) = (Vec::new(), Vec::new());
    for word in &args.logs {
        match read(word, args, &options.out) {
            Ok(reading) => subjects.push(Subject::new(word, reading, args.above)),
            Err(CliError::Data(text)) => faults.push(text),
            Err(other) => return Err(other),
        }
    }
    if !faults.is_empty() {
        return Err(CliError::Data(faults.join("\n")));
    }
    if let (Some(path), [subject]) = (&args.figure, &*subjects) {
        write_text(path, &map::figure(subject))?;
    }
    if options.json {
        return output::json(&json::whole(&subjects, args.figure.as_deref()));
    }
    output::text(&table::whole(&subjects, args.figure.as_deref()))
}

/// What is wrong with the flags, all of it.
fn check(args: &MetricsArgs) -> Result<(), CliError> {
    let mut faults = Vec::new();
    if let Some(path) = &args.figure {
        if path.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("svg")) {
            faults.push(format!("--figure: found {}, allowed: a file named .svg", path.display()));
        }
        if args.logs.len() > 1 {
            faults.push(format!("--figure: found {} logs, allowed: one", args.logs.len()));
        }
    }
    if !(args.above > 0.0 && args.above < 1.0) {
        faults.push(format!("--above: found {}, allowed: a number above 0, below 1", args.above));
    }
    if faults.is_empty() { Ok(()) } else { Err(CliError::Usage(faults.join("\n"))) }
}

fn read(word: &str, args: &MetricsArgs, out: &Path) -> Result<Reading, CliError> {
    let path = Path::new(word);
    if path.is_file() {
        let npy_rows = match args.npy_rows {
            NpyRowsArg::Samples => NpyRows::Samples,
            NpyRowsArg::Rules => NpyRows::Rules,
        };
        let how = ReadOptions { npy_rows, rules: args.rules.clone() };
        return read_any(path, &how).map_err(|error| CliError::Data(error.to_string()));
    }
    let run = StoredRun::find(word, out).map_err(|error| match error {
        CliError::Usage(text) => CliError::Usage(format!("{text}, and no such file")),
        other => other,
    })?;
    let none = || CliError::Usage(format!("{word}: a run that routes nothing"));
    let log = run.routing_log()?.ok_or_else(none)?;
    Ok(Reading::of_log(Format::JsonLines, log))
}

//! A folder for TensorBoard.

use std::fs;
use std::io::BufWriter;
use std::path::Path;

use pathweave_eval::record::RunRecord;
use pathweave_eval::table::frame::leaves;
use pathweave_eval::tensorboard::EventWriter;
use pathweave_store::{EVENTS, RunFolder, write_atomic};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::times::times;
use crate::error::CliError;
use crate::options::RunOptions;
use crate::output;
use crate::selection::{Selection, read};

/// Beside the curves: the settings. TensorBoard reads files in the order of their names.
const SETTINGS: &str = "events.out.tfevents.0.hparams";
/// Letters of a run's label in the name of its folder.
const LABEL: usize = 80;

/// Makes a folder a run, named by label, seed and id; the curves are linked where the file system
/// can, and copied elsewhere.
///
/// # Errors
/// Where a file cannot be read or written.
pub fn export(folder: &Path, selection: &Selection, options: &RunOptions) -> Result<(), CliError> {
    selection.runs.par_iter().try_for_each(|run| one(folder, run))?;
    let runs = selection.runs.len();
    if options.json {
        return output::json(&json!({"runs": runs, "folder": folder}));
    }
    output::text(&format!("{runs} runs in {0}\ntensorboard --logdir {0}\n", folder.display()))
}

fn one(folder: &Path, run: &RunFolder) -> Result<(), CliError> {
    let (record, timing) = read(run)?;
    let place = folder.join(name(&record));
    fs::create_dir_all(&place).map_err(|error| CliError::file(&place, error))?;
    let (from, to) = (run.file(EVENTS), place.join(EVENTS));
    // An earlier export's; where there is none that is no error.
    _ = fs::remove_file(&to);
    let linked = fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(drop));
    linked.map_err(|error| CliError::file(&from, error))?;
    let mut settings: Vec<(String, Value)> = Vec::new();
    leaves(&record.spec, &mut |key, value| settings.push((key.to_owned(), value.clone())));
    let named = settings.iter().map(|(key, value)| (key.as_str(), value));
    let times = times(run, timing.as_ref());
    write_atomic(&place.join(SETTINGS), |to: &mut BufWriter<fs::File>| {
        let mut writer = EventWriter::new(to, times.0)?;
        writer.hparams(&record.name, times, named)
    })?;
    Ok(())
}

/// `label-seedN-id`, the label with letters that every file system takes.
fn name(record: &RunRecord) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._+".contains(c) { c } else { '-' };
    let label: String = record.name.chars().map(plain).take(LABEL).collect();
    let label = label.trim_matches(['-', '.']);
    format!("{label}-seed{}-{}", record.seed, record.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_end_with_the_id() {
        let mut record = RunRecord::new("0123456789abcdef", "../a b/<ü>");
        record.seed = 3;
        assert_eq!(name(&record), "a-b-seed3-0123456789abcdef");
    }
}

//! Sweeps as jobs of GNU parallel: a command a part.

use std::path::PathBuf;

use pathweave_store::write_text;

use super::{Sweep, shell};
use crate::error::CliError;
use crate::options::RunOptions;

/// Folder in the sweep's own.
const FOLDER: &str = "parallel";

/// A job file and how it is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jobs {
    /// The file: a command a line, one part of the sweep each
    pub text: String,
    /// Where it belongs
    pub file: PathBuf,
    /// The command that runs it
    pub command: String,
}

impl Jobs {
    /// The parts of a sweep as jobs.
    ///
    /// # Errors
    /// Where paths are no text.
    pub fn new(
        sweep: &Sweep,
        parts: usize,
        retries: u32,
        options: &RunOptions,
    ) -> Result<Self, CliError> {
        let program = shell::path(&shell::program()?)?;
        Self::with(&program, sweep, parts, retries, options)
    }

    fn with(
        program: &str,
        sweep: &Sweep,
        parts: usize,
        retries: u32,
        options: &RunOptions,
    ) -> Result<Self, CliError> {
        let folder = sweep.folder.join(FOLDER);
        let manifest = shell::path(&sweep.folder)?;
        let data = options.data().map(shell::path).transpose()?;
        let line = |part: usize| {
            let (part, retries) = (format!("{part}/{parts}"), retries.to_string());
            let seconds = options.checkpoint_seconds.to_string();
            let mut words = vec![program, "sweep", "--manifest", &manifest, "--shard", &part];
            words.extend(["--jobs", "1", "--retries", &retries, "--checkpoint-seconds", &seconds]);
            words.push("--quiet");
            words.extend(data.as_deref().into_iter().flat_map(|data| ["--data", data]));
            shell::line(&words) + "\n"
        };
        let text = (1..=parts).map(line).collect();
        let (file, log) = (folder.join("jobs"), folder.join("joblog"));
        let jobs = options.jobs.map_or_else(|| "100%".to_owned(), |jobs| jobs.to_string());
        // Ctrl-C and --timeout ask first, so that runs stop with a checkpoint.
        let mut words = vec!["parallel", "--jobs", &jobs, "--termseq", "TERM,30000,KILL,1000"];
        let log = shell::path(&log)?;
        words.extend(["--joblog", &log, "--resume-failed"]);
        let command = format!("{} < {}", shell::line(&words), shell::quote(&shell::path(&file)?));
        Ok(Self { text, file, command })
    }

    /// Writes the job file.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&self) -> Result<(), CliError> {
        let folder = self.file.parent().expect("it is in a folder");
        std::fs::create_dir_all(folder).map_err(|error| CliError::file(folder, error))?;
        Ok(write_text(&self.file, &self.text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::golden;

    #[test]
    fn the_job_file_is_the_golden_one() {
        let (sweep, options) = golden::sweep("/scratch/it's mine/runs", &["--data", "/data"]);
        let jobs = Jobs::with("/opt/bin/pathweave", &sweep, 3, 1, &options).expect("text");
        golden::check("parallel", &format!("{}{}\n", jobs.text, jobs.command));
        assert!(jobs.file.ends_with("sweeps/mine-0badc0de/parallel/jobs"));
    }
}

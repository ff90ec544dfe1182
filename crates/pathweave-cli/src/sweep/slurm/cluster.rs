//! Slurm's own commands.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Output};

use super::shell;
use crate::error::CliError;

/// A job that Slurm still has: a task of an array, or the tasks of one that wait together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id, such as `17_3`
    pub id: String,
    /// Slurm's word for its state, such as `RUNNING`
    pub state: String,
    /// Why it waits, such as `Resources`; `None` where it does not
    pub reason: String,
}

/// One more than the greatest index of an array's task.
///
/// # Errors
/// [`CliError::Scheduler`] where Slurm cannot be asked or has no arrays.
pub fn max_array() -> Result<usize, CliError> {
    let text = call("scontrol", &["show", "config"], None)?;
    match max_array_of(&text) {
        Some(size @ 1..) => Ok(size),
        Some(0) => {
            Err(CliError::Scheduler("this cluster has no job arrays: MaxArraySize = 0".into()))
        }
        None => Err(CliError::Scheduler("scontrol show config: found no MaxArraySize".into())),
    }
}

fn max_array_of(config: &str) -> Option<usize> {
    let line = config.lines().find(|line| line.trim_start().starts_with("MaxArraySize"))?;
    line.split_once('=')?.1.trim().parse().ok()
}

/// Submits a job; `words` are sbatch's. Gives back the job's id.
///
/// # Errors
/// [`CliError::Scheduler`] where sbatch is not there or refuses.
pub fn submit(words: &[String], folder: &Path) -> Result<String, CliError> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let text = call("sbatch", &words, Some(folder))?;
    // Where there are several clusters, the name follows after a semicolon.
    let id = text.trim().split(';').next().unwrap_or_default().to_owned();
    match !id.is_empty() && id.bytes().all(|c| c.is_ascii_digit()) {
        true => Ok(id),
        false => Err(CliError::Scheduler(format!("sbatch: found {text:?}, expected a job's id"))),
    }
}

/// The jobs of that name that wait, run or end.
///
/// # Errors
/// [`CliError::Scheduler`] where Slurm cannot be asked.
pub fn live(name: &str) -> Result<Vec<Job>, CliError> {
    let name = format!("--name={name}");
    let words = ["--noheader", "--array", "--format=%i|%T|%r", &name];
    Ok(call("squeue", &words, None)?.lines().filter_map(job_of).collect())
}

fn job_of(line: &str) -> Option<Job> {
    let mut parts = line.trim().splitn(3, '|').map(str::to_owned);
    let (id, state, reason) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Job { id, state, reason })
}

/// Ends jobs: each is asked to stop, and killed after the cluster's grace.
///
/// # Errors
/// [`CliError::Scheduler`] where Slurm cannot be asked or refuses.
pub fn cancel(name: &str) -> Result<(), CliError> {
    call("scancel", &[&format!("--name={name}")], None).map(|_| ())
}

fn call(program: &str, words: &[&str], folder: Option<&Path>) -> Result<String, CliError> {
    let mut command = Command::new(program);
    command.args(words);
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    let Output { status, stdout, stderr } = command.output().map_err(|error| {
        CliError::Scheduler(match error.kind() {
            ErrorKind::NotFound => format!(
                "{program}: not found: submit from a machine with Slurm's commands; --dry-run \
                 prints the script, and --executor local needs no scheduler"
            ),
            _ => format!("{program}: {error}"),
        })
    })?;
    if status.success() {
        return Ok(String::from_utf8_lossy(&stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&stderr);
    let said = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let said = said.collect::<Vec<_>>().join("; ");
    let said = if said.is_empty() { status.to_string() } else { said };
    Err(CliError::Scheduler(format!(
        "{}: refused: {said}",
        shell::line(&[&[program], words].concat())
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let config = "MaxArraySize            = 1001\nMaxBatchRequeue = 5\n";
        assert_eq!(max_array_of(config), Some(1001));
        assert_eq!(max_array_of("nothing"), None);
        let job = job_of("17_[3-9]|PENDING|Resources").expect("a job");
        assert_eq!((job.id.as_str(), job.state.as_str()), ("17_[3-9]", "PENDING"));
        assert_eq!(job_of("garbage"), None);
    }

    #[test]
    fn what_is_missing_or_refuses_is_told() {
        let error = call("no-such-program", &[], None).expect_err("missing").to_string();
        assert!(error.contains("not found") && error.contains("--dry-run"), "{error}");
        let error = call("sh", &["-c", "echo no >&2; exit 3"], None).expect_err("refused");
        assert!(error.to_string().ends_with("refused: no"), "{error}");
        let error = call("sh", &["-c", "exit 3"], None).expect_err("refused").to_string();
        assert!(error.contains("exit status: 3"), "{error}");
    }
}

//! The files of one submission.
//!
//! ```text
//! <sweep>/slurm/lock                  held while a process submits
//! <sweep>/slurm/<n>/script.sh         what every task runs
//! <sweep>/slurm/<n>/tasks             ids of a task's runs, a line a task
//! <sweep>/slurm/<n>/jobs              arrays: id of the job, number of its first task, tasks
//! <sweep>/slurm/<n>/logs/<c>-<i>.log  what task i of array c printed
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::CliError;
use crate::sweep::parts;

/// Folder of a sweep's submissions in its own.
pub const FOLDER: &str = "slurm";
/// The file of tasks.
pub const TASKS: &str = "tasks";
/// What every task runs.
pub const SCRIPT: &str = "script.sh";
/// Folder of what the tasks printed.
pub const LOGS: &str = "logs";
const JOBS: &str = "jobs";

/// An array of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    /// Slurm's id, such as `17`
    pub job: String,
    /// Number of its first task in the file of tasks
    pub first: usize,
    /// Its tasks
    pub tasks: usize,
}

/// What a run's task was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Slurm's id of the task, such as `17_3`
    pub job: String,
    /// What it printed
    pub log: PathBuf,
}

/// The number of tasks in each array, by the most that one may have.
pub fn arrays(tasks: usize, fit: usize) -> Vec<(usize, usize)> {
    let firsts = (0..tasks).step_by(fit.max(1));
    firsts.map(|first| (first, (tasks - first).min(fit.max(1)))).collect()
}

/// The folder of the next submission.
pub fn next(sweep: &Path) -> PathBuf {
    let last = numbers(sweep).last().copied().unwrap_or(0);
    sweep.join(FOLDER).join((last + 1).to_string())
}

/// The folder of the last submission; none where there was none.
pub fn last(sweep: &Path) -> Option<PathBuf> {
    let number = numbers(sweep).last()?.to_string();
    Some(sweep.join(FOLDER).join(number))
}

fn numbers(sweep: &Path) -> Vec<u32> {
    let entries = fs::read_dir(sweep.join(FOLDER)).into_iter().flatten().flatten();
    let mut numbers: Vec<u32> =
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    numbers.sort_unstable();
    numbers
}

/// Writes an array down as soon as Slurm has it.
///
/// # Errors
/// Where the file cannot be written.
pub fn add(folder: &Path, array: &Array) -> Result<(), CliError> {
    let path = folder.join(JOBS);
    let line = format!("{} {} {}\n", array.job, array.first, array.tasks);
    let open = fs::OpenOptions::new().create(true).append(true).open(&path);
    open.and_then(|mut file| file.write_all(line.as_bytes()))
        .map_err(|error| CliError::file(&path, error))
}

/// The arrays that Slurm took.
pub fn taken(folder: &Path) -> Vec<Array> {
    let text = fs::read_to_string(folder.join(JOBS)).unwrap_or_default();
    let array = |line: &str| {
        let mut words = line.split(' ');
        let (job, first, tasks) = (words.next()?, words.next()?, words.next()?);
        Some(Array { job: job.into(), first: first.parse().ok()?, tasks: tasks.parse().ok()? })
    };
    text.lines().filter_map(array).collect()
}

/// Where each run of a submission went, by its id.
pub fn places(folder: &Path) -> BTreeMap<String, Place> {
    let arrays = taken(folder);
    let mut places = BTreeMap::new();
    for (task, ids) in parts::read(&folder.join(TASKS)).unwrap_or_default().iter().enumerate() {
        let of =
            |(_, array): &(usize, &Array)| (array.first..array.first + array.tasks).contains(&task);
        let Some((at, array)) = arrays.iter().enumerate().find(of) else { continue };
        let index = task - array.first;
        let place = Place {
            job: format!("{}_{index}", array.job),
            log: folder.join(LOGS).join(format!("{at}-{index}.log")),
        };
        places.extend(ids.iter().map(|id| (id.clone(), place.clone())));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_as_long_as_the_cluster_allows() {
        assert_eq!(arrays(0, 5), []);
        assert_eq!(arrays(5, 5), [(0, 5)]);
        assert_eq!(arrays(11, 5), [(0, 5), (5, 5), (10, 1)]);
    }

    #[test]
    fn submissions_are_numbered_and_know_where_runs_went() {
        let sweep = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(last(sweep.path()), None);
        for number in [9, 10] {
            fs::create_dir_all(sweep.path().join(format!("slurm/{number}"))).expect("made");
        }
        let folder = last(sweep.path()).expect("there is one");
        assert!(folder.ends_with("slurm/10"));
        assert!(next(sweep.path()).ends_with("slurm/11"));
        fs::write(folder.join(TASKS), "a b\nc\nd\n").expect("written");
        add(&folder, &Array { job: "17".into(), first: 0, tasks: 2 }).expect("written");
        // The last array was never submitted.
        let places = places(&folder);
        assert_eq!(places.len(), 3);
        assert_eq!(places["b"].job, "17_0");
        assert!(places["c"].log.ends_with("logs/0-1.log"));
    }
}

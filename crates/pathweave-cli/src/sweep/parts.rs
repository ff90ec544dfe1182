//! Many short runs in one task of a scheduler.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::CliError;

/// Runs of a task where nobody says how many: a task costs a scheduler about a second, a short run
/// takes less.
const LEAST: usize = 20;

/// Deals runs out to tasks, in turn: neighbours in a grid take about the same time, so that tasks
/// that have some of everything end together. At most `per_task` runs a task; where that is not
/// said, as many tasks as `fit`, but at least 20 runs in each.
pub fn deal<T: Clone>(runs: &[T], per_task: Option<usize>, fit: usize) -> Vec<Vec<T>> {
    let per_task = per_task.unwrap_or_else(|| runs.len().div_ceil(fit.max(1)).max(LEAST)).max(1);
    let tasks = runs.len().div_ceil(per_task);
    let task = |at: usize| runs.iter().skip(at).step_by(tasks).cloned().collect();
    (0..tasks).map(task).collect()
}

/// A line of a file of tasks: ids of runs with spaces between; the first line is number 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskLine {
    file: PathBuf,
    number: usize,
}

impl TaskLine {
    /// The ids of its runs.
    ///
    /// # Errors
    /// [`CliError::Usage`] where the file cannot be read or has no such line.
    pub fn ids(&self) -> Result<Vec<String>, CliError> {
        let tasks = read(&self.file).map_err(CliError::Usage)?;
        let missing = || CliError::Usage(format!("{self}: the file has {} lines", tasks.len()));
        tasks.get(self.number).cloned().ok_or_else(missing)
    }
}

/// The tasks of a file.
///
/// # Errors
/// What is wrong with it.
pub fn read(file: &Path) -> Result<Vec<Vec<String>>, String> {
    let failed = |error| format!("{}: {error}", file.display());
    let text = fs::read_to_string(file).map_err(failed)?;
    Ok(text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect())
}

/// The text of a file of tasks.
pub fn text(tasks: &[Vec<String>]) -> String {
    tasks.iter().map(|ids| ids.join(" ") + "\n").collect()
}

impl FromStr for TaskLine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let line = text.rsplit_once(':').and_then(|(file, number)| {
            let number = number.parse().ok()?;
            (!file.is_empty()).then(|| Self { file: file.into(), number })
        });
        line.ok_or_else(|| "allowed: FILE:N, such as tasks:0".to_owned())
    }
}

impl fmt::Display for TaskLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_is_in_one_task_and_tasks_are_even() {
        for runs in [0, 1, 19, 20, 21, 1000, 20_000] {
            let ids: Vec<usize> = (0..runs).collect();
            for (per_task, fit) in [(None, 1001), (None, 4), (None, 0), (Some(1), 5), (Some(7), 5)]
            {
                let tasks = deal(&ids, per_task, fit);
                let mut all: Vec<usize> = tasks.concat();
                all.sort_unstable();
                assert_eq!(all, ids);
                let sizes = tasks.iter().map(Vec::len);
                let (least, most) = (sizes.clone().min(), sizes.max());
                assert!(most.unwrap_or(0) - least.unwrap_or(0) <= 1);
                if let Some(per_task) = per_task {
                    assert!(most.unwrap_or(0) <= per_task);
                } else {
                    assert!(tasks.len() <= fit.max(1));
                    assert!(tasks.len() <= 1 || least >= Some(LEAST / 2));
                }
            }
        }
        assert_eq!(deal(&["a", "b", "c"], Some(2), 9), [vec!["a", "c"], vec!["b"]]);
    }

    #[test]
    fn tasks_are_lines_of_a_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("tasks: all");
        let tasks = vec![vec!["a".to_owned(), "b".to_owned()], vec!["c".to_owned()]];
        fs::write(&file, text(&tasks)).expect("written");
        let task = |number: usize| format!("{}:{number}", file.display()).parse::<TaskLine>();
        assert_eq!(task(1).expect("a task").ids().expect("there"), ["c"]);
        let error = task(2).expect("a task").ids().expect_err("no line").to_string();
        assert!(error.contains("has 2 lines"), "{error}");
        for text in ["", "a", "a:", ":1", "a:b", "a:-1"] {
            assert!(text.parse::<TaskLine>().is_err(), "{text}");
        }
    }
}

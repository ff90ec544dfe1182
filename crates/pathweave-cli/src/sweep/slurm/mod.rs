//! Sweeps as job arrays of Slurm.
//!
//! Slurm starts tasks, kills and requeues them; which runs are done, failed or left follows from
//! the store alone, so a task may vanish at any moment, and nothing here asks for accounting.
//! `squeue` is asked by the name of the jobs, which holds a hash of the sweep's folder, not by their
//! ids: so jobs are found whose submission was killed before it could write their ids down.

mod cluster;
mod options;
mod script;
mod submission;
mod wait;

use std::fs;
use std::path::{Path, PathBuf};

pub use cluster::Job;
pub use options::SbatchOptions;
use pathweave_store::write_text;
use script::Script;
use sha2::{Digest, Sha256};
use submission::{Array, LOGS, SCRIPT, TASKS};
pub use submission::{Place, places};
pub use wait::wait;

use super::{Entry, Sweep, parts, shell};
use crate::error::CliError;
use crate::options::RunOptions;

/// Slurm's own default of MaxArraySize, for scripts that are only looked at.
const USUAL_ARRAY: usize = 1001;

/// What is to be submitted.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The sweep
    pub sweep: &'a Sweep,
    /// Runs that are not done
    pub todo: &'a [&'a Entry],
    /// Runs a task, where somebody says
    pub per_task: Option<usize>,
    /// Further options of sbatch
    pub sbatch: &'a SbatchOptions,
    /// How often a run that fails is tried again
    pub retries: u32,
}

/// What was submitted.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// Folder of the submission
    pub folder: PathBuf,
    /// Ids of the arrays
    pub jobs: Vec<String>,
    /// Tasks of all arrays
    pub tasks: usize,
}

/// Everything that goes to Slurm.
struct Prepared {
    folder: PathBuf,
    tasks: Vec<Vec<String>>,
    script: String,
    arrays: Vec<(usize, usize)>,
    throttle: Option<usize>,
}

/// The jobs of a sweep that Slurm still has.
///
/// # Errors
/// [`CliError::Scheduler`] where Slurm cannot be asked.
pub fn live(sweep: &Sweep) -> Result<Vec<Job>, CliError> {
    cluster::live(&job_name(&sweep.folder))
}

/// Ends the jobs of a sweep; what their runs reached stays.
///
/// # Errors
/// [`CliError::Scheduler`] where Slurm cannot be asked or refuses.
pub fn cancel(sweep: &Sweep) -> Result<(), CliError> {
    cluster::cancel(&job_name(&sweep.folder))
}

/// Where the runs of a sweep's last submission went; its folder beside them.
pub fn last(sweep: &Sweep) -> Option<PathBuf> {
    submission::last(&sweep.folder)
}

/// Script and commands of a submission, as a shell reads them; nothing is submitted.
///
/// # Errors
/// Where paths are no text.
pub fn dry_run(request: &Request<'_>, options: &RunOptions) -> Result<String, CliError> {
    let (fit, note) = match cluster::max_array() {
        Ok(fit) => (fit, String::new()),
        Err(error) => (USUAL_ARRAY, format!("\n# Taken for {USUAL_ARRAY}: {error}.")),
    };
    let prepared = prepare(request, fit, options)?;
    let mut text = prepared.script.clone();
    let (tasks, arrays) = (prepared.tasks.len(), prepared.arrays.len());
    text += &format!(
        "\n# {} runs in {tasks} tasks in {arrays} arrays; MaxArraySize is {fit}.{note}\n",
        request.todo.len()
    );
    for at in 0..arrays {
        let words = [vec!["sbatch".to_owned()], prepared.words(at)].concat();
        text += &format!("# {}\n", shell::line(&words));
    }
    Ok(text)
}

/// Submits what is to do.
///
/// # Errors
/// [`CliError::Scheduler`] where jobs of this sweep wait or run already, where another process is
/// submitting it, or where Slurm refuses; arrays that it took before stay and are told.
pub fn submit(request: &Request<'_>, options: &RunOptions) -> Result<Submitted, CliError> {
    let sweep = request.sweep;
    let whole = sweep.folder.join(submission::FOLDER);
    fs::create_dir_all(&whole).map_err(|error| CliError::file(&whole, error))?;
    let path = whole.join("lock");
    let lock = fs::File::create(&path).map_err(|error| CliError::file(&path, error))?;
    if lock.try_lock().is_err() {
        let name = &sweep.name;
        return Err(CliError::Scheduler(format!("{name}: another process is submitting it now")));
    }
    let there = live(sweep)?;
    if !there.is_empty() {
        return Err(CliError::Scheduler(format!(
            "{}: its jobs {} are queued or running; --wait waits for them, --status shows them, \
             --cancel ends them",
            sweep.name,
            ids(&there)
        )));
    }
    let prepared = prepare(request, cluster::max_array()?, options)?;
    let folder = prepared.folder.clone();
    let logs = folder.join(LOGS);
    fs::create_dir_all(&logs).map_err(|error| CliError::file(&logs, error))?;
    write_text(&folder.join(TASKS), &parts::text(&prepared.tasks))?;
    write_text(&folder.join(SCRIPT), &prepared.script)?;
    let mut jobs = Vec::new();
    for (at, &(first, tasks)) in prepared.arrays.iter().enumerate() {
        let job = cluster::submit(&prepared.words(at), &folder).map_err(|error| {
            let taken = match jobs.is_empty() {
                true => String::new(),
                false => format!(
                    "\nof {} arrays these were taken: {}",
                    prepared.arrays.len(),
                    jobs.join(", ")
                ),
            };
            CliError::Scheduler(format!("{error}{taken}"))
        })?;
        submission::add(&folder, &Array { job: job.clone(), first, tasks })?;
        jobs.push(job);
    }
    Ok(Submitted { folder, jobs, tasks: prepared.tasks.len() })
}

/// Ids of arrays, each once.
pub fn ids(jobs: &[Job]) -> String {
    let mut ids: Vec<&str> = Vec::new();
    for job in jobs {
        let id = job.id.split('_').next().unwrap_or_default();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids.join(", ")
}

fn prepare(request: &Request<'_>, fit: usize, options: &RunOptions) -> Result<Prepared, CliError> {
    let Request { sweep, todo, per_task, sbatch, retries } = request;
    let runs: Vec<String> = todo.iter().map(|entry| entry.id.clone()).collect();
    let tasks = parts::deal(&runs, *per_task, fit);
    let folder = whole(&submission::next(&sweep.folder));
    let mut more = vec!["--retries".to_owned(), retries.to_string()];
    more.extend(["--checkpoint-seconds".to_owned(), options.checkpoint_seconds.to_string()]);
    if let Some(data) = options.data() {
        more.extend(["--data".to_owned(), shell::path(data)?]);
    }
    let script = Script {
        name: &job_name(&sweep.folder),
        sweep: &shell::path(&whole(&sweep.folder))?,
        tasks: &shell::path(&folder.join(TASKS))?,
        program: &shell::path(&shell::program()?)?,
        more: &more,
    };
    let script = script.text(sbatch);
    let arrays = submission::arrays(tasks.len(), fit);
    Ok(Prepared { folder, tasks, script, arrays, throttle: sbatch.throttle })
}

impl Prepared {
    /// sbatch's words for an array.
    fn words(&self, at: usize) -> Vec<String> {
        let (first, tasks) = self.arrays[at];
        let throttle = self.throttle.map_or_else(String::new, |throttle| format!("%{throttle}"));
        vec![
            "--parsable".into(),
            format!("--array=0-{}{throttle}", tasks - 1),
            // Relative to the folder that sbatch is called in: whatever that is called.
            format!("--output={LOGS}/{at}-%a.log"),
            SCRIPT.into(),
            first.to_string(),
        ]
    }
}

/// A name that no other sweep's jobs have.
fn job_name(sweep: &Path) -> String {
    let path = whole(sweep);
    let hash = Sha256::digest(path.as_os_str().as_encoded_bytes());
    let hash: String = hash.iter().take(3).map(|byte| format!("{byte:02x}")).collect();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let fits = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = name.chars().map(fits).collect();
    format!("pathweave-{name}-{hash}")
}

fn whole(path: &Path) -> PathBuf {
    // What is not there yet lies in what is.
    match (path.canonicalize(), path.parent(), path.file_name()) {
        (Ok(path), ..) => path,
        (_, Some(parent), Some(name)) if parent != Path::new("") => whole(parent).join(name),
        _ => std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
    }
}

#[cfg(test)]
mod tests;

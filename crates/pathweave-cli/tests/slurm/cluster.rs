//! A Slurm of one machine for all tests of this binary.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// The configuration of the Slurm to test with, in `PATHWEAVE_SLURM_CONF`: `.ci/slurm-single-node`
/// starts one. Without it the tests say that they are skipped.
pub fn conf() -> Option<&'static Path> {
    static CONF: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = CONF.get_or_init(|| {
        let conf = std::env::var_os("PATHWEAVE_SLURM_CONF").map(PathBuf::from);
        if conf.is_none() {
            eprintln!("skipped: PATHWEAVE_SLURM_CONF names no Slurm, see .ci/slurm-single-node");
        }
        conf
    });
    found.as_deref()
}

/// Keeps the machine for one test: what preempts one sweep preempts them all.
pub fn alone() -> Option<MutexGuard<'static, ()>> {
    static TAKEN: Mutex<()> = Mutex::new(());
    conf().map(|_| TAKEN.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Runs a command of Slurm's and gives its output, whatever it thinks of it.
pub fn slurm(program: &str, words: &[&str]) -> String {
    let conf = conf().expect("there is a Slurm");
    let output = Command::new(program).args(words).env("SLURM_CONF", conf).output();
    String::from_utf8_lossy(&output.expect("Slurm is installed").stdout).trim().to_owned()
}

/// Slurm's state of each task of an array that it still has, as `17_3 RUNNING`.
pub fn tasks(job: &str) -> Vec<String> {
    let words = ["--noheader", "--array", "--format=%i %T", "--jobs", job];
    slurm("squeue", &words).lines().map(str::to_owned).collect()
}

/// Waits until something holds, at most two minutes.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(120), "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Lets a requeued task start soon: Slurm waits two minutes for its old credential to die. A new one
/// of the same second would count as the old.
pub fn hurry(task: &str) {
    std::thread::sleep(Duration::from_secs(2));
    until("a requeued task may start", || {
        slurm("scontrol", &["update", &format!("JobId={task}"), "StartTime=now"]);
        !slurm("squeue", &["--noheader", "--array", "--format=%r", "--jobs", task])
            .contains("BeginTime")
    });
}

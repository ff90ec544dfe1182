//! What every command is told: the global flags.

use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use clap::Args;

use crate::device::DeviceName;

/// Flags of every command.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
pub struct RunOptions {
    /// Folder with the files of data sets that are not part of the program
    #[arg(long, value_name = "DIR", env = "PATHWEAVE_DATA", global = true)]
    pub data: Option<PathBuf>,

    /// Folder of runs and reports
    #[arg(long, value_name = "DIR", env = "PATHWEAVE_RUNS", default_value = "runs", global = true)]
    pub out: PathBuf,

    /// Runs trained at once, each in a process of its own with one thread [default: the number of
    /// cores]
    #[arg(long, value_name = "N", global = true)]
    pub jobs: Option<std::num::NonZeroUsize>,

    /// Seed of every run; the same as the override train.seed=N
    #[arg(long, value_name = "N", global = true)]
    pub seed: Option<u64>,

    /// Where tensors live: cpu; cuda:N or wgpu where the program was built with that feature
    #[arg(long, value_name = "NAME", default_value = "cpu", global = true)]
    pub device: DeviceName,

    /// Prints JSON on standard output, and nothing else there
    #[arg(long, global = true)]
    pub json: bool,

    /// No progress on standard error
    #[arg(long, short, global = true)]
    pub quiet: bool,

    /// Seconds between the checkpoints of a run
    #[arg(long, value_name = "S", default_value_t = 30.0, hide = true, global = true)]
    pub checkpoint_seconds: f64,
}

impl RunOptions {
    /// The data folder, where one was named.
    pub fn data(&self) -> Option<&Path> {
        self.data.as_deref()
    }

    /// Number of workers for `runs` runs: what was asked for or the number of cores, at least one
    /// and at most a worker a run.
    pub fn workers(&self, runs: usize) -> usize {
        let cores = || available_parallelism().map_or(1, usize::from);
        self.jobs.map_or_else(cores, usize::from).clamp(1, runs.max(1))
    }
}

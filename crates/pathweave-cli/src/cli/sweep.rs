//! Arguments of the command that sweeps.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::OVERRIDES_HELP;
use crate::sweep::Shard;
use crate::sweep::parts::TaskLine;

/// What to sweep over, and how.
#[derive(Args, Clone, Debug)]
#[command(after_help = OVERRIDES_HELP)]
pub struct SweepArgs {
    /// Name of a preset or path of a TOML file
    #[arg(value_name = "PRESET|FILE", required_unless_present = "manifest")]
    pub spec: Option<String>,
    /// Overrides such as train.seed=1,2,3
    #[arg(value_name = "KEY=VALUE")]
    pub overrides: Vec<String>,
    /// A sweep that was started before, in the place of a spec: its folder below sweeps/ in the
    /// folder of runs. What it runs, and on which device, is what was written there
    #[arg(long, value_name = "DIR", conflicts_with_all = ["spec", "seed"])]
    pub manifest: Option<PathBuf>,
    /// Of the manifest's runs those whose ids are in line N (from 0) of a file
    #[arg(long, value_name = "FILE:N", requires = "manifest")]
    pub task: Option<TaskLine>,
    /// Only part I of N, for several machines; which part a run is in follows from its id
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// How often a run that fails is tried again, after the others
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub retries: u32,
    /// Prints how many runs there are and the first few, or the scheduler's job file; runs nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Prints the runs that failed when they were last run, and runs nothing
    #[arg(long, conflicts_with = "dry_run")]
    pub list_failed: bool,
    /// Prints how far the sweep is, and its jobs, and runs nothing
    #[arg(long, conflicts_with_all = ["dry_run", "list_failed", "cancel", "wait"])]
    pub status: bool,
    /// Who runs it
    #[arg(long, value_enum, default_value_t)]
    pub executor: ExecutorArg,
    /// Runs that a scheduler's task has at most [default: 20, more where tasks would be too many]
    #[arg(long, value_name = "N", help_heading = "Schedulers")]
    pub runs_per_task: Option<NonZeroUsize>,
    /// slurm: an option of sbatch, such as partition=short, time=30, mem=2G, cpus-per-task=4; also
    /// throttle=N tasks of an array at once, signal=SECONDS before the time limit at which a task writes
    /// checkpoints and requeues itself
    #[arg(long, value_name = "KEY=VALUE", help_heading = "Schedulers")]
    pub slurm: Vec<String>,
    /// slurm: waits for the jobs and prints the summary; where some are queued or running already,
    /// waits for these
    #[arg(long, help_heading = "Schedulers")]
    pub wait: bool,
    /// slurm: ends the jobs of this sweep; checkpoints are kept
    #[arg(long, conflicts_with_all = ["dry_run", "list_failed", "wait"])]
    #[arg(help_heading = "Schedulers")]
    pub cancel: bool,
    /// kubernetes: container image with the program
    #[arg(long, value_name = "IMAGE", help_heading = "Schedulers")]
    pub image: Option<String>,
    /// kubernetes: persistent volume claim that holds the folder of runs
    #[arg(long, value_name = "NAME", help_heading = "Schedulers")]
    pub claim: Option<String>,
    /// kubernetes: persistent volume claim that holds the data folder
    #[arg(long, value_name = "NAME", help_heading = "Schedulers")]
    pub data_claim: Option<String>,
}

/// Who runs a sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ExecutorArg {
    /// Processes on this machine
    #[default]
    Local,
    /// Job arrays of Slurm
    Slurm,
    /// Writes a job file for GNU parallel
    Parallel,
    /// Writes an Indexed Job for Kubernetes
    Kubernetes,
}

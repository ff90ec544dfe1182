//! Arguments of the command that sweeps.

use clap::Args;

use super::SpecArgs;
use crate::sweep::Shard;

/// What to sweep over, and how.
#[derive(Args, Clone, Debug)]
pub struct SweepArgs {
    /// The grid
    #[command(flatten)]
    pub spec: SpecArgs,
    /// Only part I of N, for several machines; which part a run is in follows from its id
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// How often a run that fails is tried again, after the others
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub retries: u32,
    /// Prints how many runs there are and the first few, and runs nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Prints the runs that failed when they were last run, and runs nothing
    #[arg(long, conflicts_with = "dry_run")]
    pub list_failed: bool,
}

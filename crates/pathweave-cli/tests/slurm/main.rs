//! Sweeps through a real Slurm: nothing is lost and nothing is run twice, whatever is killed.
//!
//! ```text
//! PATHWEAVE_SLURM_CONF=$(.ci/slurm-single-node start /tmp/slurm) cargo test --release --test slurm
//! .ci/slurm-single-node stop /tmp/slurm
//! ```
#![cfg(target_os = "linux")]

mod arrays;
mod cluster;
mod kills;
mod place;
mod refusals;

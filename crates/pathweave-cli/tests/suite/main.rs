//! The program from the outside: commands, and runs that were killed or interrupted.

mod analysis;
mod commands;
mod deviations;
mod gradients;
mod metrics;
mod pages;
mod place;
mod replay;
#[cfg(unix)]
mod resume;
mod rules;
#[cfg(unix)]
mod rules_resume;
#[cfg(unix)]
mod sweep;
mod tidy;

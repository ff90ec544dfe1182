//! The program from the outside: commands, and runs that were killed or interrupted.

mod analysis;
mod commands;
mod deviations;
mod export;
mod gradients;
mod metrics;
mod mlflow;
mod pages;
mod place;
mod replay;
mod report;
#[cfg(unix)]
mod resume;
mod rules;
#[cfg(unix)]
mod rules_resume;
mod runs;
mod schedulers;
#[cfg(unix)]
mod serve;
mod stored;
#[cfg(unix)]
mod sweep;
mod tidy;

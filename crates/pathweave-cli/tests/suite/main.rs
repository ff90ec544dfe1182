//! The program from the outside: commands, and runs that were killed or interrupted.

mod commands;
mod deviations;
mod gradients;
mod place;
mod replay;
#[cfg(unix)]
mod resume;
mod tidy;

//! The program from the outside: commands, and runs that were killed or interrupted.

mod commands;
mod gradients;
mod place;
#[cfg(unix)]
mod resume;
mod tidy;

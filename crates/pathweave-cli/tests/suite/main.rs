//! The program from the outside: commands, and runs that were killed or interrupted.

mod analysis;
mod commands;
mod place;
#[cfg(unix)]
mod resume;
mod tidy;

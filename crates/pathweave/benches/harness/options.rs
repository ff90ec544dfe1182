//! Command line of a benchmark.

use std::path::PathBuf;
use std::process::exit;

/// What the user asked for after `--`.
pub struct Options {
    /// Rounds of each case
    pub rounds: usize,
    /// Where the numbers go
    pub json: Option<PathBuf>,
}

impl Options {
    /// Reads the process's arguments; prints what is allowed and ends where they make no sense.
    pub fn read(rounds: usize) -> Self {
        let mut options = Self { rounds, json: None };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match (argument.as_str(), arguments.next()) {
                // Cargo adds this one to every benchmark.
                ("--bench", None) => {}
                ("--rounds", Some(value)) => match value.parse() {
                    Ok(rounds) if rounds > 0 => options.rounds = rounds,
                    _ => usage(&format!("--rounds {value}")),
                },
                ("--json", Some(path)) => options.json = Some(path.into()),
                (other, _) => usage(other),
            }
        }
        options
    }
}

fn usage(found: &str) -> ! {
    eprintln!("found {found}; allowed: --rounds N (at least 1), --json FILE");
    exit(2)
}

//! `completions`: a shell's completion script.

use clap::CommandFactory;
use serde_json::json;

use crate::cli::{Cli, CompletionsArgs};
use crate::error::CliError;
use crate::options::RunOptions;
use crate::output;

/// Prints the script.
///
/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &CompletionsArgs, options: &RunOptions) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "pathweave", &mut script);
    let script = String::from_utf8_lossy(&script);
    if options.json {
        return output::json(&json!({"shell": args.shell.to_string(), "script": script}));
    }
    output::text(&script)
}

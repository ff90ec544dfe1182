//! `completions`: a shell's completion script.

use clap::builder::PossibleValuesParser;
use clap::{Command, CommandFactory};
use clap_complete::Shell;
use serde_json::json;

use crate::cli::{Cli, CompletionsArgs};
use crate::error::CliError;
use crate::experiment::EXPERIMENTS;
use crate::options::RunOptions;
use crate::output;
use crate::spec_file::PRESETS;

/// Prints the script.
///
/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &CompletionsArgs, options: &RunOptions) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut told(args.shell), "pathweave", &mut script);
    let script = String::from_utf8_lossy(&script);
    if options.json {
        return output::json(&json!({"shell": args.shell.to_string(), "script": script}));
    }
    output::text(&script)
}

/// The command line with what shells are told and the parser is not: the names of experiments and
/// presets, which are not all that may stand there. Bash goes on to files where no name fits; zsh
/// would offer names alone, so that there files are left in the place of presets.
fn told(shell: Shell) -> Command {
    let experiments: Vec<&str> = EXPERIMENTS.iter().map(|row| row.id).chain(["all"]).collect();
    let presets: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
    let names = |command: Command, argument: &'static str, names: &[&'static str]| {
        let names = PossibleValuesParser::new(names.iter().copied());
        command.mut_arg(argument, |argument| argument.value_parser(names))
    };
    let program = shown().mut_subcommand("reproduce", |command| names(command, "id", &experiments));
    if shell == Shell::Zsh {
        return program;
    }
    ["run", "sweep", "show"].into_iter().fold(program, |program, command| {
        program.mut_subcommand(command, |command| names(command, "spec", &presets))
    })
}

/// The command line without hidden commands, which some shells would offer.
fn shown() -> Command {
    let program = Cli::command();
    let visible = program.get_subcommands().filter(|command| !command.is_hide_set());
    Command::new("pathweave")
        .version(env!("CARGO_PKG_VERSION"))
        .propagate_version(true)
        .args(program.get_arguments())
        .subcommands(visible.cloned())
}

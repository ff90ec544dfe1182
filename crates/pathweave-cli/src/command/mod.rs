//! One file a command. Each prints its result on standard output.

pub mod completions;
pub mod data;
pub mod export;
pub mod gradients;
pub mod intervene;
pub mod ledger;
pub mod list;
pub mod man;
pub mod metrics;
pub mod report;
pub mod reproduce;
pub mod run;
pub mod runs;
pub mod schema;
pub mod serve;
pub mod show;
pub mod sweep;
pub mod verify;

use crate::cli::Command;
use crate::error::CliError;
use crate::options::RunOptions;

/// Runs a command.
///
/// # Errors
/// What ended it early.
pub fn dispatch(command: &Command, options: &RunOptions) -> Result<(), CliError> {
    match command {
        Command::Run(args) => run::run(args, options),
        Command::Sweep(args) => sweep::run(args, options),
        Command::Runs(args) => runs::run(args, options),
        Command::Show(args) => show::run(args, options),
        Command::List(args) => list::run(args, options),
        Command::Reproduce(args) => reproduce::run(args, options),
        Command::Report(args) => report::run(args, options),
        Command::Serve(args) => serve::run(args, options),
        Command::Export(args) => export::run(args, options),
        Command::Ledger(args) => ledger::run(args, options),
        Command::Gradients(args) => gradients::run(args, options),
        Command::Metrics(args) => metrics::run(args, options),
        Command::Intervene(args) => intervene::run(args, options),
        Command::Data(args) => data::run(args, options),
        Command::Verify(args) => verify::run(args, options),
        Command::Completions(args) => completions::run(args, options),
        Command::Man(args) => man::run(args, options),
        Command::Schema(args) => schema::run(args, options),
        Command::Worker => crate::worker::run(),
    }
}

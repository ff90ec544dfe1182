//! `pathweave`: trains routed networks, measures their routing, reproduces figures.

mod cli;
mod command;
mod device;
mod error;
mod executor;
mod experiment;
mod hub;
mod interrupt;
mod intervene;
mod options;
mod output;
mod picture;
mod replay_source;
mod run_id;
mod selection;
mod spec_file;
mod store;
mod sweep;
mod ui;
mod weights_source;
mod worker;

use std::process::ExitCode;

use clap::Parser;

// Training allocates and frees tensors all the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let result = interrupt::watch().and_then(|()| command::dispatch(&cli.command, &cli.options));
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    output::error(&error, cli.options.json);
    ExitCode::from(error.code())
}

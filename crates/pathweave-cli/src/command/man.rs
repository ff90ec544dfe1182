//! `man`: manual pages made of the help texts.

use std::fs;

use clap::CommandFactory;
use clap_mangen::Man;
use serde_json::json;

use crate::cli::{Cli, ManArgs};
use crate::error::CliError;
use crate::options::RunOptions;
use crate::output;

/// Prints the page of the program, or writes it and one a command.
///
/// # Errors
/// Where a page cannot be written.
pub fn run(args: &ManArgs, options: &RunOptions) -> Result<(), CliError> {
    let mut program = Cli::command();
    program.build();
    let Some(folder) = &args.to else {
        let mut page = Vec::new();
        let rendered = Man::new(program).render(&mut page);
        rendered.map_err(|error| CliError::Internal(error.to_string()))?;
        let page = String::from_utf8_lossy(&page);
        return match options.json {
            true => output::json(&json!({"page": page})),
            false => output::text(&page),
        };
    };
    let failed = |error: std::io::Error| CliError::file(folder, error);
    fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(program, folder).map_err(failed)?;
    match options.json {
        true => output::json(&json!({"folder": folder})),
        false => output::text(&format!("manual pages: {}\n", folder.display())),
    }
}

//! `schema`: what may stand in a spec file, as editors read it.

use std::fs;

use serde_json::json;

use crate::cli::SchemaArgs;
use crate::error::CliError;
use crate::options::RunOptions;
use crate::output;
use crate::spec_file::schema;

/// Prints the schema, or writes it.
///
/// # Errors
/// Where it cannot be written.
pub fn run(args: &SchemaArgs, options: &RunOptions) -> Result<(), CliError> {
    let schema = schema();
    let Some(file) = &args.to else {
        return output::json(&schema);
    };
    let written = fs::write(file, format!("{schema:#}\n"));
    written.map_err(|error| CliError::file(file, error))?;
    match options.json {
        true => output::json(&json!({"file": file})),
        false => output::text(&format!("schema: {}\n", file.display())),
    }
}

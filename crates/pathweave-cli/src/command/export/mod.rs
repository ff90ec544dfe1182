//! `export`: finished runs for other programs.

mod mlflow;
mod tables;
mod tensorboard;
mod times;

use crate::cli::{ExportArgs, ExportCommand};
use crate::error::CliError;
use crate::options::RunOptions;
use crate::selection::Selection;

/// Hands finished runs over.
///
/// # Errors
/// Those of [`Selection::new`]; [`CliError::Internal`] where a file cannot be read or written, or a
/// server refuses.
pub fn run(args: &ExportArgs, options: &RunOptions) -> Result<(), CliError> {
    let select = |select| Selection::new(select, &options.out);
    match &args.command {
        ExportCommand::Tensorboard { folder, select: runs } => {
            tensorboard::export(folder, &select(runs)?, options)
        }
        ExportCommand::Parquet { file, curves, select: runs } => {
            tables::parquet(file, curves.as_deref(), &select(runs)?, options)
        }
        ExportCommand::Csv { file, select: runs } => tables::csv(file, &select(runs)?, options),
        ExportCommand::Mlflow(args) => mlflow::export(args, &select(&args.select)?, options),
    }
}

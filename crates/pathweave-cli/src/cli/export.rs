//! Arguments of the command that hands runs to other programs.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::SelectArgs;

/// What to hand over, and where.
#[derive(Args, Clone, Debug)]
pub struct ExportArgs {
    /// To which program
    #[command(subcommand)]
    pub command: ExportCommand,
}

/// The programs.
#[derive(Clone, Debug, Subcommand)]
pub enum ExportCommand {
    /// A folder for TensorBoard: a folder a run, with its curves and settings
    #[command(after_help = "Start it with: tensorboard --logdir DIR")]
    Tensorboard {
        /// The folder; runs that it has already are replaced
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// The runs
        #[command(flatten)]
        select: SelectArgs,
    },
    /// A Parquet file for pandas, polars and DuckDB: a row a run, settings and metrics as columns
    #[command(after_help = "\
Examples:
  pathweave export parquet runs.parquet --curves curves.parquet
  duckdb -c \"select \\\"router.algorithm\\\", avg(accuracy) from 'runs.parquet' group by 1\"")]
    Parquet {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Also writes the training curves into this file, in the long form: run, tag, step, epoch,
        /// value
        #[arg(long, value_name = "FILE")]
        curves: Option<PathBuf>,
        /// The runs
        #[command(flatten)]
        select: SelectArgs,
    },
    /// The same table as CSV
    Csv {
        /// The file; - for standard output
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The runs
        #[command(flatten)]
        select: SelectArgs,
    },
    /// Runs, settings, curves and metrics to an MLflow server over its REST interface
    #[command(after_help = MLFLOW_ABOUT)]
    Mlflow(MlflowArgs),
}

/// To which server.
#[derive(Args, Clone, Debug)]
pub struct MlflowArgs {
    /// Address of the server, such as http://127.0.0.1:5000
    #[arg(long, value_name = "URL", env = "MLFLOW_TRACKING_URI")]
    pub url: String,
    /// The experiment; made where there is none of that name
    #[arg(long, value_name = "NAME", default_value = "pathweave")]
    pub experiment: String,
    /// Only final metrics: no curves
    #[arg(long)]
    pub no_curves: bool,
    /// The runs
    #[command(flatten)]
    pub select: SelectArgs,
}

const MLFLOW_ABOUT: &str = "\
A run that the experiment has already, by its tag pathweave.id, is not made twice; one that an earlier \
export left half-written is completed. So the same command goes on where it was broken off. Settings \
are parameters, cut at 500 characters; the time of a step is interpolated between the run's start and \
end. --jobs sets how many runs are sent at once.

Environment:
  MLFLOW_TRACKING_URI       the same as --url
  MLFLOW_TRACKING_TOKEN     sent as a bearer token
  MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD
                            sent as basic authentication where there is no token";

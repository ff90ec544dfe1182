//! The command line, as `--help` explains it.

mod analysis;
mod export;
mod pages;
mod report;
mod runs;
mod serve;
mod sweep;

pub use analysis::{GradientsArgs, InterveneArgs, LedgerArgs, MetricsArgs, NpyRowsArg, SplitArg};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
pub use export::{ExportArgs, ExportCommand, MlflowArgs};
pub use pages::{CompletionsArgs, ManArgs, SchemaArgs};
pub use report::{ReportArgs, SelectArgs};
pub use runs::RunsArgs;
pub use serve::ServeArgs;
pub use sweep::{ExecutorArg, SweepArgs};

use crate::error::EXIT_CODES;
use crate::options::RunOptions;

const LONG_ABOUT: &str = "\
Trains neural networks whose layers are composed, sample by sample, by a router; compares them \
with their baselines; measures how they route; reproduces the figures of the documents.

A run is a spec: a TOML file, or a preset that ships with the program, and overrides such as \
router.algorithm=wpl. Its id is a hash of its content and its results are in a folder of that \
name. A finished run is not run again. A run that was interrupted, or killed at any moment, is \
taken up where it was as soon as the same command is given again, and gives the same bits: there \
is no flag for that.

Results are printed on standard output, progress on standard error.";

const AFTER_HELP: &str = "\
Examples:
  pathweave run digits-mtl
  pathweave run digits-mtl train.seed=1,2,3 router.algorithm=wpl,q_learning
  pathweave show mnist-mtl > mine.toml
  pathweave run mine.toml --data ~/data --jobs 2
  pathweave list algorithms
  pathweave verify runs/0123456789abcdef

Environment:
  PATHWEAVE_DATA  the same as --data
  PATHWEAVE_RUNS  the same as --out";

const OVERRIDES_HELP: &str = "\
Overrides are KEY=VALUE. A value is read as TOML, otherwise as text. A list with commas is a \
sweep: one run for each value, and for each pair where there are two lists. Quotes keep commas in \
a text ('a,b'), brackets make a list ([128,128]), null removes a setting. data=mnist-mtl stands \
for data.name=mnist-mtl, model=cross-stitch for model.kind=cross-stitch. Another data set or \
exploration schedule takes the settings of the one before away.";

/// Trains, compares and measures routed neural networks
#[derive(Debug, Parser)]
#[command(name = "pathweave", version, long_about = LONG_ABOUT, max_term_width = 100)]
#[command(after_help = EXIT_CODES, after_long_help = format!("{AFTER_HELP}\n\n{EXIT_CODES}"))]
#[command(propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// Flags of every command
    #[command(flatten)]
    pub options: RunOptions,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Trains the runs of a preset or spec, prints their table, writes a report
    Run(SpecArgs),
    /// Trains the runs of a large grid, tens of thousands, and summarises them by model
    Sweep(SweepArgs),
    /// Prints the runs of a store, or groups of them
    Runs(RunsArgs),
    /// Prints the full spec of a preset, file or run as TOML
    Show(SpecArgs),
    /// Lists what there is: experiments, presets, algorithms and so on
    List(ListArgs),
    /// Reproduces a figure of the documents
    Reproduce(ReproduceArgs),
    /// Compares estimators of a policy gradient with the exact one (thesis figure 3.2)
    Gradients(GradientsArgs),
    /// Compares groups of finished runs: tables, intervals, figures, a page
    Report(ReportArgs),
    /// Serves a page over the folder of runs
    Serve(ServeArgs),
    /// Hands finished runs to TensorBoard, MLflow, or as Parquet and CSV to anything else
    Export(ExportArgs),
    /// Prints every claim of the reproduced experiments with its verdict
    Ledger(LedgerArgs),
    /// Measures routing logs of any framework
    Metrics(MetricsArgs),
    /// Lets somebody else decide in a trained network: does its routing matter?
    Intervene(InterveneArgs),
    /// Lists, checks and fetches data sets
    Data(DataArgs),
    /// Repeats a finished run and compares the bits
    Verify(VerifyArgs),
    /// Prints the JSON schema of spec files, for editors
    Schema(SchemaArgs),
    /// Prints a shell's completion script
    Completions(CompletionsArgs),
    /// Prints the manual page, or writes one a command
    Man(ManArgs),
    /// Trains one run; started by the other commands
    #[command(hide = true)]
    Worker,
}

/// A spec and its overrides.
#[derive(Args, Clone, Debug)]
#[command(after_help = OVERRIDES_HELP)]
pub struct SpecArgs {
    /// Name of a preset, path of a TOML file, or (for show) id or folder of a run
    #[arg(value_name = "PRESET|FILE", value_hint = ValueHint::FilePath)]
    pub spec: String,
    /// Overrides such as train.seed=1,2,3
    #[arg(value_name = "KEY=VALUE")]
    pub overrides: Vec<String>,
}

/// What to list.
#[derive(Args, Clone, Debug)]
pub struct ListArgs {
    /// All where none is named
    #[arg(value_enum)]
    pub what: Option<Listing>,
}

/// Registries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Listing {
    /// Figures that can be reproduced
    Experiments,
    /// Specs that ship with the program
    Presets,
    /// How routers decide and learn
    Algorithms,
    /// What modules can be
    Blocks,
    /// Data sets
    Datasets,
    /// Measures of a routing log
    Metrics,
    /// Measures of two routing logs
    PairMetrics,
    /// Networks
    Models,
    /// Optimizers
    Optimizers,
    /// Who decides for a sample
    Dispatchers,
    /// What a dispatcher that learns sees
    Encodings,
    /// What routers are rewarded for
    Rewards,
}

/// How much of the documents' setting is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ScaleArg {
    /// Seconds; shows only that everything works
    Smoke,
    /// At most 15 minutes on two cores
    #[default]
    Small,
    /// The documents' setting
    Paper,
}

/// What to reproduce.
#[derive(Args, Clone, Debug)]
pub struct ReproduceArgs {
    /// An experiment's id, such as thesis/fig-5.4, or all
    #[arg(value_name = "ID|all")]
    pub id: String,
    /// How much of the documents' setting
    #[arg(long, value_enum, default_value_t)]
    pub scale: ScaleArg,
    /// Only the runs whose setting KEY has one of these values, such as 'train.seed=1|2'; may be
    /// given several times, then all must hold
    #[arg(long, value_name = "KEY=V|V…")]
    pub only: Vec<String>,
    /// Overrides of every run, such as train.epochs=1
    #[arg(value_name = "KEY=VALUE")]
    pub overrides: Vec<String>,
}

/// What to do with data.
#[derive(Args, Clone, Debug)]
pub struct DataArgs {
    /// Which
    #[command(subcommand)]
    pub command: DataCommand,
}

/// The data commands.
#[derive(Clone, Debug, Subcommand)]
pub enum DataCommand {
    /// Lists the data sets, where they come from and whether they are there
    List,
    /// Reads the files of the data folder; prints counts, label histograms and hashes
    Check {
        /// A data set; all files where none is named
        name: Option<String>,
        /// Its settings, such as data.variant=disjoint
        #[arg(value_name = "KEY=VALUE")]
        overrides: Vec<String>,
    },
    /// Fetches a data set's files into the data folder (HF_ENDPOINT and HF_HOME are honoured)
    Get {
        /// A data set
        name: String,
    },
}

/// What to verify.
#[derive(Args, Clone, Debug)]
pub struct VerifyArgs {
    /// Id or folder of a finished run
    pub run: String,
}

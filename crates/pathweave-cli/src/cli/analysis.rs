//! Arguments of the commands that measure.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use pathweave::spec::Place;

use crate::intervene::{Exchange, Wish};

/// Which estimators' errors, on what.
#[derive(Args, Clone, Debug)]
pub struct GradientsArgs {
    /// Numbers of actions
    #[arg(long, value_name = "K", value_delimiter = ',', default_value = "2,4,8,16,32,64")]
    pub actions: Vec<usize>,
    /// Reward functions, uniform in [0, 1]
    #[arg(long, value_name = "N", default_value_t = 22)]
    pub rewards: usize,
    /// Policies for each reward function
    #[arg(long, value_name = "N", default_value_t = 22)]
    pub policies: usize,
    /// Draws for each policy, times the number of actions
    #[arg(long, value_name = "N", default_value_t = 22)]
    pub samples_per_action: usize,
    /// Draws before those that count, times the number of actions: for what learns
    #[arg(long, value_name = "N", default_value_t = 22)]
    pub warm_up: usize,
    /// τ of all relaxations
    #[arg(long, value_name = "T", default_value_t = 0.5)]
    pub temperature: f64,
    /// α of the running mean of rewards
    #[arg(long, value_name = "A", default_value_t = 0.1)]
    pub alpha: f64,
}

/// Of which reports.
#[derive(Args, Clone, Debug)]
pub struct LedgerArgs {
    /// Folder of experiments' reports; those below --out by default
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// What to measure.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = LOG_FORMAT)]
pub struct MetricsArgs {
    /// Routing logs (JSON lines or Parquet), or ids or folders of finished runs. With two or more,
    /// also how much routing changes from each to the next, and how far all pairs agree
    #[arg(value_name = "LOG|RUN", required = true)]
    pub logs: Vec<String>,
}

const LOG_FORMAT: &str = "\
A routing log holds one row a decision. As JSON lines:

  {\"format\":\"pathweave-routing-log\",\"version\":1,\"modules\":[4,4],\"contexts\":[\"cat\",\"dog\"]}
  {\"sample\":0,\"depth\":0,\"context\":1,\"choice\":2}
  {\"sample\":0,\"depth\":1,\"context\":1,\"choice\":[0.1,0.2,0.3,0.4]}

The first line, the header, may be left out: it is then what the rows show, and modules that nobody \
chose are unknown. sample, depth and choice are needed; choice is a module's number, \"skip\", \"end\" \
or a list of weights that sum to one. context (the task), condition and agent are optional. A token \
is a sample of its own. Parquet has the same columns, with the choice in one of module, action \
(\"skip\", \"end\") and weights.

From a mixture of experts in PyTorch, top-1 choices of shape [layers, tokens]:

  with open(\"log.jsonl\", \"w\") as f:
      for depth, row in enumerate(choices.tolist()):
          for sample, expert in enumerate(row):
              f.write(json.dumps({\"sample\": sample, \"depth\": depth, \"choice\": expert}) + \"\\n\")

See docs/routing.md.";

/// A part of the samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SplitArg {
    /// Samples that the run was trained on
    Train,
    /// Samples held out of them, where there are some
    Validation,
    /// Samples that it was tested on
    #[default]
    Test,
}

/// On what to intervene, and how.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Without an intervention, the standard table: uniform, hashed and task-label routing, the most used \
module, averaged modules, each module taken away, the two most used of each depth exchanged; and \
what that says. With some, each of them by itself, beside the learned router.")]
pub struct InterveneArgs {
    /// Id or folder of a finished run
    pub run: String,
    /// Samples
    #[arg(long, value_enum, default_value_t)]
    pub split: SplitArg,
    /// All rows take this module at its depth
    #[arg(long, value_name = "DEPTH:MODULE")]
    pub force: Vec<Place>,
    /// Rows that would take this module take the most used of the others
    #[arg(long, value_name = "DEPTH:MODULE")]
    pub ablate: Vec<Place>,
    /// Rows that would take one of two modules take the other
    #[arg(long, value_name = "DEPTH:A,B")]
    pub swap: Vec<Exchange>,
    /// Draws of uniform routing
    #[arg(long, value_name = "N", default_value = "5")]
    pub draws: std::num::NonZeroU32,
}

impl InterveneArgs {
    /// The interventions that are named.
    pub fn wishes(&self) -> Vec<Wish> {
        let forced = self.force.iter().map(|&place| Wish::Force(place));
        let ablated = self.ablate.iter().map(|&place| Wish::Ablate(place));
        let swapped = self.swap.iter().map(|&exchange| Wish::Swap(exchange));
        forced.chain(ablated).chain(swapped).collect()
    }
}

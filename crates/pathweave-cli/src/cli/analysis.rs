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
#[command(long_about = METRICS_ABOUT, after_long_help = LOG_FORMAT)]
pub struct MetricsArgs {
    /// Routing logs (JSON lines, Parquet, CSV, NPY, traces of mixtures of experts), or ids or folders
    /// of finished runs. With two or more, also how much routing changes from each to the next, and
    /// how far all pairs agree
    #[arg(value_name = "LOG|RUN", required = true)]
    pub logs: Vec<String>,
    /// Draws the activation of modules by rule, or by layer where no rule is known, into this file
    #[arg(long, value_name = "FILE.svg")]
    pub figure: Option<PathBuf>,
    /// What the rows of an NPY matrix are
    #[arg(long, value_enum, default_value_t)]
    pub npy_rows: NpyRowsArg,
    /// NPY file with the rule of each sample of an NPY log
    #[arg(long, value_name = "FILE.npy")]
    pub rules: Option<PathBuf>,
    /// Alarms of a module with more than this share of a layer's load
    #[arg(long, value_name = "SHARE", default_value_t = 0.9)]
    pub above: f64,
}

/// What the rows of an NPY matrix are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum NpyRowsArg {
    /// A sample each: weights [N, M] or [N, T, M], or chosen modules [N] or [N, T]
    #[default]
    Samples,
    /// A rule each: a joint or conditional activation, or counts [R, M]
    Rules,
}

const METRICS_ABOUT: &str = "\
Measures routing logs of any framework.

Of one log: each metric; of collapse and specialization also a bootstrap interval of 95 %, what \
uniformly random routing of the same decisions would have (mean, range of 95 %), and what perfect \
routing would have; a map of the modules' activation; an alarm for each layer with dead modules or \
with a module that takes nearly all. alignment, adaptation and inverse_mutual_information need the \
rule of every row (its condition or, where no row has one, its context); collapse, entropies and \
shares do not. A trace of several training steps is told for its last step, with the trend from the \
first.";

const LOG_FORMAT: &str = "\
Examples:
  pathweave metrics log.jsonl
  pathweave metrics trace.jsonl --figure load.svg --above 0.5
  pathweave metrics choices.npy --rules labels.npy
  pathweave metrics activation.npy --npy-rows rules --json
  pathweave metrics runs/0123456789abcdef runs/fedcba9876543210

A routing log holds one row a decision. As JSON lines:

  {\"format\":\"pathweave-routing-log\",\"version\":1,\"modules\":[4,4],\"contexts\":[\"cat\",\"dog\"]}
  {\"sample\":0,\"depth\":0,\"context\":1,\"choice\":2}
  {\"sample\":0,\"depth\":1,\"context\":1,\"choice\":[0.1,0.2,0.3,0.4]}

The first line, the header, may be left out: it is then what the rows show, and modules that nobody \
chose are unknown. sample, depth and choice are needed; choice is a module's number, \"skip\", \"end\" \
or a list of weights that sum to one. context (the task), condition (the rule) and agent are optional. \
A token is a sample of its own. Parquet has the same columns, with the choice in one of module, action \
(\"skip\", \"end\") and weights.

CSV has a head with the same columns, or similar names (layer, task, rule, expert; weights w0, w1, …):

  sample,layer,task,expert
  0,0,cat,2

A trace of a mixture of experts is JSON lines, one a step and layer, with the experts of each token or \
the tokens of each expert:

  {\"step\":100,\"layer\":3,\"num_experts\":8,\"expert_ids\":[[0,5],[2,1]],\"topk_probs\":[[0.7,0.3],[0.6,0.4]]}
  {\"iteration\":100,\"layer_number\":4,\"tokens_per_expert\":[512,301,0,211]}

From a mixture of experts in PyTorch, top-1 choices of shape [tokens, layers]:

  numpy.save(\"choices.npy\", choices.cpu().numpy())

See docs/routing.md for every name that is read.";

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

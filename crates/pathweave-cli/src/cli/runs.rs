//! Arguments of the command that shows the runs of a store.

use clap::Args;

const ABOUT: &str = "\
Prints the runs of the folder of runs (--out), in whatever state they are: finished, running, failed, \
or only asked for by a sweep. Sweeps may be at work meanwhile; nothing is started or stopped.

Words choose the runs; every word must hold. With --by the runs are grouped, and each group is \
printed with the means of metrics over its runs and their 95 % intervals.

What is asked is looked up in an index, runs/index.sqlite, which is brought up to date first: it \
stays quick with tens of thousands of runs. The files of the runs are the truth: the index may be \
deleted at any time and is made anew from them.";

const MANUAL: &str = "\
Words:
  KEY=V|V…     is one of the values; KEY= keeps the runs that have no such thing
  KEY!=V|V…    is none of the values
  KEY<N  KEY<=N  KEY>N  KEY>=N
               is a number, and smaller or larger than N
  KEY~TEXT     contains the text, in upper or lower case
  Quotes keep spaces and bars in a value: 'name=\"two words\"'. A shell takes < > and | for its
  own: single quotes round all words keep them.

Keys:
  fields       id, name, model, seed, dataset, state (pending, running, done, failed), sweep,
               alarms, step, steps, updated (seconds since 1970), failure (why it failed)
  settings     by their dotted keys, such as router.algorithm or train.rate. Of runs that a sweep
               asks for and nobody began, only those that differ from the defaults are known
  metrics      such as accuracy, collapse_avg or timing/train_seconds; metric:NAME where a field or
               a setting has the same name, setting:KEY where a metric has

Examples:
  pathweave runs                                  all runs, and how many are in each state
  pathweave runs state=failed                     what failed, and why
  pathweave runs state=running --sort -step       how far those at work are
  pathweave runs 'accuracy>=0.9 router.algorithm=wpl|q_learning'
  pathweave runs --by router.algorithm,data.name --metric accuracy,collapse_avg
  pathweave runs sweep=my-grid --by model --sort -accuracy --metric accuracy
  pathweave runs --json --limit 0 > runs.json     everything, for another program";

/// Which runs, and what of them.
#[derive(Args, Clone, Debug)]
#[command(long_about = ABOUT, after_long_help = MANUAL, after_help = "\
Examples:
  pathweave runs state=failed
  pathweave runs 'accuracy>=0.9 router.algorithm=wpl|q_learning'
  pathweave runs --by router.algorithm --metric accuracy,collapse_avg")]
pub struct RunsArgs {
    /// Words such as state=done, 'train.seed=1|2', 'accuracy>=0.9', name~routing
    #[arg(value_name = "FILTER")]
    pub filter: Vec<String>,
    /// Keys by which runs are grouped
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    pub by: Vec<String>,
    /// Metrics, or other keys, to show; some telling metrics by default
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub metric: Vec<String>,
    /// Key to sort by, -KEY for the largest first; of groups one of their keys or metrics, or runs
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// At most so many runs or groups; 0 for all
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: usize,
    /// Makes the index anew from the files of the runs first
    #[arg(long)]
    pub rebuild: bool,
}

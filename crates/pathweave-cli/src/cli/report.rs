//! Arguments of the command that reports, and which runs it and `export` take.

use std::num::NonZeroUsize;

use clap::Args;

/// Which runs.
#[derive(Args, Clone, Debug)]
pub struct SelectArgs {
    /// Ids or folders of finished runs, folders of runs, or the folder of a sweep (its finished
    /// runs); all finished runs below --out where none is named
    #[arg(value_name = "RUN|DIR")]
    pub runs: Vec<String>,
    /// Only the runs for which this holds, such as 'router.algorithm=wpl|em accuracy>=0.9'; may be
    /// given several times, then all must hold
    #[arg(long = "where", value_name = "FILTER")]
    pub filter: Vec<String>,
}

/// What to report on.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = REPORT_FILES)]
pub struct ReportArgs {
    /// The runs
    #[command(flatten)]
    pub select: SelectArgs,
    /// Keys of the record or spec by which runs are grouped, such as router.algorithm,model.kind
    #[arg(long, value_name = "KEY[,KEY]", value_delimiter = ',', default_value = "name")]
    pub by: Vec<String>,
    /// Keys by which the runs of a group are in strata, such as the data set or the task: bootstrap
    /// draws runs within them, and the probability of improvement is their mean
    #[arg(long, value_name = "KEY[,KEY]", value_delimiter = ',')]
    pub strata: Vec<String>,
    /// The group that the others are compared with: paired differences and the probability of
    /// improvement
    #[arg(long, value_name = "GROUP")]
    pub against: Option<String>,
    /// Keys that the two runs of a pair have in common [default: the data, and every setting that
    /// differs within some group and stratum]
    #[arg(long, value_name = "KEY[,KEY]", value_delimiter = ',', requires = "against")]
    pub pair: Vec<String>,
    /// Metrics to show; the most telling ones by default
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub metric: Vec<String>,
    /// Resamples of every bootstrap
    #[arg(long, value_name = "N", default_value = "2000")]
    pub resamples: NonZeroUsize,
}

const REPORT_FILES: &str = "\
Examples:
  pathweave report runs
  pathweave report --by router.algorithm --strata dataset --metric accuracy
  pathweave report runs/sweeps/mine-0123abcd --by model.kind --against routed
  pathweave report --where 'state=done router.algorithm=wpl|reinforce train.seed<5'

Writes a folder below reports in --out: report.html and report.md with their figures as SVG and PNG, \
and the rows as rows.csv, rows.parquet, rows.json and rows.tex (booktabs).

A row is a metric over a group: number of runs, mean with Student's t interval and bootstrap interval, \
interquartile mean with bootstrap interval, standard deviation, least and greatest value. With \
--against, each group is set beside that group: the mean difference over pairs of runs that are equal \
in everything but what is compared, with bootstrap interval, t interval and the p values of Student's \
and Wilcoxon's test; how many runs found no partner; and the probability that a run of the group is \
better than one of the other. Intervals cover 95 %. No p value is corrected for how many there are.

Where a run's value is not finite its group has no statistic, and the row says how many such runs \
there are.";

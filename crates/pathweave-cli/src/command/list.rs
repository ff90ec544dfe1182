//! `list`: what there is, from the registries.

use clap::ValueEnum;
use pathweave::block::BlockKind;
use pathweave::decision::ALGORITHMS;
use pathweave::dispatcher::Dispatcher;
use pathweave::dispatcher::encoding::EncodingKind;
use pathweave::reward::FinalReward;
use pathweave::spec::{ModelKind, OptimizerKind};
use pathweave_data::{DATASETS, DRAWN, Loader};
use pathweave_eval::metric::METRICS;
use pathweave_eval::pair::PAIR_METRICS;
use serde_json::{Map, Value, json};

use crate::cli::{ListArgs, Listing};
use crate::error::CliError;
use crate::experiment::EXPERIMENTS;
use crate::options::RunOptions;
use crate::output;
use crate::spec_file::PRESETS;

/// A registry as text.
struct Registry {
    headers: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

/// Prints one registry, or all.
///
/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &ListArgs, options: &RunOptions) -> Result<(), CliError> {
    let all = Listing::value_variants();
    let wanted = args.what.map_or_else(|| all.to_vec(), |what| vec![what]);
    if options.json {
        let named = wanted.iter().map(|&what| (name(what), to_json(&registry(what))));
        return output::json(&Value::Object(named.collect::<Map<_, _>>()));
    }
    let mut text = String::new();
    for &what in &wanted {
        if args.what.is_none() {
            text += &format!("{}{}\n\n", if text.is_empty() { "" } else { "\n" }, name(what));
        }
        let Registry { headers, rows } = registry(what);
        text += &output::columns(headers, &rows);
    }
    output::text(&text)
}

fn name(what: Listing) -> String {
    what.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

fn to_json(Registry { headers, rows }: &Registry) -> Value {
    let object = |row: &Vec<String>| {
        let pairs = headers.iter().zip(row);
        Value::Object(pairs.map(|(&key, cell)| (key.to_owned(), json!(cell))).collect())
    };
    rows.iter().map(object).collect()
}

fn registry(what: Listing) -> Registry {
    let texts = |cells: &[&str]| cells.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>();
    match what {
        Listing::Experiments => Registry {
            headers: &["name", "what", "source"],
            rows: EXPERIMENTS.iter().map(|e| texts(&[e.id, e.title, e.document])).collect(),
        },
        Listing::Presets => Registry {
            headers: &["name", "what"],
            rows: PRESETS.iter().map(|preset| texts(&[preset.name, preset.what])).collect(),
        },
        Listing::Algorithms => Registry {
            headers: &["name", "what", "source", "policies"],
            rows: ALGORITHMS
                .iter()
                .map(|entry| {
                    let policies = match (entry.trained, entry.approximated) {
                        (false, _) => "none",
                        (true, true) => "tabular, mlp",
                        (true, false) => "tabular",
                    };
                    texts(&[entry.name, entry.what, entry.source, policies])
                })
                .collect(),
        },
        Listing::Blocks => kinds(BlockKind::ALL.iter().map(|&(_, name, what)| (name, what))),
        Listing::Datasets => Registry {
            headers: &["name", "what", "source", "files"],
            rows: DATASETS
                .iter()
                .chain(DRAWN)
                .map(|row| {
                    let files = match row.loader {
                        Loader::Embedded => "none: part of the program".to_owned(),
                        Loader::Drawn => "none: drawn as they are needed".to_owned(),
                        Loader::Files => row.files.join("; or "),
                    };
                    texts(&[row.name, row.what, row.source, &files])
                })
                .collect(),
        },
        Listing::Metrics => kinds(METRICS.iter().map(|def| (def.name, def.equation))),
        Listing::PairMetrics => kinds(PAIR_METRICS.iter().map(|def| (def.name, def.equation))),
        Listing::Models => kinds(ModelKind::ALL.iter().map(|&(_, name, what)| (name, what))),
        Listing::Optimizers => {
            kinds(OptimizerKind::ALL.iter().map(|&(_, name, what)| (name, what)))
        }
        Listing::Dispatchers => kinds(Dispatcher::ALL.iter().map(|&(_, name, what)| (name, what))),
        Listing::Encodings => kinds(EncodingKind::ALL.iter().map(|&(_, name, what)| (name, what))),
        Listing::Rewards => kinds(FinalReward::ALL.iter().map(|&(_, name, what)| (name, what))),
    }
}

fn kinds(pairs: impl Iterator<Item = (&'static str, &'static str)>) -> Registry {
    let rows = pairs.map(|(name, what)| vec![name.to_owned(), what.to_owned()]).collect();
    Registry { headers: &["name", "what"], rows }
}

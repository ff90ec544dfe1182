//! T table 5.2: routing of language inference.

use pathweave::spec::RunSpec;
use pathweave_eval::report::Report;
use pathweave_eval::stats::Difference;
use pathweave_eval::table::Summary;

use super::language::{self, Corpus};
use super::lines_5_2::{LINES, TRANSFORMERS};
use super::pair_tables::{self, Column, DISJOINT, JOINT, Line, MISMATCH, NESTED, each, name};
use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, Finding, beats, by, mean_text};
use crate::experiment::compose;
use crate::experiment::results::Results;
use crate::experiment::scale::Scale;
use crate::experiment::{Experiment, Source, compare, verdict};

const COLUMNS: &[Column] = &[JOINT, DISJOINT, MISMATCH, NESTED];
/// The columns without a phase before.
const FIRST: &[Column] = &[JOINT, DISJOINT, MISMATCH];
/// What the forerunner has.
const OLD: &[Column] = &[JOINT, DISJOINT];
/// MultiNLI, with one column.
const MULTI: &[Column] = &[Column { tag: "MultiNLI", at: 4, variant: None, before: None }];

/// T: "18% performance increase", of 75.43 over 57.69.
const OVER_RNN: f64 = 17.74;
/// T: "training accuracies (> 99.5%)".
const FITTED: f64 = 99.5;

/// Table 5.2 on implicatives.
pub static TABLE_5_2: Experiment = Experiment {
    id: "thesis/table-5.2",
    title: "routing of language inference, implicatives",
    shows: SHOWS,
    document: "T 5.3.2, table 5.2",
    notes: &[NOTES, language::GENERATED, language::SETTING],
    exclusive: false,
    source: Source::Runs(|scale| sweep(scale, Corpus::Implicatives, COLUMNS)),
    rows: |results| rows(results, COLUMNS),
    report: |results| report(&TABLE_5_2, results, COLUMNS),
    claims: &[
        CLASSIFIER_HELPS,
        WORDS_HELP,
        DISPATCH_HELPS,
        FIRST_DROP,
        SECOND_DROP,
        ClaimDef {
            text: "Table 5.2 shows the truly impressive capability of a routing architecture to \
                   generalize in these cases, achieving an 18% performance increase over a \
                   standard, non-routed recurrent architecture",
            source: "T 5.3.3",
            paper: "+17.7 points on nested",
            test: |results| {
                let (ours, theirs) = (name("CBOW", "WP+D", &NESTED), name("RNN", "None", &NESTED));
                by(results, &ours, &theirs, OVER_RNN)
            },
        },
        RECURRENT_ROUTING_FAILS,
        OVERFITS,
        ClaimDef {
            text: "From easiest to hardest (measured by standard RNN architecture performance), \
                   we have joint, disjoint, mismatch, and nested",
            source: "T 5.3",
            paper: "67.0 %, 63.5 %, 59.3 %, 57.7 %",
            test: order_of_difficulty,
        },
    ],
};

/// Table 5.2 on the corpus before the thesis's.
pub static TABLE_5_2_FORERUNNER: Experiment = Experiment {
    id: "thesis/table-5.2-forerunner",
    title: "routing of language inference, phrasal implicatives of 2017",
    shows: SHOWS,
    document: "T 5.3.2, table 5.2",
    notes: &[NOTES, language::FORERUNNER, language::SETTING],
    exclusive: false,
    source: Source::Runs(|scale| sweep(scale, Corpus::Forerunner, OLD)),
    rows: |results| rows(results, OLD),
    report: |results| report(&TABLE_5_2_FORERUNNER, results, OLD),
    claims: &[
        CLASSIFIER_HELPS,
        WORDS_HELP,
        DISPATCH_HELPS,
        FIRST_DROP,
        RECURRENT_ROUTING_FAILS,
        OVERFITS,
    ],
};

/// Table 5.2 on MultiNLI.
pub static TABLE_5_2_MULTI_NLI: Experiment = Experiment {
    id: "thesis/table-5.2-multinli",
    title: "routing of language inference, MultiNLI",
    shows: SHOWS,
    document: "T 5.3.2, table 5.2",
    notes: &[NOTES, language::MULTI_NLI, language::SETTING],
    exclusive: false,
    source: Source::Runs(|scale| sweep(scale, Corpus::MultiNli, MULTI)),
    rows: |results| rows(results, MULTI),
    report: |results| report(&TABLE_5_2_MULTI_NLI, results, MULTI),
    claims: &[
        ClaimDef {
            text: "Our methods for routing the RNN seem to be less successful",
            source: "T 5.3.2.1",
            paper: "RNN 66.5 %, I2H 47.8 %, H2H 62.3 %",
            test: |results| recurrent_routing_fails(results, MULTI),
        },
        ClaimDef {
            text: "word-representation routing offers clear benefits with the CBOW base model",
            source: "T 5.3.2.1",
            paper: "+2.4 points",
            test: |results| wins(results, MULTI, ("CBOW", "WP"), &[("CBOW", "None")]),
        },
        ClaimDef {
            text: "The best model combines the Transformer base model with routing the attention \
                   layers",
            source: "T 5.3.2.1",
            paper: "76.6 %, of the others 76.1, 76.5 and 75.9 %",
            test: attention_is_best,
        },
        OVERFITS_MULTI,
    ],
};

const SHOWS: &str = "\
Accuracy of bags of words, long short-term memories and transformers on pairs of sentences, without \
routing and with parts of them routed by the context of a pair: the classifier, the words (WP), the \
words by a dispatcher that is trained after everything else (WP+D), the input (I2H) or state (H2H) \
of the memory's gates, the attention or whole blocks of the transformer.";

const NOTES: &str = "\
The thesis's table has empty cells; they are not run, and their place in the rows of RNNs and \
classifiers follows from reading a row from left to right with the empty cells last (H2H: MultiNLI, \
joint, disjoint). \"Nested\" is learned by a network that has learned \"joint\" before, with as many \
epochs for each; the tables of the nested contexts then start anew.

WP+D first trains with the context's tables, then trains the dispatcher alone on the final reward. \
It names one of as many agents as there are contexts. The thesis names neither its network nor its \
learning algorithm: here it is a perceptron on the last state of a memory over the premise, trained \
by Q-learning as all routers of the table, with Adam at 0.01. That was chosen by validation accuracy \
of one run each, 20 epochs and 10 for the dispatcher: the means of premise and hypothesis with SGD \
at 0.1 (52 %) and with Adam (59 %), the premise's words added with SGD (57 %) and Adam (55 %), with \
attention (62 %), as a sequence (69 %), both with Adam.

The thesis's transformers are those of Radford et al. 2018, pretrained on books, and it reports the \
best of five runs of each. Here blocks are pretrained on the run's own training sentences, means over \
seeds are reported, and at small scale there are two blocks of 32 units, ten epochs and three seeds.";

const CLASSIFIER_HELPS: ClaimDef = ClaimDef {
    text: "Routing of the classifier helps consistently with all models",
    source: "T 5.3.2.2",
    paper: "joint: CBOW +5.1, RNN +4.0, transformer −2.1 points",
    test: classifier_helps,
};

const WORDS_HELP: ClaimDef = ClaimDef {
    text: "Even simple word-level routing yields major improvements for CBOW",
    source: "T 5.3.2.2",
    paper: "joint +17.7, disjoint +18.2, mismatch +15.3 points",
    test: |results| wins(results, FIRST, ("CBOW", "WP"), &[("CBOW", "None")]),
};

const DISPATCH_HELPS: ClaimDef = ClaimDef {
    text: "accuracy actually increases by a small amount over WP alone",
    source: "T 5.3.3",
    paper: "joint +0.6, disjoint +1.0, mismatch +2.4 points",
    test: |results| wins(results, FIRST, ("CBOW", "WP+D"), &[("CBOW", "WP")]),
};

const FIRST_DROP: ClaimDef = ClaimDef {
    text: "Having +D also allows the network to better generalize: … drop … from the full joint SCI \
           dataset to disjoint",
    source: "T 5.3.3",
    paper: "−0.69 points, −1.04 without +D",
    test: |results| smaller_drop(results, &JOINT, &DISJOINT),
};

const SECOND_DROP: ClaimDef = ClaimDef {
    text: "Having +D also allows the network to better generalize: … drop … from disjoint to \
           mismatch",
    source: "T 5.3.3",
    paper: "−3.79 points, −5.22 without +D",
    test: |results| smaller_drop(results, &DISJOINT, &MISMATCH),
};

const RECURRENT_ROUTING_FAILS: ClaimDef = ClaimDef {
    text: "Routing at the word-level for sequential models seems suboptimal here",
    source: "T 5.3.2.2",
    paper: "joint: RNN 67.0 %, I2H 53.3 %, H2H 54.9 %",
    test: |results| recurrent_routing_fails(results, FIRST),
};

const OVERFITS: ClaimDef = ClaimDef {
    text: "The training accuracies (> 99.5%) suggest that the problem is, again, overfitting",
    source: "T 5.3.2.2",
    paper: "above 99.5 %",
    test: |results| overfits(results, FIRST),
};

const OVERFITS_MULTI: ClaimDef = ClaimDef {
    text: "These models are too powerful, resulting in near perfect training performance",
    source: "T 5.3.2.1",
    paper: "near perfect",
    test: |results| overfits(results, MULTI),
};

fn sweep(scale: Scale, corpus: Corpus, columns: &[Column]) -> Vec<RunSpec> {
    let (base, size) = (language::base(scale, corpus), language::size(scale));
    let mut specs = pair_tables::sweep(&base, (size.seeds, size.last), LINES, columns);
    let (base, seeds) = language::transformer(base, scale);
    specs.extend(pair_tables::sweep(&base, (seeds, size.last), TRANSFORMERS, columns));
    specs
}

/// Every line.
fn lines() -> Vec<Line> {
    LINES.iter().chain(TRANSFORMERS).copied().collect()
}

fn rows(results: &Results, columns: &[Column]) -> Result<Vec<Summary>, CliError> {
    Ok(pair_tables::rows(&results.runs, &lines(), columns))
}

fn report(
    experiment: &Experiment,
    results: &Results,
    columns: &[Column],
) -> Result<Report, CliError> {
    let bars = pair_tables::bars(results, &lines(), columns);
    let table = pair_tables::layout(&results.runs, &lines(), columns);
    let sections = vec![compose::section("The table as the thesis has it", vec![table])];
    compose::report(experiment, results, bars, sections)
}

type Cell = (&'static str, &'static str);

/// Whether a line beats others on every column; others that were not run there are left out.
fn wins(results: &Results, columns: &[Column], (group, label): Cell, others: &[Cell]) -> Finding {
    each(results, columns, |column| {
        let run = |name: &String| results.runs.of(name).next().is_some();
        let others: Vec<String> =
            others.iter().map(|(g, l)| name(g, l, column)).filter(run).collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        beats(results, &name(group, label, column), &others)
    })
}

fn classifier_helps(results: &Results) -> Finding {
    let of = |group: &'static str| {
        let found = wins(results, FIRST, (group, "Classifier"), &[(group, "None")]);
        Finding::new(format!("{group} {}", found.ours), found.verdict)
    };
    compare::both(compare::both(of("CBOW"), of("RNN")), of("Transformer"))
}

fn attention_is_best(results: &Results) -> Finding {
    let lines = lines();
    let cells = lines.iter().map(|line| (line.group, line.label));
    let others: Vec<Cell> = cells.filter(|cell| *cell != ("Transformer", "Attention")).collect();
    wins(results, MULTI, ("Transformer", "Attention"), &others)
}

fn recurrent_routing_fails(results: &Results, columns: &[Column]) -> Finding {
    wins(results, columns, ("RNN", "None"), &[("RNN", "I2H"), ("RNN", "H2H")])
}

fn overfits(results: &Results, columns: &[Column]) -> Finding {
    let of = |label: &'static str| {
        let run = |column: &&Column| results.runs.of(&name("RNN", label, column)).next().is_some();
        let columns: Vec<Column> = columns.iter().filter(run).copied().collect();
        let found = each(results, &columns, |column| {
            let shares = results.runs.values(&name("RNN", label, column), "train_accuracy");
            let values: Vec<f64> = shares.iter().map(|share| 100.0 * share).collect();
            let verdict = verdict::within(&values, FITTED, f64::INFINITY);
            Finding::new(format!("{} %", mean_text(&values, 1)), verdict)
        });
        Finding::new(format!("{label} {}", found.ours), found.verdict)
    };
    compare::both(of("I2H"), of("H2H"))
}

/// Accuracies on a column less those on a harder one, in points by seed.
fn drop(results: &Results, label: &str, from: &Column, to: &Column) -> Vec<(u64, f64)> {
    let of = |column| compare::accuracies(results, &[name("CBOW", label, column)]);
    compare::less(&of(from), &of(to))
}

fn smaller_drop(results: &Results, from: &Column, to: &Column) -> Finding {
    let (plain, dispatched) = (drop(results, "WP", from, to), drop(results, "WP+D", from, to));
    let gap: Option<Difference> = verdict::difference(&plain, &dispatched);
    let mean = |drops: &[(u64, f64)]| {
        let values: Vec<f64> = drops.iter().map(|(_, value)| -value).collect();
        mean_text(&values, 1).replace('-', "−")
    };
    let ours = format!(
        "{} points, {} without +D; less by {}",
        mean(&dispatched),
        mean(&plain),
        compare::points(gap)
    );
    Finding::new(ours, verdict::direction(gap))
}

fn order_of_difficulty(results: &Results) -> Finding {
    let model = |column: &Column| name("RNN", "None", column);
    let steps = COLUMNS.windows(2).map(|pair| {
        let found = beats(results, &model(&pair[0]), &[&model(&pair[1])]);
        let text = format!("{} over {}: {}", pair[0].tag, pair[1].tag, found.ours);
        Finding::new(text, found.verdict)
    });
    steps.reduce(compare::both).unwrap_or_else(Finding::missing)
}

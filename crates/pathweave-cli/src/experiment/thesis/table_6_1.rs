//! T table 6.1: dispatched routing of language inference.

use pathweave::spec::RunSpec;
use pathweave_eval::report::{Report, Verdict};
use pathweave_eval::stats;
use pathweave_eval::table::Summary;

use super::language::{self, Corpus, LSTM, UNROUTED, WORDS};
use super::pair_tables::{
    self, Column, DISJOINT, DISPATCH, JOINT, Line, MISMATCH, NESTED, Paper, each, given, name,
};
use crate::error::CliError;
use crate::experiment::ablation::Overrides;
use crate::experiment::claim::{ClaimDef, Finding, beats};
use crate::experiment::compose::{self, section};
use crate::experiment::results::Results;
use crate::experiment::scale::Scale;
use crate::experiment::{Experiment, Source, compare, routes, verdict};

const COLUMNS: &[Column] = &[JOINT, DISJOINT, MISMATCH, NESTED];
/// What the forerunner has.
const OLD: &[Column] = &[JOINT, DISJOINT];

/// Half intervals below are "less than ±1 %".
const STABLE: f64 = 1.0;

/// Names of the dispatchers that learn.
pub const BASIC: &str = "Basic";
/// Sum of the premise's words.
pub const AE: &str = "AE";
const AE_ATTENTION: &str = "AE Attn";
const AE_ONE_HOT: &str = "AE OH";
const AE_SEQUENCE: &str = "AE Seq";
/// All of them.
pub const ONLINE: [&str; 5] = [BASIC, AE, AE_ATTENTION, AE_ONE_HOT, AE_SEQUENCE];

const fn line(
    group: &'static str,
    label: &'static str,
    set: Overrides,
    paper: &'static [Option<Paper>],
    entropies: &'static [f64],
) -> Line {
    Line { entropies, ..Line::new(group, label, set, paper) }
}

/// Five means of the pairs' words.
const K_MEANS: Overrides = &[
    "model.kind=routed",
    "model.text.routed=words",
    "router.dispatcher=k-means",
    "router.dispatch.agents=5",
];
/// Five clusters of the pairs' words, merged bottom up.
const AGGLOMERATIVE: Overrides = &[
    "model.kind=routed",
    "model.text.routed=words",
    "router.dispatcher=agglomerative",
    "router.dispatch.agents=5",
];
/// Learned from rewards alone, by the premise as a sequence (T 6.3.1).
const ONLINE_BASIC: Overrides = &[
    "model.kind=routed",
    "model.text.routed=words",
    "router.dispatcher=online",
    "router.dispatch.agents=20",
    "router.dispatch.encoding=sequence",
    "router.dispatch.algorithm=q_learning",
    "train.router_optimizer=adam",
    "train.router_learning_rate=0.01",
];
/// As bottleneck of an autoencoder of summed words (T 6.2.4).
const ONLINE_AE: Overrides = &[
    "model.kind=routed",
    "model.text.routed=words",
    "router.dispatcher=autoencoder",
    "router.dispatch.agents=20",
    "router.dispatch.encoding=cbow",
    "router.dispatch.algorithm=q_learning",
    "train.router_optimizer=adam",
    "train.router_learning_rate=0.01",
];
/// Of words weighted by attention (T 6.2.5).
const ONLINE_ATTENTION: Overrides = &[
    "model.kind=routed",
    "model.text.routed=words",
    "router.dispatcher=autoencoder",
    "router.dispatch.agents=20",
    "router.dispatch.encoding=attention",
    "router.dispatch.algorithm=q_learning",
    "train.router_optimizer=adam",
    "train.router_learning_rate=0.01",
];
/// Of counts of words (T 6.2.6).
const ONLINE_ONE_HOT: Overrides = &[
    "model.kind=routed",
    "model.text.routed=words",
    "router.dispatcher=autoencoder",
    "router.dispatch.agents=20",
    "router.dispatch.encoding=one-hot",
    "router.dispatch.algorithm=q_learning",
    "train.router_optimizer=adam",
    "train.router_learning_rate=0.01",
];
/// Of the sequence (T 6.2.7).
const ONLINE_SEQUENCE: Overrides = &[
    "model.kind=routed",
    "model.text.routed=words",
    "router.dispatcher=autoencoder",
    "router.dispatch.agents=20",
    "router.dispatch.encoding=sequence",
    "router.dispatch.algorithm=q_learning",
    "train.router_optimizer=adam",
    "train.router_learning_rate=0.01",
];

/// The lines of T; numbers are of joint, disjoint, mismatch, nested.
const LINES: &[Line] = &[
    line(
        "Seq",
        "not routed",
        LSTM,
        &[given(67.04, 2.36), given(63.52, 2.00), given(59.32, 2.87), given(57.69, 2.75)],
        &[],
    ),
    line(
        "CBOW",
        "not routed",
        UNROUTED,
        &[given(57.26, 0.18), given(55.68, 0.47), given(53.41, 0.86), given(50.98, 0.92)],
        &[],
    ),
    line(
        "Offline",
        "Signatures",
        WORDS,
        &[given(74.95, 0.64), given(73.91, 0.54), given(71.08, 0.52), given(75.43, 0.29)],
        &[1.82, 1.8, 1.82, 0.46],
    ),
    line(
        "Offline",
        "K-Means",
        K_MEANS,
        &[given(62.26, 2.79), given(61.68, 1.40), given(59.29, 0.59), given(71.67, 4.03)],
        &[0.45, 0.35, 0.42, 0.39],
    ),
    line(
        "Offline",
        "Aggl",
        AGGLOMERATIVE,
        &[given(64.63, 0.62), given(60.86, 0.75), given(61.56, 0.55), given(72.45, 1.79)],
        &[0.44, 0.46, 0.43, 0.59],
    ),
    line(
        "Online",
        "Basic",
        ONLINE_BASIC,
        &[given(71.40, 1.39), given(64.13, 0.30), given(67.77, 0.61), given(83.24, 0.58)],
        &[0.56, 0.45, 0.45, 0.62],
    ),
    line(
        "Online",
        "AE",
        ONLINE_AE,
        &[given(70.42, 0.83), given(61.31, 0.97), given(63.08, 0.94), given(79.38, 0.99)],
        &[2.58, 0.84, 0.59, 0.31],
    ),
    line(
        "Online",
        "AE Attn",
        ONLINE_ATTENTION,
        &[given(72.70, 0.21), given(65.05, 0.78), given(67.74, 0.23), given(80.35, 1.42)],
        &[0.46, 0.45, 0.44, 0.41],
    ),
    line(
        "Online",
        "AE OH",
        ONLINE_ONE_HOT,
        &[given(70.89, 0.98), given(61.94, 1.12), given(64.01, 0.53), given(79.77, 2.87)],
        &[0.71, 0.49, 0.68, 0.4],
    ),
    line(
        "Online",
        "AE Seq",
        ONLINE_SEQUENCE,
        &[given(70.49, 0.70), given(63.30, 1.12), given(65.43, 0.53), given(82.37, 2.60)],
        &[0.45, 0.55, 0.45, 0.41],
    ),
];

/// Table 6.1 on implicatives.
pub static TABLE_6_1: Experiment = Experiment {
    id: "thesis/table-6.1",
    title: "dispatched routing of language inference, implicatives",
    shows: SHOWS,
    document: "T 6.3, table 6.1",
    notes: &[NOTES, language::GENERATED, language::SETTING],
    exclusive: false,
    source: Source::Runs(|scale| sweep(scale, Corpus::Implicatives, COLUMNS)),
    rows: |results| rows(results, COLUMNS),
    report: |results| report(&TABLE_6_1, results, COLUMNS),
    claims: &[
        INFERIOR,
        OVER_BASELINE,
        ClaimDef {
            text: "For the mismatched and nested datasets, they allow the routed model to beat \
                   even the generally much stronger sequential baseline",
            source: "T 6.3.2",
            paper: "nested +14.0 and +14.8 points; mismatch −0.0 and +2.2",
            test: |results| {
                each(results, &[MISMATCH, NESTED], |column| {
                    all_beat(results, column, ("Offline", &CLUSTERS), &[("Seq", "not routed")])
                })
            },
        },
        AGGLOMERATIVE_WINS,
        BEST_DISPATCHERS,
        OVER_ALL_BASELINES,
        PLAIN_SPREADS,
        STABLE_RESULTS,
        ClaimDef {
            text: "The most impressive result is the ability to generalize to longer (nested) \
                   sequences, even outperforming the results relying on signatures",
            source: "T 6.3.3",
            paper: "79.4 to 83.2 %, signatures 75.4 %",
            test: |results| {
                let signatures = [("Offline", "Signatures")];
                all_beat(results, &NESTED, ("Online", &ONLINE), &signatures)
            },
        },
    ],
};

/// Table 6.1 on the corpus before the thesis's.
pub static TABLE_6_1_FORERUNNER: Experiment = Experiment {
    id: "thesis/table-6.1-forerunner",
    title: "dispatched routing of language inference, phrasal implicatives of 2017",
    shows: SHOWS,
    document: "T 6.3, table 6.1",
    notes: &[NOTES, language::FORERUNNER, language::SETTING],
    exclusive: false,
    source: Source::Runs(|scale| sweep(scale, Corpus::Forerunner, OLD)),
    rows: |results| rows(results, OLD),
    report: |results| report(&TABLE_6_1_FORERUNNER, results, OLD),
    claims: &[
        INFERIOR,
        OVER_BASELINE,
        AGGLOMERATIVE_WINS,
        BEST_DISPATCHERS,
        OVER_ALL_BASELINES,
        PLAIN_SPREADS,
        STABLE_RESULTS,
    ],
};

const SHOWS: &str = "\
Accuracy of routed words where a dispatcher names the agent that routes a pair: its signature, \
clusters found before training, or a dispatcher that learns with the rest, from rewards alone \
(Basic) or also as the bottleneck of an autoencoder (AE) of the premise's words, of words weighted \
by attention (Attn), of counts of words (OH) or of the sequence (Seq); and the entropy with which it \
spreads pairs over agents.";

const NOTES: &str = "\
Dispatchers that learn have 20 agents and Q-learning, the clusters are five. T picks each cell's \
hyperparameters by the best average validation result of a sweep that it does not describe; here \
they are the same in all cells: Adam at 0.01 for router and dispatcher where the dispatcher learns, \
α = 0.5, a bottleneck of 4. Of the thesis's numbers for signatures, those of mismatch and nested are \
its WP+D of table 5.2: the signatures are guessed there; here they are given in all columns. No \
weight of the rewards, no exploration of the dispatcher and no number of epochs beside 300 are named.

“Stable” is judged by the half interval of each learning dispatcher on each variant: supported where \
most are below 1 point.";

const CLUSTERS: [&str; 2] = ["K-Means", "Aggl"];

const INFERIOR: ClaimDef = ClaimDef {
    text: "These clusters are generally inferior to the provided signatures",
    source: "T 6.3.2",
    paper: "joint 62.3 and 64.6 %, signatures 75.0 %",
    test: |results| {
        let found = |label| {
            compare::above(
                results,
                &over(results, "Offline", "Signatures"),
                &over(results, "Offline", label),
            )
        };
        compare::both(found("K-Means"), found("Aggl"))
    },
};

const OVER_BASELINE: ClaimDef = ClaimDef {
    text: "However, they do improve performance over their unrouted baseline",
    source: "T 6.3.2",
    paper: "+5 to +21 points",
    test: |results| {
        each(results, COLUMNS, |column| {
            all_beat(results, column, ("Offline", &CLUSTERS), &[("CBOW", "not routed")])
        })
    },
};

const AGGLOMERATIVE_WINS: ClaimDef = ClaimDef {
    text: "agglomerative clustering generally works better than k-means clustering",
    source: "T 6.3.2",
    paper: "+1.2 points over the four variants",
    test: |results| {
        let of = |label| over(results, "Offline", label);
        compare::above(results, &of("Aggl"), &of("K-Means"))
    },
};

const BEST_DISPATCHERS: ClaimDef = ClaimDef {
    text: "The best-performing dispatching strategies are the autoencoding with attention and, \
           surprisingly, basic dispatching",
    source: "T 6.3.3",
    paper: "71.5 and 71.6 % over the four variants, the others 68.5 to 70.4 %",
    test: |results| {
        let of = |labels: &[&'static str]| -> Vec<String> {
            labels.iter().flat_map(|label| over(results, "Online", label)).collect()
        };
        compare::above(results, &of(&[BASIC, AE_ATTENTION]), &of(&[AE, AE_ONE_HOT, AE_SEQUENCE]))
    },
};

const OVER_ALL_BASELINES: ClaimDef = ClaimDef {
    text: "they clearly outperform all baselines",
    source: "T 6.3.3",
    paper: "joint +4.4 and +5.7 points over the sequential model",
    test: |results| {
        let baselines = [("Seq", "not routed"), ("CBOW", "not routed")];
        each(results, COLUMNS, |column| {
            all_beat(results, column, ("Online", &[BASIC, AE_ATTENTION]), &baselines)
        })
    },
};

const PLAIN_SPREADS: ClaimDef = ClaimDef {
    text: "The ‘plain’ autoencoder only learning to reconstruct the CBOW encoding has the highest \
           selection entropy",
    source: "T 6.3.3",
    paper: "joint 2.58 nats, the others 0.45 to 0.71",
    test: plain_spreads,
};

const STABLE_RESULTS: ClaimDef = ClaimDef {
    text: "The accuracy results are generally very stable, with most confidence intervals within \
           less than ±1% accuracy",
    source: "T 6.3.3",
    paper: "14 of 20 cells",
    test: stable,
};

/// Names of a line's runs on the columns that were run.
fn over(results: &Results, group: &str, label: &str) -> Vec<String> {
    let names = COLUMNS.iter().map(|column| name(group, label, column));
    names.filter(|name| results.runs.of(name).next().is_some()).collect()
}

/// Lines of dispatching on one column, for the figures.
pub fn on_joint(scale: Scale, lines: impl Fn(&Line) -> bool) -> Vec<RunSpec> {
    let lines: Vec<Line> = LINES.iter().copied().filter(lines).collect();
    let (base, size) = (language::base(scale, Corpus::Implicatives), language::size(scale));
    pair_tables::sweep(&base, (size.seeds, size.last), &lines, &[JOINT])
}

fn sweep(scale: Scale, corpus: Corpus, columns: &[Column]) -> Vec<RunSpec> {
    let (base, size) = (language::base(scale, corpus), language::size(scale));
    pair_tables::sweep(&base, (size.seeds, size.last), LINES, columns)
}

fn rows(results: &Results, columns: &[Column]) -> Result<Vec<Summary>, CliError> {
    Ok(pair_tables::rows(&results.runs, LINES, columns))
}

fn report(
    experiment: &Experiment,
    results: &Results,
    columns: &[Column],
) -> Result<Report, CliError> {
    let bars = pair_tables::bars(results, LINES, columns);
    let tables = vec![
        pair_tables::layout(&results.runs, LINES, columns),
        pair_tables::entropies(&results.runs, LINES, columns),
    ];
    let online =
        ONLINE.map(|label| routes::dispatch(&results.runs, &name("Online", label, &JOINT)));
    let sections = vec![
        section("The table as the thesis has it", tables),
        section("Dispatching", online.into_iter().flatten().collect()),
    ];
    compose::report(experiment, results, bars, sections)
}

/// Whether each of a group's lines beats the others on a column.
fn all_beat(
    results: &Results,
    column: &Column,
    (group, labels): (&str, &[&str]),
    others: &[(&str, &str)],
) -> Finding {
    let others: Vec<String> = others.iter().map(|(g, label)| name(g, label, column)).collect();
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    let found = labels.iter().map(|label| {
        let found = beats(results, &name(group, label, column), &others);
        Finding::new(format!("{label} {}", found.ours), found.verdict)
    });
    found.reduce(compare::both).unwrap_or_else(Finding::missing)
}

fn plain_spreads(results: &Results) -> Finding {
    let entropy = |label| results.runs.by_seed(&name("Online", label, &JOINT), DISPATCH);
    let plain = entropy(AE);
    let found = [BASIC, AE_ATTENTION, AE_ONE_HOT, AE_SEQUENCE].map(|label| {
        let gap = verdict::difference(&plain, &entropy(label));
        let text = gap.map(|gap| format!("{:+.2} ± {:.2} nats over {label}", gap.mean, gap.ci95));
        let ours = text.unwrap_or_else(|| format!("no interval over {label}"));
        Finding::new(ours.replace('-', "−"), verdict::direction(gap))
    });
    found.into_iter().reduce(compare::both).unwrap_or_else(Finding::missing)
}

fn stable(results: &Results) -> Finding {
    let names = ONLINE.iter().flat_map(|label| over(results, "Online", label));
    let halves: Vec<f64> = names
        .filter_map(|name| stats::ci95(&results.runs.values(&name, "accuracy")))
        .map(|half| 100.0 * half)
        .collect();
    let below = halves.iter().filter(|half| **half < STABLE).count();
    if halves.is_empty() {
        return Finding::missing();
    }
    let most = 2 * below > halves.len();
    let verdict = if most { Verdict::Supported } else { Verdict::Refuted };
    Finding::new(format!("{below} of {} cells", halves.len()), verdict)
}

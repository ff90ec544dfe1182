//! T figure 5.1: routing architectures on CIFAR-MTL.

use pathweave::spec::RunSpec;
use pathweave_data::DatasetSpec;
use pathweave_data::dataset::CifarMtlSpec;
use pathweave_eval::report::{Block, Report};
use pathweave_eval::table::Summary;

use super::models::{DISPATCHED, RECURRENT, ROUTING, SINGLE_AGENT, SOFT};
use super::{domain, fig_5_2};
use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, Finding, beats, mean_text};
use crate::experiment::compose::{self, section};
use crate::experiment::results::Results;
use crate::experiment::scale::{SMOKE, Scale, Sizes, THESIS, base};
use crate::experiment::{Experiment, Source, figures, routes, verdict};

const SIZES: Sizes = Sizes { smoke: SMOKE, small: fig_5_2::SMALL, paper: THESIS };

const MODELS: [&str; 5] = [ROUTING, RECURRENT, SINGLE_AGENT, DISPATCHED, SOFT];

/// More modules at a depth than "one or two".
const ONE_OR_TWO: f64 = 2.0;

/// Figure 5.1.
pub static FIG_5_1: Experiment = Experiment {
    id: "thesis/fig-5.1",
    title: "routing architectures on CIFAR-MTL",
    shows: "Accuracy of routing-all-fc, a tabular agent for each task and depth, against the same \
            network with recurrent modules and a pass action, with one approximated agent for \
            all tasks, with a dispatcher that names a tabular agent for each sample, and with \
            soft mixtures in the place of routing.",
    document: "T 5.2.3, figure 5.1",
    notes: &[NOTES, domain::SETTING],
    exclusive: false,
    source: Source::Runs(sweep),
    rows,
    report,
    claims: &[
        ClaimDef {
            text: "The worst architecture is the soft mixture model that is outperformed by all \
                   routing approaches",
            source: "T 5.2.3",
            paper: "every routing architecture above the soft mixture",
            test: soft_is_worst,
        },
        ClaimDef {
            text: "the pure multi-task, tabular multi-agent approach outperforms all others",
            source: "T 5.2.3",
            paper: "routing-all-fc first",
            test: |results| beats(results, ROUTING, &[RECURRENT, SINGLE_AGENT, DISPATCHED, SOFT]),
        },
        ClaimDef {
            text: "the single agent collapsed and often chose just one or two modules at each \
                   depth",
            source: "T 5.2.3",
            paper: "one or two modules a depth",
            test: single_agent_collapsed,
        },
    ],
};

const NOTES: &str = "\
The dispatched model's dispatcher sees what enters the first fully connected layer, no task, and \
is trained together with the rest; there are as many agents as tasks, which the text leaves open. \
The recurrent model passes activations on \
unchanged, so its modules keep their width: a projection before and an output layer after them \
are shared by all tasks. The single agent decides by the activation, the task and the depth, with \
a running mean of returns as baseline of REINFORCE, of which the text says nothing; so do the \
dispatcher and its agents.

The effective number of modules at a depth is exp(selection entropy): n where n modules are taken \
equally often. Collapse is judged by whether its mean over depths lies below 2.";

fn sweep(scale: Scale) -> Vec<RunSpec> {
    let size = SIZES.at(scale);
    let data = CifarMtlSpec {
        train_per_task: size.train_per_task.unwrap_or(2500),
        test_per_task: size.test_per_task.unwrap_or(500),
        ..CifarMtlSpec::default()
    };
    let base = base(scale, size, DatasetSpec::CifarMtl(data), 0.0);
    domain::sweep_of(&MODELS, &base, size.seeds)
}

fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    let others = [RECURRENT, SINGLE_AGENT, DISPATCHED, SOFT].map(|model| (model, None));
    let mut rows = domain::rows(results, &others);
    let entropy = |model: &&str| results.runs.summary(model, "selection_entropy");
    rows.extend(results.runs.models().iter().filter_map(entropy));
    Ok(rows)
}

fn report(results: &Results) -> Result<Report, CliError> {
    let title = results.accuracy_title();
    let bars = figures::accuracy_bars(&results.runs, &title);
    let mut policy = vec![
        Block::Prose("Whether agents collapse onto few modules (T 4.2, 5.2.3).".into()),
        routes::dynamics(&results.runs, &[ROUTING, RECURRENT, SINGLE_AGENT, DISPATCHED]),
    ];
    policy.extend(routes::map(&results.runs, ROUTING));
    policy.extend(routes::map(&results.runs, SINGLE_AGENT));
    policy.extend(routes::map(&results.runs, DISPATCHED));
    policy.extend(routes::dispatch(&results.runs, DISPATCHED));
    let sections = vec![
        section("Training", vec![figures::accuracy_curves(&results.runs, &title)]),
        section("Policies", policy),
    ];
    compose::report(&FIG_5_1, results, bars, sections)
}

fn soft_is_worst(results: &Results) -> Finding {
    let each = [ROUTING, RECURRENT, SINGLE_AGENT, DISPATCHED]
        .map(|model| (model, beats(results, model, &[SOFT])));
    let texts = each.iter().map(|(model, finding)| format!("{model} {}", finding.ours));
    Finding::new(
        texts.collect::<Vec<_>>().join("; "),
        verdict::all(each.iter().map(|(_, finding)| finding.verdict)),
    )
}

fn single_agent_collapsed(results: &Results) -> Finding {
    let modules = routes::effective_modules(&results.runs, SINGLE_AGENT);
    if modules.is_empty() {
        return Finding::missing();
    }
    let many = routes::effective_modules(&results.runs, ROUTING);
    let ours = format!(
        "{} effective modules a depth; {ROUTING} {}",
        mean_text(&modules, 2),
        mean_text(&many, 2)
    );
    Finding::new(ours, verdict::within(&modules, f64::NEG_INFINITY, ONE_OR_TWO))
}

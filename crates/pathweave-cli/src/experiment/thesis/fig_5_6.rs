//! T figure 5.6: the routing map of every task and depth on MNIST-MTL.

use pathweave::spec::RunSpec;
use pathweave_eval::report::{Block, Report};
use pathweave_eval::table::Summary;

use super::fig_5_4;
use super::models::ROUTING;
use super::{domain, fig_5_4::COLLABORATION};
use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, Finding, mean_text};
use crate::experiment::compose::{self, section};
use crate::experiment::results::Results;
use crate::experiment::scale::{SMOKE, Scale, Sizes, THESIS, base};
use crate::experiment::{Experiment, Source, routes, verdict};

/// As figure 5.4: its runs of routing-all-fc are these.
const SIZES: Sizes = Sizes { smoke: SMOKE, small: fig_5_4::SMALL, paper: THESIS };

/// More modules at a depth than the "one or two" of the single agent.
const ONE_OR_TWO: f64 = 2.0;

const OVERLAP: &str = "path_overlap";

/// Figure 5.6.
pub static FIG_5_6: Experiment = Experiment {
    id: "thesis/fig-5.6",
    title: "a routing map for MNIST-MTL",
    shows: "Which module routing-all-fc takes for every task at each of the three routed layers, \
            over the whole test split.",
    document: "T 5.2.3, figure 5.6",
    notes: &[NOTES],
    exclusive: false,
    source: Source::Runs(sweep),
    rows,
    report,
    claims: &[
        ClaimDef {
            text: "learn a policy which … partitions the network quite differently for each task",
            source: "T 5.2.3",
            paper: "shown as a figure",
            test: partitions_differ,
        },
        ClaimDef {
            text: "achieves considerable diversity in its choices",
            source: "T 5.2.3",
            paper: "shown as a figure",
            test: choices_are_diverse,
        },
    ],
};

const NOTES: &str = "\
The figure numbers modules through all layers, 10 to 39; here each depth counts from 0. The \
figure shows one run: the map here is that of the first seed, the table is over all.

Both claims are judged by rules of ours. Tasks count as routed quite differently where two tasks \
share a module at fewer than half of the depths on average (path overlap). Choices count as \
diverse where the effective number of modules at a depth, exp(selection entropy), is above 2 on \
average, the \"one or two\" that the text says a single agent collapses to. Ten tasks that choose \
among ten modules at random would overlap at a tenth of the depths.";

fn sweep(scale: Scale) -> Vec<RunSpec> {
    let size = SIZES.at(scale);
    let base = base(scale, size, fig_5_4::data(size), COLLABORATION);
    domain::sweep_of(&[ROUTING], &base, size.seeds)
}

fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    let metrics = ["accuracy", "modules_used", "selection_entropy", OVERLAP, "distinct_paths"];
    Ok(metrics.iter().filter_map(|metric| results.runs.summary(ROUTING, metric)).collect())
}

fn report(results: &Results) -> Result<Report, CliError> {
    let mut pictures = routes::map(&results.runs, ROUTING).into_iter();
    let map = pictures.next().unwrap_or_else(|| Block::Prose("No run.".into()));
    let mut policy = vec![routes::dynamics(&results.runs, &[ROUTING])];
    policy.extend(pictures);
    compose::report(&FIG_5_6, results, map, vec![section("Policies", policy)])
}

/// Depths that a path may have, by the log's header.
fn depths(results: &Results) -> Option<usize> {
    let log = results.runs.of(ROUTING).next()?.log.as_ref()?;
    Some(log.header().depths())
}

fn partitions_differ(results: &Results) -> Finding {
    let overlap = results.runs.values(ROUTING, OVERLAP);
    let Some(depths) = depths(results).filter(|_| !overlap.is_empty()) else {
        return Finding::missing();
    };
    let paths = results.runs.values(ROUTING, "distinct_paths");
    let ours = format!(
        "two tasks share a module at {} of {depths} depths; {} distinct paths",
        mean_text(&overlap, 2),
        mean_text(&paths, 1)
    );
    Finding::new(ours, verdict::within(&overlap, f64::NEG_INFINITY, depths as f64 / 2.0))
}

fn choices_are_diverse(results: &Results) -> Finding {
    let modules = routes::effective_modules(&results.runs, ROUTING);
    if modules.is_empty() {
        return Finding::missing();
    }
    let ours = format!("{} effective modules a depth", mean_text(&modules, 2));
    Finding::new(ours, verdict::within(&modules, ONE_OR_TWO, f64::INFINITY))
}

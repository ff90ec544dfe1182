//! T figure 6.5: whom dispatchers send signatures to.

use std::collections::{BTreeMap, BTreeSet};

use pathweave::spec::RunSpec;
use pathweave_eval::log::RoutingLog;
use pathweave_eval::plot::{Bar, BarGroup, Bars, Unit};
use pathweave_eval::report::{Block, Report};
use pathweave_eval::table::Summary;

use super::language;
use super::pair_tables::{DISPATCH, JOINT, name};
use super::table_6_1::{self, AE, BASIC};
use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, Finding, mean_text};
use crate::experiment::compose::{self, section};
use crate::experiment::results::Results;
use crate::experiment::runs::ACCURACY;
use crate::experiment::scale::Scale;
use crate::experiment::{Experiment, Source, compare, figures, routes, verdict};

/// More agents than "two dominant dispatching clusters with minor deviations".
const TWO: f64 = 2.5;

/// Figure 6.5.
pub static FIG_6_5: Experiment = Experiment {
    id: "thesis/fig-6.5",
    title: "signatures and the agents they are dispatched to",
    shows: "Share of each signature among the test pairs of joint implicatives, and whom the basic \
            dispatcher and that of the plain autoencoder send each signature, and all pairs, to.",
    document: "T 6.3.3, figure 6.5",
    notes: &[NOTES, language::GENERATED, language::SETTING],
    exclusive: false,
    source: Source::Runs(sweep),
    rows,
    report,
    claims: &[
        ClaimDef {
            text: "this generally corresponds to two dominant dispatching clusters with minor \
                   deviations",
            source: "T 6.3.3",
            paper: "basic dispatcher: entropy 0.56 nats, 1.8 effective agents",
            test: two_clusters,
        },
        ClaimDef {
            text: "plain autoencoder … achieves a good score while maintaining extremely high \
                   entropy of 2.58",
            source: "T 6.3.3",
            paper: "2.58 nats, basic 0.56",
            test: spreads_more,
        },
    ],
};

const NOTES: &str = "\
The runs are those of table 6.1 on the joint variant; pictures are of the first seed, not of the \
best run. The effective number of agents is exp(entropy); \"two dominant clusters\" is judged by \
whether it lies below 2.5.";

fn sweep(scale: Scale) -> Vec<RunSpec> {
    table_6_1::on_joint(scale, |line| {
        line.group == "Online" && (line.label == BASIC || line.label == AE)
    })
}

fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    let models = results.runs.models();
    let of = |metric| models.iter().filter_map(move |model| results.runs.summary(model, metric));
    Ok(of(ACCURACY).chain(of(DISPATCH)).collect())
}

fn report(results: &Results) -> Result<Report, CliError> {
    let maps =
        results.runs.models().into_iter().flat_map(|model| routes::dispatch(&results.runs, model));
    let sections = vec![section("Dispatching", maps.collect())];
    compose::report(&FIG_6_5, results, signatures(results), sections)
}

/// Share of each signature among the test pairs.
fn signatures(results: &Results) -> Block {
    let log = results.runs.all().iter().find_map(|run| run.log.as_ref());
    let shares = log.map(shares).unwrap_or_default();
    let bar = |(label, value)| Bar { label, value, error: None, paper: None };
    let bars = Bars {
        title: "Signatures of the test pairs".into(),
        value_label: "share of the test pairs".into(),
        unit: Unit::Percent { digits: 1 },
        groups: vec![BarGroup {
            label: String::new(),
            bars: shares.into_iter().map(bar).collect(),
        }],
    };
    let caption = "Share of each signature among the test pairs.";
    figures::figure("signatures", bars.to_svg(), caption)
}

fn shares(log: &RoutingLog) -> Vec<(String, f64)> {
    let samples: BTreeSet<(u32, u64)> =
        log.rows().iter().filter_map(|row| Some((row.context?, row.sample))).collect();
    let mut counts: BTreeMap<u32, f64> = BTreeMap::new();
    samples.iter().for_each(|(context, _)| *counts.entry(*context).or_default() += 1.0);
    let all = samples.len() as f64;
    let names = &log.header().contexts;
    let label = |context: u32| names.get(context as usize).cloned().unwrap_or_default();
    counts.into_iter().map(|(context, count)| (label(context), count / all)).collect()
}

fn two_clusters(results: &Results) -> Finding {
    let entropies = results.runs.values(&name("Online", BASIC, &JOINT), DISPATCH);
    let agents: Vec<f64> = entropies.iter().map(|entropy| entropy.exp()).collect();
    let ours = format!("{} effective agents", mean_text(&agents, 2));
    Finding::new(ours, verdict::within(&agents, f64::NEG_INFINITY, TWO))
}

fn spreads_more(results: &Results) -> Finding {
    let of = |label, metric| results.runs.by_seed(&name("Online", label, &JOINT), metric);
    let gap = verdict::difference(&of(AE, DISPATCH), &of(BASIC, DISPATCH));
    let scores = [AE, BASIC].map(|label| {
        let percent = of(label, ACCURACY).into_iter().map(|(_, value)| 100.0 * value);
        format!("{label} {} %", mean_text(&percent.collect::<Vec<_>>(), 1))
    });
    let text = gap.map(|gap| format!("{:+.2} ± {:.2} nats", gap.mean, gap.ci95));
    let ours = text.unwrap_or_else(|| "no interval".into()).replace('-', "−");
    compare::both(
        Finding::new(ours, verdict::direction(gap)),
        Finding::new(scores.join(", "), verdict::direction(gap)),
    )
}

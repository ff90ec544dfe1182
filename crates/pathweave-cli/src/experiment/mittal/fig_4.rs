//! M figure 4: performance by number of rules.

use pathweave_data::dataset::rules::RuleFamily;
use pathweave_eval::plot::LogLines;
use pathweave_eval::report::{Block, Report};
use pathweave_eval::table::Summary;

use super::cells::Cells;
use super::frame;
use super::judge::{self, LESS, MORE, comparable, small};
use super::metrics::{OUT_OF_DISTRIBUTION, PERFORMANCE, title};
use super::sweep::{
    FAMILIES, GT_MODULAR, MODELS, MODULAR, MODULAR_OP, MONOLITHIC, Part, SETTING, TARGETS,
    family_name, model_name, sweep, target_name,
};
use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::results::Results;
use crate::experiment::{Experiment, Source};

const BOTH: [&str; 2] = [PERFORMANCE, OUT_OF_DISTRIBUTION];

/// Figure 4.
pub static FIG_4: Experiment = Experiment {
    id: "mittal/fig-4",
    title: "performance by number of rules",
    shows: "Error of classification and loss of regression of the four models against the number \
            of rules, in and out of distribution, for MLP, MHA and RNN. Lower is better.",
    document: "M 6, figure 4",
    notes: &[NOTES, SETTING],
    exclusive: false,
    source: Source::Runs(|scale| sweep(scale, Part::Rules)),
    rows,
    report,
    claims: &[
        ClaimDef {
            text: "there are concrete benefits of a perfectly specializing system (GT-Modular)",
            source: "M 6, figure 4",
            paper: "GT-Modular below Modular, in and out of distribution",
            test: |results| judge::performances(results, (GT_MODULAR, MODULAR), LESS),
        },
        ClaimDef {
            text: "or even models that know what information to drive specialization from \
                   (Modular-op)",
            source: "M 6, figure 4",
            paper: "Modular-op below Modular",
            test: |results| judge::performances(results, (MODULAR_OP, MODULAR), LESS),
        },
        ClaimDef {
            text: "especially with increasing number of rules which is where we see substantial \
                   benefits of good specialization (contrast Modular vs GT-Modular and Modular-op)",
            source: "M 6, figure 4",
            paper: "the gap grows with the rules",
            test: gap_grows,
        },
        ClaimDef {
            text: "such end-to-end Modular systems do generally outperform the Monolithic ones",
            source: "M 6, figure 4",
            paper: "Modular below Monolithic",
            test: |results| judge::performances(results, (MODULAR, MONOLITHIC), LESS),
        },
        ClaimDef {
            text: "it is often only by a small margin",
            source: "M 6, figure 4",
            paper: "small margin",
            test: |results| judge::performances(results, (MODULAR, MONOLITHIC), small()),
        },
        ClaimDef {
            text: "monolithic systems often do comparatively or sometimes better when there are \
                   only a few rules",
            source: "M 7",
            paper: "Monolithic as good as modular systems",
            test: monolithic_with_few_rules,
        },
        ClaimDef {
            text: "specialization in modular systems leads to significant boosts in performance \
                   when there are many underlying rules within a task",
            source: "M 1",
            paper: "GT-Modular below Monolithic",
            test: oracle_with_many_rules,
        },
    ],
};

const NOTES: &str = "\
Lines are means over sizes, tasks and seeds; bars are 95 % intervals over the tasks and \
seeds that all sizes have, each averaged over sizes first. Both axes are logarithmic. \"A few\" rules are the fewest of the sweep, \
\"many\" the most, by architecture. The document names no model that monolithic systems do as well \
as with few rules: GT-Modular, the best of them, is taken.";

fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    let mut rows = Vec::new();
    for metric in BOTH {
        let cells = Cells::of(&results.runs, metric);
        let mut points: Vec<_> = cells
            .settings()
            .into_iter()
            .map(|setting| (setting.family, setting.target, setting.rules))
            .collect();
        points.dedup();
        for point in points {
            let (family, target, rules) = point;
            let one = cells.only(|s| (s.family, s.target, s.rules) == point);
            let place = format!("{} {}, {rules} rules", family_name(family), target_name(target));
            rows.extend(MODELS.iter().filter_map(|&kind| {
                frame::summary(format!("{place}: {}", model_name(kind)), metric, &one, kind)
            }));
        }
    }
    Ok(rows)
}

fn report(results: &Results) -> Result<Report, CliError> {
    let pictures = FAMILIES.iter().filter_map(|&family| picture(results, family)).collect();
    frame::report(&FIG_4, results, pictures)
}

fn picture(results: &Results, family: RuleFamily) -> Option<Block> {
    let mut panels = Vec::new();
    for target in TARGETS {
        for metric in BOTH {
            let cells = Cells::of(&results.runs, metric)
                .only(|setting| setting.family == family && setting.target == target);
            if !cells.settings().is_empty() {
                let heading = format!("{}, {}", title(metric), target_name(target));
                let y_label = if target == TARGETS[0] { "loss" } else { "error" };
                panels.push(frame::panel(&heading, y_label, &cells, &MODELS));
            }
        }
    }
    let name = family_name(family);
    let lines = LogLines { title: format!("{name}: performance by rules"), panels, linear: false };
    let caption = format!(
        "{name}: loss of regression and error of classification by number of rules; means, bars are \
         95 % intervals over tasks and seeds. Lower is better."
    );
    (!lines.panels.is_empty())
        .then(|| frame::figure(&format!("performance {name}"), lines.to_svg(), &caption))
}

/// How the ratios of Modular to the specialized models change as the rules double.
fn gap_grows(results: &Results) -> Finding {
    let cells = Cells::of(&results.runs, PERFORMANCE);
    judge::all([GT_MODULAR, MODULAR_OP].map(|other| {
        let slopes = cells.log_ratios(MODULAR, other).slopes(MODULAR);
        judge::ratio(&format!("Modular to {} per doubling", model_name(other)), &slopes, MORE)
    }))
}

/// The cells of each architecture's fewest or most rules.
fn at_end(results: &Results, most: bool) -> Cells {
    let cells = Cells::of(&results.runs, PERFORMANCE);
    let settings = cells.settings();
    cells.only(|setting| {
        let rules = settings.iter().filter(|s| s.family == setting.family).map(|s| s.rules);
        let end = if most { rules.max() } else { rules.min() };
        end == Some(setting.rules)
    })
}

fn monolithic_with_few_rules(results: &Results) -> Finding {
    let logs = at_end(results, false).log_ratios(MONOLITHIC, GT_MODULAR).values(MONOLITHIC);
    judge::ratio("Monolithic to GT-Modular with the fewest rules", &logs, comparable())
}

fn oracle_with_many_rules(results: &Results) -> Finding {
    let logs = at_end(results, true).log_ratios(GT_MODULAR, MONOLITHIC).values(GT_MODULAR);
    judge::ratio("GT-Modular to Monolithic with the most rules", &logs, LESS)
}

//! M appendices D, E, F: performance by size of the model.

use std::collections::BTreeSet;

use pathweave_data::dataset::rules::RuleFamily;
use pathweave_eval::plot::{Line, LogLines, Panel, Point, Unit};
use pathweave_eval::report::{Block, Report};
use pathweave_eval::stats;
use pathweave_eval::table::Summary;

use super::cells::Cells;
use super::frame;
use super::judge::{self, LESS};
use super::metrics::{OUT_OF_DISTRIBUTION, PERFORMANCE, title};
use super::sweep::{
    FAMILIES, GT_MODULAR, MODELS, MODULAR, Part, SETTING, Setting, TARGETS, family_name,
    model_name, sweep, target_name,
};
use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::results::Results;
use crate::experiment::{Experiment, Source};

const BOTH: [&str; 2] = [PERFORMANCE, OUT_OF_DISTRIBUTION];

/// The appendix on sizes.
pub static SIZES: Experiment = Experiment {
    id: "mittal/sizes",
    title: "performance by size of the model",
    shows: "Error of classification and loss of regression of the four models against the width D, \
            with the width of the encoder, E, that goes with it, in and out of distribution. Lower \
            is better.",
    document: "M appendices D, E, F",
    notes: &[NOTES, SETTING],
    exclusive: false,
    source: Source::Runs(|scale| sweep(scale, Part::Sizes)),
    rows,
    report,
    claims: &[ClaimDef {
        text: "perfect specialization indeed helps in boosting performance both in-distribution \
               and out-of-distribution",
        source: "M 7",
        paper: "GT-Modular below Modular, here at every size",
        test: at_every_size,
    }],
};

const NOTES: &str = "\
The appendices are not part of the document's text at hand, which refers to them for \"experiments \
regarding the effect of model sizes\": the figure here is of our own making, and the claim is one \
of section 7, asked of every width apart. Lines are means over numbers of rules, tasks and seeds; \
bars are 95 % intervals over the tasks and seeds that all of them have, each averaged over the \
numbers of rules first.";

fn sizes(cells: &Cells) -> BTreeSet<(usize, usize)> {
    cells.settings().iter().map(|setting| (setting.width, setting.encoder)).collect()
}

fn size(setting: &Setting) -> (usize, usize) {
    (setting.width, setting.encoder)
}

fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    let mut rows = Vec::new();
    for metric in BOTH {
        let cells = Cells::of(&results.runs, metric);
        for (family, target) in pairs() {
            let of_both = cells.only(|s| s.family == family && s.target == target);
            for (width, encoder) in sizes(&of_both) {
                let one = of_both.only(|setting| size(setting) == (width, encoder));
                let (family, target) = (family_name(family), target_name(target));
                let place = format!("{family} {target}, ({encoder}, {width})");
                rows.extend(MODELS.iter().filter_map(|&kind| {
                    frame::summary(format!("{place}: {}", model_name(kind)), metric, &one, kind)
                }));
            }
        }
    }
    Ok(rows)
}

fn pairs() -> impl Iterator<Item = (RuleFamily, pathweave_data::dataset::rules::RuleTarget)> {
    FAMILIES.into_iter().flat_map(|family| TARGETS.map(|target| (family, target)))
}

fn report(results: &Results) -> Result<Report, CliError> {
    let pictures = FAMILIES.iter().filter_map(|&family| picture(results, family)).collect();
    frame::report(&SIZES, results, pictures)
}

fn picture(results: &Results, family: RuleFamily) -> Option<Block> {
    let mut panels = Vec::new();
    for target in TARGETS {
        for metric in BOTH {
            let cells = Cells::of(&results.runs, metric)
                .only(|setting| setting.family == family && setting.target == target);
            if !cells.settings().is_empty() {
                panels.push(Panel {
                    title: format!("{}, {}", title(metric), target_name(target)),
                    x_label: "width D".into(),
                    y_label: if target == TARGETS[0] { "loss" } else { "error" }.into(),
                    unit: Unit::Number { digits: 3 },
                    lines: lines(&cells),
                });
            }
        }
    }
    let name = family_name(family);
    let plot = LogLines { title: format!("{name}: performance by size"), panels, linear: false };
    let caption = format!(
        "{name}: loss of regression and error of classification by width of the model; means, bars \
         are 95 % intervals over tasks and seeds. Lower is better."
    );
    (!plot.panels.is_empty())
        .then(|| frame::figure(&format!("sizes {name}"), plot.to_svg(), &caption))
}

fn lines(cells: &Cells) -> Vec<Line> {
    let line = |kind| {
        let point = |one: (usize, usize)| {
            let values = cells.only(|setting| size(setting) == one).by_repeat(kind);
            let y = stats::mean(&values)?;
            Some(Point { x: one.0 as f64, y, error: stats::ci95(&values) })
        };
        let points = sizes(cells).into_iter().filter_map(point).collect();
        Line { label: model_name(kind).into(), points }
    };
    MODELS.map(line).into()
}

fn at_every_size(results: &Results) -> Finding {
    let mut findings = Vec::new();
    for metric in BOTH {
        let cells = Cells::of(&results.runs, metric);
        for (width, encoder) in sizes(&cells) {
            let one = cells.only(|setting| size(setting) == (width, encoder));
            let logs = one.log_ratios(GT_MODULAR, MODULAR).values(GT_MODULAR);
            let what = format!(
                "{} of GT-Modular to Modular at ({encoder}, {width})",
                title(metric).to_lowercase()
            );
            findings.push(judge::ratio(&what, &logs, LESS));
        }
    }
    judge::all(findings)
}

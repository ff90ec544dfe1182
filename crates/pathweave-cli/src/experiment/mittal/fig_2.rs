//! M figure 2: activation of modules by rules.

use pathweave_eval::joint::Joint;
use pathweave_eval::plot::{HeatMap, HeatPanel};
use pathweave_eval::report::{Block, Report, Verdict};
use pathweave_eval::table::Summary;

use super::cells::Cells;
use super::sweep::{
    MODULAR, MODULAR_OP, Part, SETTING, Setting, WITH_MODULES, family_name, model_name, sweep,
    target_name,
};
use super::{frame, metrics};
use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::results::Results;
use crate::experiment::runs::Measured;
use crate::experiment::{Experiment, Source};

/// A module with less than this part of its even share never activates.
const NEVER: f64 = 0.05;

/// Figure 2.
pub static FIG_2: Experiment = Experiment {
    id: "mittal/fig-2",
    title: "activation of modules by rules",
    shows: "How much each module (columns) contributes where each rule (rows) made the sample, on \
            the test set, for modules that score themselves (Modular), modules scored by the rule \
            (Modular-op) and modules named by the rule (GT-Modular).",
    document: "M 5, figure 2",
    notes: &[NOTES, SETTING],
    exclusive: false,
    source: Source::Runs(|scale| sweep(scale, Part::Example)),
    rows,
    report,
    claims: &[ClaimDef {
        text: "Module 3 never activates, signifying collapse, while Module 4 covers two rules",
        source: "M 5, figure 2",
        paper: "one such example",
        test: an_example_of_collapse,
    }],
};

const NOTES: &str = "\
The document shows one matrix of four rules and does not name its model: here are those of every \
architecture and number of rules, for regression, the smallest size, and the first task and seed. \
The claim is of existence: it is supported by one trained Modular or Modular-op network in which a \
module gets less than 5 % of its even share while another is the most active of two rules, and \
otherwise open, since others may have one.";

fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    let mut rows = Vec::new();
    for metric in metrics::COLLAPSE {
        let cells = Cells::of(&results.runs, metric);
        for setting in cells.settings() {
            let one = cells.only(|other| *other == setting);
            rows.extend(WITH_MODULES.iter().filter_map(|&kind| {
                frame::summary(format!("{}, {setting}", model_name(kind)), metric, &one, kind)
            }));
        }
    }
    Ok(rows)
}

fn report(results: &Results) -> Result<Report, CliError> {
    let runs = results.runs.all();
    let mut pictures = Vec::new();
    for setting in Cells::of(&results.runs, metrics::COLLAPSE[0]).settings() {
        let of_setting: Vec<&Measured> =
            runs.iter().filter(|run| Setting::of(&run.spec) == Some(setting)).collect();
        pictures.extend(picture(setting, &of_setting));
    }
    frame::report(&FIG_2, results, pictures)
}

/// The matrices of a setting's first task and seed; none where no run left a routing log.
fn picture(setting: Setting, runs: &[&Measured]) -> Option<Block> {
    let panel = |kind| {
        let run = runs.iter().find(|run| run.spec.model.kind == kind)?;
        let shares = activation(run)?;
        let columns = (1..=shares.first()?.len()).map(|module| module.to_string()).collect();
        Some(HeatPanel { label: model_name(kind).into(), columns, shares })
    };
    let panels: Vec<HeatPanel> = WITH_MODULES.into_iter().filter_map(panel).collect();
    if panels.is_empty() {
        return None;
    }
    let Setting { family, target, rules, .. } = setting;
    let (family, target) = (family_name(family), target_name(target));
    let map = HeatMap {
        title: format!("{family}, {target}, {rules} rules"),
        contexts: (1..=rules).map(|rule| format!("rule {rule}")).collect(),
        panels,
    };
    let caption = format!(
        "Activation in percent of each module (columns) on each rule (rows), {family} with {rules} \
         rules, {target}: mean over the test set of one run."
    );
    Some(frame::figure(&format!("activation {setting}"), map.to_svg(), &caption))
}

/// p(module | rule) of a run's routing log; none where it has none, or not all rules.
fn activation(run: &Measured) -> Option<Vec<Vec<f64>>> {
    let rules = run.spec.data.rules()?.rules;
    let joint = Joint::by_depth(run.log.as_ref()?).ok()?.into_iter().flatten().next()?;
    Some(joint.conditional()).filter(|shares| shares.len() == rules)
}

/// Whether a module never activates while another is the most active of two rules.
fn is_collapsed(shares: &[Vec<f64>]) -> bool {
    let modules = shares.first().map_or(0, Vec::len);
    let mean =
        |module: usize| shares.iter().map(|row| row[module]).sum::<f64>() / shares.len() as f64;
    let idle = (0..modules).any(|module| mean(module) < NEVER / modules as f64);
    let most_active = |row: &Vec<f64>| (0..modules).max_by(|&a, &b| row[a].total_cmp(&row[b]));
    let first: Vec<Option<usize>> = shares.iter().map(most_active).collect();
    idle && first.iter().enumerate().any(|(at, module)| first[..at].contains(module))
}

fn an_example_of_collapse(results: &Results) -> Finding {
    let learned = |run: &&Measured| [MODULAR, MODULAR_OP].contains(&run.spec.model.kind);
    let runs = results.runs.all().iter().filter(learned);
    let found: Vec<(&str, bool)> = runs
        .filter_map(|run| Some((run.spec.name.as_str(), is_collapsed(&activation(run)?))))
        .collect();
    let collapsed: Vec<&str> =
        found.iter().filter(|(_, collapsed)| *collapsed).map(|(name, _)| *name).collect();
    let count = format!("{} of {} networks", collapsed.len(), found.len());
    match collapsed.first() {
        Some(name) => Finding::new(format!("{count}, such as {name}"), Verdict::Supported),
        None => Finding::new(count, Verdict::Inconclusive),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collapse_is_an_idle_module_and_one_that_covers_two_rules() {
        let shares = [vec![0.75, 0.25, 0.0], vec![1.0, 0.0, 0.0], vec![0.0, 1.0, 0.0]];
        assert!(is_collapsed(&shares));
        assert!(!is_collapsed(&[vec![0.9, 0.1], vec![0.2, 0.8]]));
        // Nobody is idle where all modules do a little of everything.
        assert!(!is_collapsed(&[vec![0.6, 0.4], vec![0.6, 0.4]]));
    }
}

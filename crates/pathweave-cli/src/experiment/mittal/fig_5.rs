//! M figure 5: collapse and specialization by number of rules.

use pathweave_eval::plot::LogLines;
use pathweave_eval::report::Report;
use pathweave_eval::table::Summary;

use super::cells::Cells;
use super::frame;
use super::judge::{self, MORE, NEARLY_ZERO};
use super::metrics::{ALL, COLLAPSE, SPECIALIZATION, of_random, title};
use super::sweep::{
    GT_MODULAR, MODULAR, MODULAR_OP, Part, SETTING, WITH_MODULES, model_name, sweep,
};
use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::results::Results;
use crate::experiment::{Experiment, Source};

/// Figure 5.
pub static FIG_5: Experiment = Experiment {
    id: "mittal/fig-5",
    title: "collapse and specialization by number of rules",
    shows: "The two collapse and three specialization metrics of Modular, Modular-op and \
            GT-Modular and of a uniform activation (Random) against the number of rules, averaged \
            over architectures, training settings, sizes, tasks and seeds. Lower is better.",
    document: "M 6, figure 5",
    notes: &[NOTES, SETTING],
    exclusive: false,
    source: Source::Runs(|scale| sweep(scale, Part::Rules)),
    rows,
    report,
    claims: &[
        ClaimDef {
            text: "a Random activation baseline and the GT-Modular system do not have any collapse",
            source: "M 6, figure 5",
            paper: "no collapse",
            test: |results| judge::levels(results, &COLLAPSE, GT_MODULAR, NEARLY_ZERO),
        },
        ClaimDef {
            text: "both Modular and Modular-op suffer from the problems of collapse …",
            source: "M 6, figure 5",
            paper: "collapse above GT-Modular's",
            test: |results| more_than_oracle(results, &COLLAPSE),
        },
        ClaimDef {
            text: "… and this problem becomes worse with increasing number of rules",
            source: "M 6, figure 5",
            paper: "collapse rises with rules",
            test: |results| rises(results, &COLLAPSE),
        },
        ClaimDef {
            text: "the GT-Modular system has very good specialization",
            source: "M 6, figure 5",
            paper: "low metrics",
            test: |results| judge::levels(results, &SPECIALIZATION, GT_MODULAR, NEARLY_ZERO),
        },
        ClaimDef {
            text: "end-to-end trained Modular systems as well as Modular-op suffer from \
                   sub-optimal specialization",
            source: "M 6, figure 5",
            paper: "metrics above GT-Modular's",
            test: |results| more_than_oracle(results, &SPECIALIZATION),
        },
        ClaimDef {
            text: "it becomes harder to reach optimal specialization with increasing number of \
                   rules",
            source: "M 6, figure 5",
            paper: "metrics rise with rules",
            test: |results| rises(results, &SPECIALIZATION),
        },
    ],
};

const NOTES: &str = "\
Random is the uniform activation of all modules: its metrics follow from the number of rules alone \
and are drawn without a run. It has no collapse by definition, so the claim about it is judged by \
GT-Modular; \"no collapse\" and \"very good\" are below 0.1, since the rules of a finite test set \
are not equally frequent. Lines are means; bars are 95 % \
intervals over the tasks and seeds that all settings have, each averaged over the other settings \
first.";

fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    let mut rows = Vec::new();
    for metric in ALL {
        let cells = Cells::of(&results.runs, metric);
        for rules in cells.rules() {
            let one = cells.only(|setting| setting.rules == rules);
            let random = Summary::new(
                format!("Random, {rules} rules"),
                metric,
                vec![of_random(metric, rules)],
            );
            rows.push(random);
            rows.extend(WITH_MODULES.iter().filter_map(|&kind| {
                frame::summary(format!("{}, {rules} rules", model_name(kind)), metric, &one, kind)
            }));
        }
    }
    Ok(rows)
}

fn report(results: &Results) -> Result<Report, CliError> {
    let panel = |metric: &str| {
        let cells = Cells::of(&results.runs, metric);
        let mut panel = frame::panel(title(metric), "metric", &cells, &WITH_MODULES);
        panel.lines.insert(0, frame::random_line(&cells, metric));
        panel
    };
    let panels = ALL.map(panel).into();
    let lines = LogLines { title: "Metrics by number of rules".into(), panels, linear: true };
    let caption = "Collapse and specialization by number of rules: means over all other settings; \
                   bars are 95 % intervals over tasks and seeds. Lower is better.";
    frame::report(&FIG_5, results, vec![frame::figure("metrics", lines.to_svg(), caption)])
}

fn more_than_oracle(results: &Results, metrics: &[&str]) -> Finding {
    let of = |kind| judge::differences(results, metrics, (kind, GT_MODULAR), MORE);
    judge::all([MODULAR, MODULAR_OP].map(of))
}

fn rises(results: &Results, metrics: &[&str]) -> Finding {
    judge::all([MODULAR, MODULAR_OP].map(|kind| judge::trends(results, metrics, kind, MORE)))
}

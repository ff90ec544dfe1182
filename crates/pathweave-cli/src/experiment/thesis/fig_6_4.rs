//! T figure 6.4: dispatching architectures over training.

use pathweave::spec::RunSpec;
use pathweave_eval::plot::{CurvePlot, Line, Panel, Unit};
use pathweave_eval::report::{Block, Report};
use pathweave_eval::stats;
use pathweave_eval::table::Summary;

use super::pair_tables::{DISPATCH, JOINT, name};
use super::{language, table_6_1};
use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::compose;
use crate::experiment::results::Results;
use crate::experiment::runs::{ACCURACY, Runs};
use crate::experiment::scale::Scale;
use crate::experiment::{Experiment, Source, compare, figures, verdict};

/// The metric of validation pairs.
const VALIDATION: &str = "validation_accuracy";

/// Figure 6.4.
pub static FIG_6_4: Experiment = Experiment {
    id: "thesis/fig-6.4",
    title: "dispatching architectures over training",
    shows: "Accuracy on the validation pairs of joint implicatives, and on the test pairs, over \
            training, for the signatures, for clusters found before training \
            and for dispatchers that learn.",
    document: "T 6.3.3, figure 6.4",
    notes: &[NOTES, language::GENERATED, language::SETTING],
    exclusive: false,
    source: Source::Runs(sweep),
    rows,
    report,
    claims: &[ClaimDef {
        text: "The best-performing dispatching strategies are the autoencoding with attention and, \
               surprisingly, basic dispatching",
        source: "T 6.3.3",
        paper: "above the other autoencoders in the figure's validation accuracy",
        test: best_on_validation,
    }],
};

const NOTES: &str = "\
The runs are those of table 6.1 on the joint variant. The text gives no numbers of the figure.";

fn sweep(scale: Scale) -> Vec<RunSpec> {
    table_6_1::on_joint(scale, |line| matches!(line.group, "Offline" | "Online"))
}

fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    let models = results.runs.models();
    let of = |metric| models.iter().filter_map(move |model| results.runs.summary(model, metric));
    Ok(of(VALIDATION).chain(of(ACCURACY)).chain(of(DISPATCH)).collect())
}

fn report(results: &Results) -> Result<Report, CliError> {
    compose::report(&FIG_6_4, results, picture(results), Vec::new())
}

fn picture(results: &Results) -> Block {
    let panel = |title: &str, tag: &str, unit| Panel {
        title: title.into(),
        x_label: "epoch".into(),
        y_label: title.to_lowercase(),
        unit,
        lines: lines(&results.runs, tag),
    };
    let percent = Unit::Percent { digits: 1 };
    let plot = CurvePlot {
        title: "Dispatching over training".into(),
        panels: vec![
            panel("Validation accuracy", "validation/accuracy", percent),
            panel("Test accuracy", "test/accuracy", percent),
        ],
    };
    let caption = "Accuracy on the validation and the test split over training: mean over seeds; \
                   bands are 95 % intervals.";
    figures::figure("curves", plot.to_svg(), caption)
}

fn lines(runs: &Runs, tag: &str) -> Vec<Line> {
    let line = |model: &str| {
        let points = runs.of(model).map(|run| {
            run.curves.points(tag).map(|point| (point.epoch, point.value)).collect::<Vec<_>>()
        });
        Line::over_seeds(model, &points.collect::<Vec<_>>(), stats::ci95)
    };
    runs.models().into_iter().map(line).filter(|line| !line.points.is_empty()).collect()
}

fn best_on_validation(results: &Results) -> Finding {
    let of = |label| {
        let values = results.runs.by_seed(&name("Online", label, &JOINT), VALIDATION);
        values.into_iter().map(|(seed, value)| (seed, 100.0 * value)).collect::<Vec<_>>()
    };
    let found = ["Basic", "AE Attn"].into_iter().flat_map(|best| {
        ["AE", "AE OH", "AE Seq"].map(|other| {
            let gap = verdict::difference(&of(best), &of(other));
            let ours = format!("{best} over {other} {}", compare::points(gap));
            Finding::new(ours, verdict::direction(gap))
        })
    });
    found.reduce(compare::both).unwrap_or_else(Finding::missing)
}

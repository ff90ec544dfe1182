//! T 5.3.2.3: interference between "take vow" and "take chance".

use pathweave::spec::RunSpec;
use pathweave_data::DatasetSpec;
use pathweave_eval::plot::{CurvePlot, Line, Panel, Unit};
use pathweave_eval::report::{Block, Report};
use pathweave_eval::stats;
use pathweave_eval::table::Summary;

use super::language::{self, Corpus, LSTM, UNROUTED, WORDS};
use crate::error::CliError;
use crate::experiment::ablation::{self, Overrides};
use crate::experiment::claim::{ClaimDef, Finding, mean_text};
use crate::experiment::compose;
use crate::experiment::results::Results;
use crate::experiment::runs::{ACCURACY, Measured, Runs};
use crate::experiment::scale::{Scale, over_seeds};
use crate::experiment::{Experiment, Source, compare, figures, verdict};

/// The sequence model.
const SEQUENCE: &str = "RNN unrouted";
/// Routed words.
const ROUTED: &str = "CBOW routed words";

const MODELS: &[(&str, Overrides)] =
    &[(SEQUENCE, LSTM), ("CBOW unrouted", UNROUTED), (ROUTED, WORDS)];

/// Constructions whose accuracy is drawn.
const GROUPS: [&str; 3] = ["take vow", "make vow", "take chance"];
/// The one that suffers.
const VOW: &str = GROUPS[0];

/// Test pairs at small scale: each construction has few of them.
const TEST: usize = 4000;

/// T 5.3.2.3.
pub static TAKE_VOW: Experiment = Experiment {
    id: "thesis/take-vow",
    title: "interference between take vow and take chance",
    shows: "Accuracy on the test pairs with \"take vow\", \"make vow\" and \"take chance\" over \
            training, of the sequence model, of bags of words and of routed words.",
    document: "T 5.3.2.3",
    notes: &[NOTES, language::GENERATED, language::SETTING],
    exclusive: false,
    source: Source::Runs(sweep),
    rows,
    report,
    claims: &[
        ClaimDef {
            text: "baseline sequence models learned to classify take vow early in the training … \
                   performance decreases over time as take is lexicalized",
            source: "T 5.3.2.3",
            paper: "a decrease; no number",
            test: |results| {
                let zero =
                    |drops: &[(u64, f64)]| drops.iter().map(|&(seed, _)| (seed, 0.0)).collect();
                let drops = drops(results, SEQUENCE);
                judged(&drops, zero(&drops))
            },
        },
        ClaimDef {
            text: "given that routing networks are able to route them differently …, interference is \
                   less likely",
            source: "T 5.3.2.3",
            paper: "a smaller decrease; no number",
            test: |results| judged(&drops(results, SEQUENCE), drops(results, ROUTED)),
        },
    ],
};

const NOTES: &str = "\
The thesis describes one observation and no measure. Here the decrease on \"take vow\" is its mean \
accuracy over the first half of the epochs after the first tenth, less that over the last tenth, in \
points by run; the second claim compares that of the sequence model with that of routed words. All \
three constructions are trained on (joint).";

fn sweep(scale: Scale) -> Vec<RunSpec> {
    let (mut base, size) = (language::base(scale, Corpus::Implicatives), language::size(scale));
    base.train.record_groups = true;
    if let (DatasetSpec::Implicatives(data), Scale::Small) = (&mut base.data, scale) {
        data.test = TEST;
    }
    let spec = |(name, set): &(&str, Overrides)| ablation::with(&base, set, name);
    MODELS.iter().map(spec).flat_map(|spec| over_seeds(spec, size.seeds)).collect()
}

fn tag(group: &str) -> String {
    format!("test/group/{group}/accuracy")
}

fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    let runs = &results.runs;
    let accuracies = runs.models().into_iter().filter_map(|model| runs.summary(model, ACCURACY));
    let groups = runs.models().into_iter().flat_map(|model| {
        GROUPS.into_iter().filter_map(move |group| {
            let last = |run: &Measured| run.curves.series(&tag(group)).last().map(|at| at.1);
            let values: Vec<f64> = runs.of(model).filter_map(last).collect();
            let key = format!("{model}: {group}");
            (!values.is_empty()).then(|| Summary::new(key, ACCURACY, values))
        })
    });
    Ok(accuracies.chain(groups).collect())
}

fn report(results: &Results) -> Result<Report, CliError> {
    compose::report(&TAKE_VOW, results, picture(results), Vec::new())
}

fn picture(results: &Results) -> Block {
    let panel = |group: &str| Panel {
        title: group.into(),
        x_label: "epoch".into(),
        y_label: "test accuracy".into(),
        unit: Unit::Percent { digits: 0 },
        lines: lines(&results.runs, &tag(group)),
    };
    let plot =
        CurvePlot { title: "Accuracy by construction".into(), panels: GROUPS.map(panel).into() };
    let caption = "Accuracy on the test pairs of a construction over training: mean over seeds; \
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

/// By how many points accuracy on "take vow" fell, by seed.
fn drops(results: &Results, model: &str) -> Vec<(u64, f64)> {
    let of = |run: &Measured| {
        let values: Vec<f64> =
            run.curves.series(&tag(VOW)).iter().map(|(_, value)| 100.0 * value).collect();
        Some((run.spec.train.seed, fall(&values)?))
    };
    results.runs.of(model).filter_map(of).collect()
}

/// The mean from a tenth to half of the values, less that of the last tenth.
fn fall(values: &[f64]) -> Option<f64> {
    let (tenth, half) = (values.len().div_ceil(10), values.len() / 2);
    let early = stats::mean(values.get(tenth..half)?)?;
    Some(early - stats::mean(&values[values.len() - tenth..])?)
}

fn judged(first: &[(u64, f64)], second: Vec<(u64, f64)>) -> Finding {
    if first.is_empty() || second.is_empty() {
        return Finding::missing();
    }
    let gap = verdict::difference(first, &second);
    let text = |drops: &[(u64, f64)]| {
        mean_text(&drops.iter().map(|(_, drop)| *drop).collect::<Vec<_>>(), 1)
    };
    let ours = format!(
        "falls by {} points, against {}: {}",
        text(first),
        text(&second),
        compare::points(gap)
    );
    Finding::new(ours.replace('-', "−"), verdict::direction(gap))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_compares_the_first_half_with_the_end() {
        let values = [0.0, 80.0, 80.0, 80.0, 80.0, 70.0, 60.0, 50.0, 50.0, 40.0];
        assert_eq!(fall(&values), Some(40.0));
        assert_eq!(fall(&[1.0]), None);
        assert_eq!(fall(&[]), None);
    }
}

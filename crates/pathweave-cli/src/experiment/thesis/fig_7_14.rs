//! T figure 7.14: overfitting of a routed sequence model.

use pathweave::spec::RunSpec;
use pathweave_data::DatasetSpec;
use pathweave_eval::plot::{CurvePlot, Panel, Unit};
use pathweave_eval::report::{Block, Report};

use super::chapter_7_sci::{
    self, AGENTS, DISPATCHED, DISPATCHED_RATE, DISPATCHER, SEQUENCE, SETTING,
};
use super::language;
use crate::error::CliError;
use crate::experiment::ablation::{self, Part, Variant};
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::compare::{above_by, fits};
use crate::experiment::compose::{self, section};
use crate::experiment::results::Results;
use crate::experiment::scale::Scale;
use crate::experiment::{Experiment, Source, compare, figures, routes, verdict};

/// A long short-term memory in the place of the bag of words.
const LSTM: &str = "model.text.encoder=lstm";

const BASIC: &str = "sequence model";
const CLASSIFIER: &str = "sequence model, dispatched classifier";
const WORDS: &str = "routed words";

const PART: Part = Part {
    tag: "",
    what: "",
    set: &["router.algorithm=q_learning"],
    variants: &[
        Variant {
            label: BASIC,
            set: &["model.kind=unrouted", LSTM, "model.text.routed=classifier"],
        },
        Variant {
            label: CLASSIFIER,
            set: &[
                LSTM,
                "model.text.routed=classifier",
                "model.banks=shared",
                DISPATCHED,
                DISPATCHER,
                AGENTS,
                SEQUENCE,
                DISPATCHED_RATE,
            ],
        },
        Variant { label: WORDS, set: &[] },
    ],
};

/// What counts as perfect accuracy on training samples, in percent.
const PERFECT: f64 = 99.5;
/// How far the dispatched classifier stays below the sequence model, in points.
const BELOW_BASIC: f64 = 10.0;
/// How far it stays below the routed words at least, in points.
const BELOW_ROUTED: f64 = 20.0;

/// Figure 7.14.
pub static FIG_7_14: Experiment = Experiment {
    id: "thesis/fig-7.14",
    title: "overfitting of a routed sequence model",
    shows: "Test accuracy, training accuracy and selection entropy over training on implicatives \
            of a sequence model without routing, of the same with a dispatched routed classifier, \
            and of routed words.",
    document: "T 7.5.3, figure 7.14",
    notes: &[NOTES, SETTING, language::GENERATED, compare::RULES],
    exclusive: false,
    source: Source::Runs(sweep),
    rows: ablation::rows,
    report,
    claims: &[
        ClaimDef {
            text: "both a basic, non-routed network and the routed network easily reach perfect \
                   train accuracy",
            source: "T 7.5.3",
            paper: "above 99.5 %",
            test: |results| fits(results, &[BASIC, CLASSIFIER].map(str::to_owned), PERFECT),
        },
        ClaimDef {
            text: "the routing architecture [reaches] accuracy around 10% lower than the basic \
                   model",
            source: "T 7.5.3",
            paper: "−10 %",
            test: |results| {
                let gap = compare::gap(results, &[BASIC.into()], &[CLASSIFIER.into()]);
                let ours = format!("{} of the basic over it", compare::points(gap));
                Finding::new(ours, verdict::size(gap, BELOW_BASIC))
            },
        },
        ClaimDef {
            text: "and over 20% lower than the routed model",
            source: "T 7.5.3",
            paper: "more than −20 %",
            test: |results| above_by(results, &[WORDS.into()], &[CLASSIFIER.into()], BELOW_ROUTED),
        },
    ],
};

const NOTES: &str = "\
\"An sequence-to-sequence architecture for language inference with a dispatched routed classifier\" \
is taken to be a long short-term memory as encoder and a dispatcher that reads word after word \
(T 6.2.7). \"The routed model\" is taken to be routed words with a table for each signature. Neither \
sequence model is told the signature: the dispatched one would have no use for its dispatcher. At small scale there are 1000 training pairs, 80 epochs of \
batches of 64 and a learning rate of 0.003, so that sequence models can learn them by heart in so \
short a time: on 4000 pairs at 0.001 neither passed 70 % of them in 40 epochs.";

/// At small scale the pairs are few enough to be learned by heart.
fn sweep(scale: Scale) -> Vec<RunSpec> {
    let mut base = chapter_7_sci::base(scale);
    if scale == Scale::Small {
        (base.train.epochs, base.train.batch, base.train.learning_rate) = (80, 64, 0.003);
        if let DatasetSpec::Implicatives(data) = &mut base.data {
            data.train = 1000;
        }
    }
    ablation::sweep(&base, language::size(scale).seeds, &[PART])
}

fn report(results: &Results) -> Result<Report, CliError> {
    let panel = |heading: &str, tag: &str, unit| Panel {
        title: heading.into(),
        x_label: "epoch".into(),
        y_label: heading.to_lowercase(),
        unit,
        lines: ablation::lines(&results.runs, &PART, tag),
    };
    let percent = Unit::Percent { digits: 1 };
    let plot = CurvePlot {
        title: results.accuracy_title(),
        panels: vec![
            panel("Test accuracy", "test/accuracy", percent),
            panel("Training accuracy", "train/accuracy", percent),
            panel("Selection entropy", "routing/selection_entropy", Unit::Number { digits: 2 }),
        ],
    };
    let caption = "Accuracy on the test split and on the training samples of each epoch, and \
                   selection entropy (nats) on the test split, over training: mean over seeds; \
                   bands are 95 % intervals.";
    let picture = figures::figure("curves", plot.to_svg(), caption);
    let policies: Vec<Block> = vec![routes::dynamics(&results.runs, &[CLASSIFIER, WORDS])];
    compose::report(&FIG_7_14, results, picture, vec![section("Policies", policies)])
}

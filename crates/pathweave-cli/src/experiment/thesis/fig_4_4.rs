//! T figure 4.4: how a routed regression of one dimension overfits.

use std::collections::BTreeSet;

use burn::tensor::Device;
use pathweave::explore::Exploration;
use pathweave::policy::PolicyKind;
use pathweave::toy::ToyError;
use pathweave::toy::lines::{LinesOutcome, LinesToy, LinesToySpec};
use pathweave_data::Split;
use pathweave_data::dataset::LinesSpec;
use pathweave_data::dataset::lines::{Line, LinePoints};
use pathweave_eval::plot::{Cloud, Scatter, ScatterPanel};
use pathweave_eval::report::{Block, Report};
use pathweave_eval::table::Summary;

use crate::error::CliError;
use crate::experiment::claim::ClaimDef;
use crate::experiment::computed::{self, Computed, Setting};
use crate::experiment::figures::figure;
use crate::experiment::results::Results;
use crate::experiment::scale::Scale;
use crate::experiment::toys::{self, above, all, differs};
use crate::experiment::{Experiment, Source};

const LINEAR: &str = "one linear model";
const DEPTH_1: &str = "routed, depth 1";
const DEPTH_2: &str = "routed, depth 2";
const DEPTH_3: &str = "routed, depth 3";
const NARROW: &str = "routed, depth 3, narrow router";
const BLIND: &str = "routed, depth 3, not told x";
const MODELS: [&str; 6] = [LINEAR, DEPTH_1, DEPTH_2, DEPTH_3, NARROW, BLIND];

const TRAIN: &str = "train_error";
const TEST: &str = "test_error";
const GAP: &str = "generalization_gap";
const PATHS: &str = "paths_taken";

const NOTES: &str = "The figure is a drawing; the thesis gives the values of its three modules after \
training and no other numbers. Here y = x with normal noise of 0.4 at 16 training points in [−1, 1] is \
fitted by three modules y = a·x that begin near 1.5, 0.5 and 0.9, at most three in a row, ⊥ ending a \
row. The router is a perceptron of 64 hidden units (4 where it is narrow) that sees x, then what the \
modules made of it, and the depth; it is trained by Q-learning on the negative squared error, ε \
falling from 0.3 to 0 over seven tenths of the steps. A router that is not told x is a table over \
depths: the extreme of routing by discrete meta-data. The gap is test less training error, which for \
one linear model is that of its one number. Errors are mean squares; 0.16 of them is noise.";

/// Figure 4.4.
pub static FIG_4_4: Experiment = Experiment {
    id: "thesis/fig-4.4",
    title: "how a routed model may overfit",
    shows: "A noisy linear process, fitted by one linear model and by a router that combines three \
            linear modules: the more modules it may put in a row, the more local its fit.",
    document: "T 4.4, figure 4.4",
    notes: &[NOTES],
    exclusive: false,
    source: Source::Computed(compute),
    rows: computed::rows,
    report,
    claims: &[
        ClaimDef {
            text: "a linear model gives good (and desired) approximations [and] does not overfit \
                   to the noise",
            source: "T 4.4",
            paper: "drawn in plot (b)",
            test: |results| above(results, GAP, DEPTH_3, LINEAR),
        },
        ClaimDef {
            text: "it may choose a different path for different subsets of the training data, \
                   resulting in different (local) approximations",
            source: "T 4.4",
            paper: "drawn in plot (c)",
            test: |results| {
                let fits = above(results, TRAIN, LINEAR, DEPTH_3);
                all(vec![fits, above(results, PATHS, DEPTH_3, LINEAR)])
            },
        },
        ClaimDef {
            text: "models of conditional computation can overfit more than their \"base\"-models",
            source: "T 4.4",
            paper: "observed by others",
            test: |results| above(results, TEST, DEPTH_3, LINEAR),
        },
        ClaimDef {
            text: "Because the space of routes or paths grows exponentially with routing depth, \
                   deep routing networks can potentially learn highly local approximations",
            source: "T 4.4",
            paper: "stated",
            test: |results| {
                let paths = above(results, PATHS, DEPTH_3, DEPTH_1);
                all(vec![paths, above(results, GAP, DEPTH_3, DEPTH_1)])
            },
        },
        ClaimDef {
            text: "A very successful solution [...] is the 'routing-by-meta-information' \
                   architecture",
            source: "T 4.4",
            paper: "stated",
            test: |results| above(results, TEST, DEPTH_3, BLIND),
        },
        ClaimDef {
            text: "[A 'smart' or a 'dumb' router] will probably have an effect on overfitting",
            source: "T 4.4",
            paper: "speculated",
            test: |results| differs(results, GAP, DEPTH_3, NARROW),
        },
    ],
};

fn report(results: &Results) -> Result<Report, CliError> {
    toys::report(&FIG_4_4, results)
}

/// (repetitions, steps)
fn size(scale: Scale) -> (u64, u64) {
    match scale {
        Scale::Smoke => (2, 60),
        Scale::Small => (16, 4000),
        Scale::Paper => (50, 20_000),
    }
}

fn spec(model: &str, seed: u64, steps: u64) -> LinesToySpec {
    let slopes = if model == LINEAR { &[1.5][..] } else { &[1.5, 0.5, 0.9] };
    let start = slopes.iter().map(|&slope| Line { slope, intercept: 0.0 });
    let mut spec = LinesToySpec {
        start: start.collect(),
        jitter: 0.3,
        intercepts: false,
        depths: match model {
            LINEAR | DEPTH_1 => 1,
            DEPTH_2 => 2,
            _ => 3,
        },
        terminate: model != LINEAR,
        hidden: if model == NARROW { 4 } else { 64 },
        exploration: Exploration::Linear { start: 0.3, end: 0.0, epochs: (steps * 7 / 10) as u32 },
        steps,
        ..LinesToySpec::default()
    };
    spec.train.seed = seed;
    // The slopes of modules in a row multiply each other's gradients.
    spec.train.learning_rate = 0.05;
    if model == BLIND {
        spec.policy = PolicyKind::Tabular;
        spec.train.router_learning_rate = 0.1;
    }
    spec
}

/// A repetition of one model.
struct Fitted {
    train: LinesOutcome,
    test: LinesOutcome,
    /// What it gives over the whole range, from left to right
    curve: LinesOutcome,
}

/// A metric's name and value.
type Metric = (&'static str, fn(&Fitted) -> f64);

fn compute(setting: &Setting) -> Result<Computed, CliError> {
    let (repetitions, steps) = size(setting.scale);
    let seeds = || (0..repetitions).map(|index| setting.seed * 1000 + index);
    let items: Vec<(&str, u64)> =
        MODELS.iter().flat_map(|model| seeds().map(move |seed| (*model, seed))).collect();
    let fitted = toys::each(setting, FIG_4_4.id, &items, |&(model, seed)| fit(model, seed, steps))?;
    let mut rows = Vec::new();
    let metrics: [Metric; 4] = [
        (TRAIN, |fitted| fitted.train.error),
        (TEST, |fitted| fitted.test.error),
        (GAP, |fitted| fitted.test.error - fitted.train.error),
        (PATHS, |fitted| fitted.train.paths.iter().collect::<BTreeSet<_>>().len() as f64),
    ];
    for (model, fitted) in MODELS.iter().zip(fitted.chunks(repetitions as usize)) {
        for (metric, of) in metrics {
            rows.push(Summary::new(*model, metric, fitted.iter().map(of).collect()));
        }
    }
    let first = |model: &str| {
        let at = items.iter().position(|(name, _)| *name == model).unwrap_or(0);
        &fitted[at]
    };
    let points = data(setting.seed * 1000).draw(Split::Train);
    let figures = vec![picture(&points, first(LINEAR), first(DEPTH_3))];
    let settings = [
        ("repetitions", repetitions.to_string()),
        ("steps", steps.to_string()),
        ("training points", points.len().to_string()),
        ("seeds", format!("{} and following", setting.seed * 1000)),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value)).to_vec();
    Ok(Computed { rows, figures, settings })
}

fn data(seed: u64) -> LinesSpec {
    let lines = vec![Line { slope: 1.0, intercept: 0.0 }];
    LinesSpec { seed, lines, points: 16, test_points: 500, noise: 0.4, gap: 0.0 }
}

fn fit(model: &str, seed: u64, steps: u64) -> Result<Fitted, ToyError> {
    let data = data(seed);
    let points = data.draw(Split::Train);
    let mut toy = LinesToy::new(spec(model, seed, steps), 1, &Device::flex())?;
    toy.train(&points)?;
    Ok(Fitted {
        train: toy.outcome(&points),
        test: toy.outcome(&data.draw(Split::Test)),
        curve: toy.outcome(&range()),
    })
}

/// Places from left to right.
fn range() -> LinePoints {
    let x: Vec<f32> = (0..=400).map(|step| step as f32 / 200.0 - 1.0).collect();
    LinePoints { y: vec![0.0; x.len()], line: vec![0; x.len()], x }
}

/// The three plots of the figure, from the first repetition.
fn picture(points: &LinePoints, linear: &Fitted, routed: &Fitted) -> Block {
    let place = |(&x, &y): (&f32, &f32)| (f64::from(x), f64::from(y));
    let data = Cloud {
        label: "training points".into(),
        points: points.x.iter().zip(&points.y).map(place).collect(),
        line: Vec::new(),
    };
    let fit = |label: &str, fitted: &Fitted| Cloud {
        label: label.into(),
        points: Vec::new(),
        line: curve(&fitted.curve),
    };
    let panels = [
        ("(a) a noisy linear process", vec![data.clone()]),
        ("(b) a linear approximation", vec![data.clone(), fit("linear model", linear)]),
        ("(c) a routed approximation", vec![data, fit("routed model", routed)]),
    ];
    let panel = |(title, clouds): (&str, Vec<Cloud>)| ScatterPanel { title: title.into(), clouds };
    let plot = Scatter {
        title: "What is learned from the same points".into(),
        x_label: "x".into(),
        y_label: "y".into(),
        panels: panels.into_iter().map(panel).collect(),
    };
    let caption = "Training points of the first repetition, and what one linear model and the \
                   router of depth 3 give. The routed line breaks where the path changes.";
    figure("fits", plot.to_svg(), caption)
}

/// Heights over the range, broken where the path changes.
fn curve(outcome: &LinesOutcome) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> = Vec::new();
    let places = range().x;
    for (index, (&x, &y)) in places.iter().zip(&outcome.y).enumerate() {
        if index > 0 && outcome.paths[index] != outcome.paths[index - 1] {
            corners.push((f64::NAN, f64::NAN));
        }
        corners.push((f64::from(x), f64::from(y)));
    }
    corners
}

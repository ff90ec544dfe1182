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

use crate::error::CliError;
use crate::experiment::claim::ClaimDef;
use crate::experiment::computed::{self, Computed, Setting};
use crate::experiment::figures::figure;
use crate::experiment::results::Results;
use crate::experiment::scale::Scale;
use crate::experiment::toys::{self, Repetitions, above, all, differs};
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
const BEST: &str = "best_train_error";

const NOTES: &str = "The figure is a drawing; the thesis gives the values of its three modules after \
training and no other numbers. Here y = x with normal noise of 0.4 at 16 training points in [−1, 1] is \
fitted by three modules y = a·x that begin near 1.5, 0.5 and 0.9, at most three in a row, ⊥ ending a \
row. The router is a perceptron of 64 hidden units (4 where it is narrow) that sees x, then what the \
modules made of it, and the depth; it is trained by Q-learning on the negative squared error, ε \
falling from 0.3 to 0 over seven tenths of the steps. A router that is not told x is a table over \
depths: the extreme of routing by discrete meta-data. The gap is test less training error, which for \
one linear model is that of its one number. Errors are mean squares; 0.16 of \
them is noise. The best training error is that of the trained modules where each point takes the \
best of all paths, found by enumeration: what a router could reach. \
Points, width and rates were chosen among four settings that were looked at, as one in which routing \
overfits visibly: 16 points overfit more than 24.";

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
            test: |results| above(results, BEST, DEPTH_1, DEPTH_3),
        },
        ClaimDef {
            text: "deep routing networks [...] learn highly local approximations (here: the \
                   trained router takes more paths, and overfits more, than at depth 1)",
            source: "T 4.4",
            paper: "stated as a possibility",
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
    /// Training error where each point takes the best of all paths
    best: f64,
    /// What it gives over the whole range, from left to right
    curve: LinesOutcome,
}

fn compute(setting: &Setting) -> Result<Computed, CliError> {
    let (repetitions, steps) = size(setting.scale);
    let fitted = Repetitions::of(setting, FIG_4_4.id, &MODELS, repetitions, |model, seed| {
        fit(model, seed, steps)
    })?;
    let rows = fitted.rows(&[
        (TRAIN, |fitted| fitted.train.error),
        (BEST, |fitted| fitted.best),
        (TEST, |fitted| fitted.test.error),
        (GAP, |fitted| fitted.test.error - fitted.train.error),
        (PATHS, |fitted| fitted.train.paths.iter().collect::<BTreeSet<_>>().len() as f64),
    ]);
    let points = data(toys::seed(setting, 0)).draw(Split::Train);
    let figures = vec![picture(&points, fitted.first(LINEAR), fitted.first(DEPTH_3))];
    let settings = toys::settings(setting, (repetitions, steps), points.len());
    Ok(Computed { rows, figures, settings })
}

fn data(seed: u64) -> LinesSpec {
    let lines = vec![Line { slope: 1.0, intercept: 0.0 }];
    LinesSpec { seed, lines, points: 16, test_points: 500, noise: 0.4, gap: 0.0 }
}

fn fit(model: &str, seed: u64, steps: u64) -> Result<Fitted, ToyError> {
    let data = data(seed);
    let points = data.draw(Split::Train);
    let spec = spec(model, seed, steps);
    let (depths, terminate) = (spec.depths, spec.terminate);
    let mut toy = LinesToy::new(spec, 1, &Device::flex())?;
    toy.train(&points)?;
    Ok(Fitted {
        best: best(&points, &slopes(&toy.lines(), depths, terminate)),
        train: toy.outcome(&points),
        test: toy.outcome(&data.draw(Split::Test)),
        curve: toy.outcome(&range()),
    })
}

/// The slope of every path: that of its modules multiplied.
fn slopes(modules: &[Line], depths: usize, terminate: bool) -> Vec<f32> {
    let (mut all, mut longest) = (if terminate { vec![1.0] } else { Vec::new() }, vec![1.0]);
    for depth in 1..=depths {
        let longer =
            |slope: &f32| modules.iter().map(|line| line.slope * slope).collect::<Vec<_>>();
        longest = longest.iter().flat_map(longer).collect();
        if terminate || depth == depths {
            all.extend(&longest);
        }
    }
    all
}

/// Mean squared error where each point takes the slope that fits it best.
fn best(points: &LinePoints, slopes: &[f32]) -> f64 {
    let square = |x: f32, y: f32, slope: &f32| f64::from(slope * x - y).powi(2);
    let least = |(&x, &y): (&f32, &f32)| {
        slopes.iter().map(|slope| square(x, y, slope)).fold(f64::INFINITY, f64::min)
    };
    points.x.iter().zip(&points.y).map(least).sum::<f64>() / points.len() as f64
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_its_slope() {
        let modules = [2.0, 3.0].map(|slope| Line { slope, intercept: 0.0 });
        assert_eq!(slopes(&modules, 2, true), [1.0, 2.0, 3.0, 4.0, 6.0, 6.0, 9.0]);
        assert_eq!(slopes(&modules, 2, false), [4.0, 6.0, 6.0, 9.0]);
        let points = LinePoints { x: vec![1.0, -1.0], y: vec![2.5, -9.0], line: vec![0, 0] };
        assert_eq!(best(&points, &slopes(&modules, 2, true)), 0.125);
    }

    #[test]
    fn a_curve_breaks_where_its_path_changes() {
        let count = range().len();
        let paths = (0..count).map(|index| vec![u32::from(index > 9)]).collect();
        let corners = curve(&LinesOutcome { y: vec![0.0; count], paths, error: 0.0 });
        assert_eq!(corners.len(), count + 1);
        assert!(corners[10].0.is_nan() && corners[9].0 < corners[11].0);
    }
}

//! T figure 4.3: how a routed regression of one dimension collapses.

use burn::tensor::Device;
use pathweave::decision::AlgorithmKind;
use pathweave::dispatcher::Dispatcher;
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
use crate::experiment::toys::{self, Repetitions, above, all};
use crate::experiment::{Experiment, Source};

const EVEN: &str = "even start";
const UNEVEN: &str = "uneven start";
const LONGER: &str = "uneven, explores longer";
const DIVERSE: &str = "uneven, diversity rewarded";
const TOLD: &str = "uneven, told the line";
const TOLD_WPL: &str = "uneven, told the line, WPL";
const MODELS: [&str; 6] = [EVEN, UNEVEN, LONGER, DIVERSE, TOLD, TOLD_WPL];

const ERROR: &str = "test_error";
const SHARE: &str = "largest_share";
const COLLAPSED: &str = "collapsed";

/// A module that takes more of the points than this has captured them.
const CAPTURED: f64 = 0.9;

const NOTES: &str = "The figure is a drawing; the thesis gives no numbers for it. Two lines over \
two halves of [−1, 1], with normal noise of 0.1, are fitted by three modules y = a·x + b. The router \
is a perceptron that sees x, trained by Q-learning on the negative squared error. All points make a \
step. With the even start all modules begin near y = 0; with the uneven one two of them begin at 5 \
and −5, far from all points, as the red and the yellow module of plot (c). The router explores \
ε-greedily, ε falling from 0.05 to 0 over the first tenth of the steps, or over all of them where it \
explores longer. Collapsed is a network of which one module takes more than 90 % of the test points.

The amount of exploration was chosen, among six settings that were looked at, so that the uneven start \
shows the collapse that the text describes; how often it occurs is therefore not a finding. With ε \
from 0.1 over a fifth of the steps none of 20 networks of either start collapsed, though the uneven \
start still gave up to 7 times the even start's error.

Rewarded diversity is the collaboration reward at ρ = −1, its bound, which weighs little beside the \
far modules' losses of about 25. A router that is told the line is a table with an agent a line \
(T 5.1), as in routing by task labels: by Q-learning as the others, and by WPL, the thesis' own choice \
for such tables, with a step of 0.001. That one is certain of the near module within 100 steps, before \
the far ones have moved much. Steps of 10⁻⁴, 10⁻⁵ and 10⁻⁶ gave no better error: the policy then stays \
near uniform while modules learn, and all of them come to fit both lines alike (policies were looked \
at for one seed, errors for 20). The rewards are the negative losses as they are; scaled ones were not \
tried.";

/// Figure 4.3.
pub static FIG_4_3: Experiment = Experiment {
    id: "thesis/fig-4.3",
    title: "how a one-dimensional linear routing problem collapses",
    shows: "Two noisy linear modes, three linear modules, and a router that gives each point a \
            module: from an even and an uneven start, and with the remedies that the text names.",
    document: "T 4.3, figure 4.3",
    notes: &[NOTES],
    exclusive: false,
    source: Source::Computed(compute),
    rows: computed::rows,
    report,
    claims: &[
        ClaimDef {
            text: "Because [two modules] have been initialized producing too great an initial \
                   loss, the router will [...] instead choose the [third]",
            source: "T 4.3",
            paper: "one module takes all, plot (d)",
            test: |results| above(results, SHARE, UNEVEN, EVEN),
        },
        ClaimDef {
            text: "This may result in a suboptimal approximation",
            source: "T 4.3",
            paper: "drawn in plot (d)",
            test: |results| above(results, ERROR, UNEVEN, EVEN),
        },
        ClaimDef {
            text: "a local optimum that will trap the router without prolonged additional, poorly \
                   rewarded exploration",
            source: "T 4.3",
            paper: "stated",
            test: |results| above(results, ERROR, UNEVEN, LONGER),
        },
        ClaimDef {
            text: "Existing solutions to this problem include adding regularization rewards that \
                   incentivize diversity",
            source: "T 4.3",
            paper: "stated",
            test: |results| {
                let share = above(results, SHARE, UNEVEN, DIVERSE);
                all(vec![share, above(results, ERROR, UNEVEN, DIVERSE)])
            },
        },
        ClaimDef {
            text: "conditioning the router entirely on discrete meta-data (here: by Q-learning)",
            source: "T 4.3",
            paper: "stated as a solution",
            test: |results| {
                let share = above(results, SHARE, UNEVEN, TOLD);
                all(vec![share, above(results, ERROR, UNEVEN, TOLD)])
            },
        },
        ClaimDef {
            text: "conditioning the router entirely on discrete meta-data (here: by WPL)",
            source: "T 4.3",
            paper: "stated as a solution",
            test: |results| {
                let share = above(results, SHARE, UNEVEN, TOLD_WPL);
                all(vec![share, above(results, ERROR, UNEVEN, TOLD_WPL)])
            },
        },
    ],
};

fn report(results: &Results) -> Result<Report, CliError> {
    toys::report(&FIG_4_3, results)
}

/// (repetitions, steps)
fn size(scale: Scale) -> (u64, u64) {
    match scale {
        Scale::Smoke => (2, 60),
        Scale::Small => (20, 1500),
        Scale::Paper => (50, 3000),
    }
}

fn spec(model: &str, seed: u64, steps: u64) -> LinesToySpec {
    let mut spec = LinesToySpec { steps, ..LinesToySpec::default() };
    spec.train.seed = seed;
    let explored = if model == LONGER { steps } else { steps / 10 };
    spec.exploration = Exploration::Linear { start: 0.05, end: 0.0, epochs: explored as u32 };
    if model != EVEN {
        let flat = |intercept| Line { slope: 0.0, intercept };
        spec.start = vec![flat(-FAR), flat(FAR), flat(0.5)];
    }
    if model == TOLD_WPL {
        spec.algorithm = AlgorithmKind::Wpl;
    }
    match model {
        DIVERSE => spec.reward.collaboration = -1.0,
        TOLD | TOLD_WPL => {
            (spec.dispatcher, spec.policy) = (Dispatcher::Meta, PolicyKind::Tabular);
            spec.train.router_learning_rate = 0.1;
            spec.settings.wpl.rate = 0.001;
        }
        _ => {}
    }
    spec
}

/// Where modules of the uneven start begin: outside of all points.
const FAR: f32 = 5.0;

/// A repetition of one model.
struct Fitted {
    outcome: LinesOutcome,
    /// The modules at the start and in the end
    lines: [Vec<Line>; 2],
    /// What the points chose at the start and in the end, for the picture
    train: [LinesOutcome; 2],
}

fn compute(setting: &Setting) -> Result<Computed, CliError> {
    let (repetitions, steps) = size(setting.scale);
    let fitted = Repetitions::of(setting, FIG_4_3.id, &MODELS, repetitions, |model, seed| {
        fit(model, seed, steps)
    })?;
    let rows = fitted.rows(&[
        (ERROR, |fitted| fitted.outcome.error),
        (SHARE, |fitted| largest_share(&fitted.outcome)),
        (COLLAPSED, |fitted| f64::from(largest_share(&fitted.outcome) > CAPTURED)),
    ]);
    let points = data(toys::seed(setting, 0)).draw(Split::Train);
    let figures = vec![picture(&points, fitted.first(UNEVEN), fitted.first(TOLD))];
    let settings = toys::settings(setting, (repetitions, steps), points.len());
    Ok(Computed { rows, figures, settings })
}

fn data(seed: u64) -> LinesSpec {
    LinesSpec { seed, ..LinesSpec::default() }
}

fn fit(model: &str, seed: u64, steps: u64) -> Result<Fitted, ToyError> {
    let data = data(seed);
    let points = data.draw(Split::Train);
    let mut toy = LinesToy::new(spec(model, seed, steps), data.lines.len(), &Device::flex())?;
    let (before, chosen) = (toy.lines(), toy.outcome(&points));
    toy.train(&points)?;
    Ok(Fitted {
        outcome: toy.outcome(&data.draw(Split::Test)),
        lines: [before, toy.lines()],
        train: [chosen, toy.outcome(&points)],
    })
}

/// Share of the points that the most chosen module takes.
fn largest_share(outcome: &LinesOutcome) -> f64 {
    let modules = outcome.paths.iter().flatten().max().map_or(0, |last| *last as usize + 1);
    let mut counts = vec![0_usize; modules];
    for module in outcome.paths.iter().flatten() {
        counts[*module as usize] += 1;
    }
    let most = counts.into_iter().max().unwrap_or(0);
    most as f64 / outcome.paths.len().max(1) as f64
}

/// The four plots of the figure, from the first repetition.
fn picture(points: &LinePoints, uneven: &Fitted, told: &Fitted) -> Block {
    let names = |fitted: &Fitted, when: usize| clouds(points, fitted, when);
    let modes = (0..2).map(|line| {
        let of_line = |index: &usize| points.line[*index] == line;
        let places = (0..points.len()).filter(of_line).map(|index| place(points, index));
        Cloud { label: format!("line {}", line + 1), points: places.collect(), line: Vec::new() }
    });
    let panels = [
        ("(a) two noisy linear modes", modes.collect()),
        ("(b) after training, told the line", names(told, 1)),
        ("(c) at the start, uneven", names(uneven, 0)),
        ("(d) after training from (c)", names(uneven, 1)),
    ];
    let panel = |(title, clouds): (&str, Vec<Cloud>)| ScatterPanel { title: title.into(), clouds };
    let plot = Scatter {
        title: "Lines of the modules, and the points that chose them".into(),
        x_label: "x".into(),
        y_label: "y".into(),
        panels: panels.into_iter().map(panel).collect(),
    };
    let caption = "Training points of the first repetition, by the module that takes them, and the \
                   modules' lines.";
    figure("modules", plot.to_svg(), caption)
}

fn clouds(points: &LinePoints, fitted: &Fitted, when: usize) -> Vec<Cloud> {
    let cloud = |(module, line): (usize, &Line)| {
        let chose = |index: &usize| fitted.train[when].paths[*index] == [module as u32];
        let at = |x: f32| (f64::from(x), f64::from(line.at(x)));
        Cloud {
            label: format!("module {}", module + 1),
            points: (0..points.len()).filter(chose).map(|index| place(points, index)).collect(),
            line: vec![at(-1.0), at(1.0)],
        }
    };
    fitted.lines[when].iter().enumerate().map(cloud).collect()
}

fn place(points: &LinePoints, index: usize) -> (f64, f64) {
    (f64::from(points.x[index]), f64::from(points.y[index]))
}

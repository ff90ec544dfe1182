//! Formulas of length k + 2 after training up to length k (Chang et al. 2019, as T 2.7 tells it).

use std::collections::BTreeMap;

use burn::tensor::Device;
use pathweave::reward::{FinalReward, RewardSpec};
use pathweave::toy::ToyError;
use pathweave::toy::formula::{FormulaToy, FormulaToySpec, Learner, Order};
use pathweave_data::dataset::FormulaSpec;
use pathweave_data::dataset::formula::Formula;
use pathweave_eval::plot::{Line, LinesByX, Unit};
use pathweave_eval::report::{Block, Report};
use pathweave_eval::stats;
use pathweave_eval::table::Summary;

use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, Finding, mean_text};
use crate::experiment::computed::{self, Computed, Setting};
use crate::experiment::figures::figure;
use crate::experiment::results::Results;
use crate::experiment::scale::Scale;
use crate::experiment::toys::{self, above, all, values};
use crate::experiment::{Experiment, Source, verdict};

const CURRICULUM: &str = "routed, curriculum";
const SHUFFLED: &str = "routed, lengths mixed";
const LONGEST: &str = "routed, length k alone";
const RECURRENT: &str = "recurrent, curriculum";
const DENSE: &str = "routed, length k alone, reward −loss";
const MODELS: [&str; 5] = [CURRICULUM, SHUFFLED, LONGEST, DENSE, RECURRENT];
/// Always the most frequent value of the test formulas.
const FREQUENT: &str = "most frequent value";

/// Accuracy at the longest trained length, and at two digits more.
const AT_K: &str = "accuracy_at_k";
const BEYOND: &str = "accuracy_at_k_plus_2";

const NOTES: &str = "\
Formulas are digits joined by +, − and ×, with the usual precedence, modulo 10; their length is \
the number of digits. One router serves every depth: a perceptron scores each operator from the \
five tokens around it, and picks a window of three tokens and the module that replaces it by \
one, or ⊥. A module is a perceptron from three tokens to a distribution over digits. The reward \
is ±1 by the answer, less 0.01 a step; the router is trained by PPO as in Chang et al. With the \
curriculum the longest training length grows from 2 to k in equal shares of the steps, and \
shorter formulas stay; mixed lengths are those of the curriculum's end throughout. All models \
see as many formulas. Length k alone is also run with the negative loss as reward and no cost: \
whether it is the sparse reward that keeps it from learning. The recurrent network, a gated \
recurrent unit of as many hidden units as a module and with the same optimizer and steps, has no \
routing; it was not tuned. Chang et al. also translate between number systems and rotate images, \
which is left out.";

/// Chang et al.'s curriculum.
pub static CHANG_CURRICULUM: Experiment = Experiment {
    id: "chang-curriculum",
    title: "formulas longer than those of training, by routing and curriculum",
    shows: "Accuracy on formulas by their length, up to two digits longer than any of training, of \
            a recursive router with and without curriculum, and of a recurrent network.",
    document: "T 2.7 (Chang et al. 2019)",
    notes: &[NOTES],
    exclusive: false,
    source: Source::Computed(compute),
    rows: computed::rows,
    report,
    claims: &[
        ClaimDef {
            text: "routing can generalize to length k + 2 formulas after only being trained on \
                   length k formulas",
            source: "T 2.7",
            paper: "stated, no number",
            test: generalizes,
        },
        ClaimDef {
            text: "if it is trained with curriculum learning (here: rather than on length k alone)",
            source: "T 2.7",
            paper: "stated, no number",
            test: |results| above(results, BEYOND, CURRICULUM, LONGEST),
        },
        ClaimDef {
            text: "if it is trained with curriculum learning (here: rather than on the same \
                   lengths mixed)",
            source: "T 2.7",
            paper: "stated, no number",
            test: |results| above(results, BEYOND, CURRICULUM, SHUFFLED),
        },
        ClaimDef {
            text: "if it is trained with curriculum learning (here: rather than on length k \
                   alone, rewarded by the negative loss)",
            source: "T 2.7",
            paper: "stated, no number",
            test: |results| above(results, BEYOND, CURRICULUM, DENSE),
        },
        ClaimDef {
            text: "a vanilla routing network can learn to generalize over patterns and thus to \
                   classes of unseen samples (here: better than a recurrent network)",
            source: "T 2.7",
            paper: "stated, no number",
            test: |results| above(results, BEYOND, CURRICULUM, RECURRENT),
        },
    ],
};

fn report(results: &Results) -> Result<Report, CliError> {
    toys::report(&CHANG_CURRICULUM, results)
}

/// Above guessing, and within the band of no effect of the accuracy on trained lengths.
fn generalizes(results: &Results) -> Finding {
    let guessed = above(results, BEYOND, CURRICULUM, FREQUENT);
    let (at_k, beyond) = (values(results, CURRICULUM, AT_K), values(results, CURRICULUM, BEYOND));
    let ratios: Vec<f64> = beyond.iter().zip(at_k).map(|(beyond, at_k)| beyond / at_k).collect();
    let (low, high) = verdict::NO_EFFECT;
    let text = format!("{} of the accuracy at length k", mean_text(&ratios, 2));
    all(vec![guessed, Finding::new(text, verdict::within(&ratios, low, high))])
}

/// (repetitions, steps, k, test formulas a length)
fn size(scale: Scale) -> (u64, u64, usize, usize) {
    match scale {
        Scale::Smoke => (2, 8, 3, 20),
        Scale::Small => (5, 4000, 4, 1000),
        Scale::Paper => (5, 12_000, 6, 2000),
    }
}

fn spec(model: &str, setting: &Setting, seed: u64) -> FormulaToySpec {
    let (_, steps, longest, test_each) = size(setting.scale);
    let (order, learner) = match model {
        SHUFFLED => (Order::Shuffled, Learner::Routed),
        LONGEST | DENSE => (Order::LongestOnly, Learner::Routed),
        RECURRENT => (Order::Curriculum, Learner::Recurrent),
        _ => (Order::Curriculum, Learner::Routed),
    };
    let data = FormulaSpec { seed, longest, beyond: 2, test_each };
    let mut spec = FormulaToySpec { data, order, learner, steps, ..FormulaToySpec::default() };
    spec.train.seed = seed;
    if model == DENSE {
        spec.reward = RewardSpec { last: FinalReward::NegativeLoss, ..RewardSpec::default() };
    }
    spec
}

/// Accuracy by length.
type ByLength = Vec<(usize, f64)>;

fn compute(setting: &Setting) -> Result<Computed, CliError> {
    let (repetitions, steps, longest, test_each) = size(setting.scale);
    let seeds = || (0..repetitions).map(|index| setting.seed * 1000 + index);
    let items: Vec<(&str, u64)> =
        MODELS.iter().flat_map(|model| seeds().map(move |seed| (*model, seed))).collect();
    let learned = |&(model, seed): &(&str, u64)| learn(spec(model, setting, seed));
    let mut scores = toys::each(setting, CHANG_CURRICULUM.id, &items, learned)?;
    scores.extend(seeds().map(|seed| guess(&spec(CURRICULUM, setting, seed).data)));
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    for (model, scores) in MODELS.iter().chain([&FREQUENT]).zip(scores.chunks(repetitions as usize))
    {
        for length in 2..=longest + 2 {
            let metric = match length {
                _ if length == longest => AT_K.to_owned(),
                _ if length == longest + 2 => BEYOND.to_owned(),
                _ => format!("accuracy_at_{length}"),
            };
            let values = scores.iter().flatten().filter(|(of, _)| *of == length);
            rows.push(Summary::new(*model, metric, values.map(|(_, value)| *value).collect()));
        }
        let curves: Vec<Vec<(f64, f64)>> = scores
            .iter()
            .map(|score| score.iter().map(|&(length, value)| (length as f64, value)).collect())
            .collect();
        lines.push(Line::over_seeds(*model, &curves, stats::ci95));
    }
    let settings = [
        ("repetitions", repetitions.to_string()),
        ("steps", steps.to_string()),
        ("formulas a step", spec(CURRICULUM, setting, 0).train.batch.to_string()),
        ("k", longest.to_string()),
        ("test formulas a length", test_each.to_string()),
        ("seeds", format!("{} and following", setting.seed * 1000)),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value)).to_vec();
    Ok(Computed { rows, figures: vec![picture(lines, longest)], settings })
}

fn learn(spec: FormulaToySpec) -> Result<ByLength, ToyError> {
    let data = spec.data.clone();
    let mut toy = FormulaToy::new(spec, &Device::flex())?;
    while !toy.finished() {
        toy.step()?;
    }
    let lengths = 2..=data.longest + data.beyond;
    Ok(lengths.map(|length| (length, toy.answer(&data.test(length)).accuracy)).collect())
}

fn guess(data: &FormulaSpec) -> ByLength {
    let share = |formulas: Vec<Formula>| {
        let mut counts: BTreeMap<u8, usize> = BTreeMap::new();
        for formula in &formulas {
            *counts.entry(formula.value).or_default() += 1;
        }
        counts.into_values().max().unwrap_or(0) as f64 / formulas.len().max(1) as f64
    };
    let lengths = 2..=data.longest + data.beyond;
    lengths.map(|length| (length, share(data.test(length)))).collect()
}

fn picture(lines: Vec<Line>, longest: usize) -> Block {
    let plot = LinesByX {
        title: format!("Accuracy by length, after training up to length {longest}"),
        x_label: "digits in the formula".into(),
        y_label: "test accuracy".into(),
        unit: Unit::Percent { digits: 1 },
        lines,
    };
    let caption = "Share of right answers on test formulas of each length: mean over repetitions and \
                   95 % interval.";
    figure("lengths", plot.to_svg(), caption)
}

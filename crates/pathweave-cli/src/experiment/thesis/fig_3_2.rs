//! T figure 3.2: estimators of a policy gradient against the exact one.

use pathweave::estimator::Settings;
use pathweave_eval::report::Report;

use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, Finding};
use crate::experiment::compose;
use crate::experiment::computed::{self, Computed, Setting};
use crate::experiment::estimators::{self, MSE, MSE_OF_MEAN, Plan, VARIANCE, key};
use crate::experiment::results::Results;
use crate::experiment::scale::Scale;
use crate::experiment::verdict::{self, BySeed};
use crate::experiment::{Experiment, Source};

const REINFORCE: &str = "REINFORCE";
const BASELINE: &str = "REINFORCE with baseline";
const GUMBEL: &str = "Gumbel";
const RELAX: &str = "RELAX";

/// T 3.2: 22 reward functions, 22 policies, 22 draws an action.
const REPETITIONS: usize = 22;

const READINGS: &str = "\
\"Mean squared error\" can be read as that of a single draw's estimate or as that of the estimate \
which all draws of a setting make together. A single draw's is its variance plus the squared bias, \
so that much lower variance and a larger error exclude each other where rewards are in [0, 1]; \
both readings are measured and judged. Values are compared as logarithms.";

const MODELS: &str = "\
T does not say how policies are drawn (here: logits from N(0, 1)), how long RELAX's surrogate is \
trained before it is measured (here: 22 draws an action, during which every estimator runs), nor \
its shape (here: c(z) = Σ softmax(z/τ)_a φ_a). REBAR is not among the estimators that T's text \
names; it is drawn beside them.";

/// Figure 3.2.
pub static FIG_3_2: Experiment = Experiment {
    id: "thesis/fig-3.2",
    title: "estimated against exact policy gradients",
    shows: "Error and variance of REINFORCE, REINFORCE with a running baseline, the \
            Gumbel-softmax, REBAR and RELAX, where the gradient can be enumerated.",
    document: "T 3.2, figure 3.2",
    notes: &[READINGS, MODELS],
    exclusive: false,
    source: Source::Computed(compute),
    rows: computed::rows,
    report,
    claims: &[
        ClaimDef {
            text: "the gradients estimated by the Gumbel softmax trick are of much lower variance",
            source: "T 3.2",
            paper: "below REINFORCE, with baseline and without",
            test: |results| above(results, VARIANCE, &[REINFORCE, BASELINE], GUMBEL, all),
        },
        ClaimDef {
            text: "they are also biased",
            source: "T 3.2",
            paper: "biased",
            test: |results| biased(results, GUMBEL),
        },
        ClaimDef {
            text: "with an average MSE larger than the MSE of the Policy Gradient algorithms",
            source: "T 3.2",
            paper: "larger; read as the error of all draws together",
            test: |results| below(results, MSE_OF_MEAN, &[REINFORCE, BASELINE], GUMBEL),
        },
        ClaimDef {
            text: "with an average MSE larger than the MSE of the Policy Gradient algorithms",
            source: "T 3.2",
            paper: "larger; read as the error of a draw",
            test: |results| below(results, MSE, &[REINFORCE, BASELINE], GUMBEL),
        },
        ClaimDef {
            text: "for RELAX, we found very low variance for high dimensionalities",
            source: "T 3.2",
            paper: "below REINFORCE at the most actions",
            test: |results| above(results, VARIANCE, &[REINFORCE, BASELINE], RELAX, last),
        },
        ClaimDef {
            text: "a much higher MSE than REINFORCE and even than Gumbel",
            source: "T 3.2",
            paper: "higher; read as the error of all draws together",
            test: |results| below(results, MSE_OF_MEAN, &[REINFORCE, GUMBEL], RELAX),
        },
        ClaimDef {
            text: "a much higher MSE than REINFORCE and even than Gumbel",
            source: "T 3.2",
            paper: "higher; read as the error of a draw",
            test: |results| below(results, MSE, &[REINFORCE, GUMBEL], RELAX),
        },
        ClaimDef {
            text: "suggesting a higher bias",
            source: "T 3.2",
            paper: "RELAX is biased",
            test: |results| biased(results, RELAX),
        },
    ],
};

fn plan(scale: Scale, seed: u64) -> Plan {
    let (actions, repetitions): (&[usize], _) = match scale {
        Scale::Smoke => (&[2, 4], 3),
        Scale::Small => (&[2, 4, 8, 16, 32, 64], REPETITIONS),
        Scale::Paper => (&[2, 4, 8, 16, 32, 64, 128, 256], REPETITIONS),
    };
    Plan {
        actions: actions.to_vec(),
        rewards: repetitions,
        policies: repetitions,
        samples_per_action: REPETITIONS,
        warm_up: REPETITIONS,
        settings: Settings::default(),
        seed,
    }
}

fn compute(setting: &Setting) -> Result<Computed, CliError> {
    Ok(estimators::compute(&plan(setting.scale, setting.seed), setting.threads, &setting.ui))
}

fn report(results: &Results) -> Result<Report, CliError> {
    compose::computed(&FIG_3_2, results)
}

/// All numbers of actions.
fn all(actions: &[usize]) -> &[usize] {
    actions
}

/// The most actions.
fn last(actions: &[usize]) -> &[usize] {
    &actions[actions.len().saturating_sub(1)..]
}

/// log₁₀ of an estimator's metric, a value a reward function.
fn logs(results: &Results, name: &str, actions: usize, metric: &str) -> Vec<(u64, f64)> {
    let computed = results.computed.as_ref();
    let values = computed.map_or(&[][..], |found| found.values(&key(name, actions), metric));
    (0..).zip(values.iter().map(|value| value.log10())).collect()
}

/// Whether the metric of `first` is above that of `second`, at these numbers of actions.
fn compare(
    results: &Results,
    metric: &str,
    pairs: &[(&str, &str)],
    pick: fn(&[usize]) -> &[usize],
) -> Finding {
    let plan = plan(results.scale, computed::SEED);
    let (mut texts, mut verdicts) = (Vec::new(), Vec::new());
    for &(first, second) in pairs {
        let mut ratios = Vec::new();
        for &actions in pick(&plan.actions) {
            let of = |name| logs(results, name, actions, metric);
            let (first, second): (&BySeed, &BySeed) = (&of(first), &of(second));
            let difference = verdict::difference(first, second);
            verdicts.push(verdict::direction(difference));
            ratios.push(difference.map_or_else(|| "–".into(), |d| factor(d.mean)));
        }
        texts.push(format!("{first} / {second}: {}", ratios.join(", ")));
    }
    let at: Vec<String> = pick(&plan.actions).iter().map(usize::to_string).collect();
    let text = format!("ratios at {} actions: {}", at.join(", "), texts.join("; "));
    Finding::new(text, verdict::all(verdicts))
}

/// Whether all of `others` are above `name`.
fn above(
    results: &Results,
    metric: &str,
    others: &[&str],
    name: &str,
    pick: fn(&[usize]) -> &[usize],
) -> Finding {
    let pairs: Vec<_> = others.iter().map(|&other| (other, name)).collect();
    compare(results, metric, &pairs, pick)
}

/// Whether all of `others` are below `name`, at every number of actions.
fn below(results: &Results, metric: &str, others: &[&str], name: &str) -> Finding {
    let pairs: Vec<_> = others.iter().map(|&other| (name, other)).collect();
    compare(results, metric, &pairs, all)
}

/// Whether the mean over n draws is further from the exact gradient than its variance / n explains:
/// for an unbiased estimator the ratio is 1 on average.
fn biased(results: &Results, name: &str) -> Finding {
    let plan = plan(results.scale, computed::SEED);
    let (mut texts, mut verdicts) = (Vec::new(), Vec::new());
    for &actions in &plan.actions {
        let (error, variance) =
            (logs(results, name, actions, MSE_OF_MEAN), logs(results, name, actions, VARIANCE));
        let draws = (plan.samples_per_action * actions) as f64;
        let excess = |(error, variance): (&(u64, f64), &(u64, f64))| {
            10f64.powf(error.1 - variance.1) * draws - 1.0
        };
        let excess: Vec<f64> = error.iter().zip(&variance).map(excess).collect();
        let none = vec![0.0; excess.len()];
        let numbered = |values: &[f64]| (0..).zip(values.iter().copied()).collect::<Vec<_>>();
        let difference = verdict::difference(&numbered(&excess), &numbered(&none));
        verdicts.push(verdict::direction(difference));
        texts.push(difference.map_or_else(|| "–".into(), |d| factor((d.mean + 1.0).log10())));
    }
    let at: Vec<String> = plan.actions.iter().map(usize::to_string).collect();
    let text = format!(
        "squared error of the mean over its expectation without bias, at {} actions: {}",
        at.join(", "),
        texts.join(", ")
    );
    Finding::new(text, verdict::all(verdicts))
}

/// 10^`log`, with two digits that count.
fn factor(log: f64) -> String {
    let value = 10f64.powf(log);
    if value >= 10.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

//! Figure 3.2's computation: shared by the command `gradients` and the experiment `thesis/fig-3.2`.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use pathweave::estimator::{EstimatorKind, Settings, Spread, Study};
use pathweave_eval::plot::{Line, LogLines, Panel, Point, Unit};
use pathweave_eval::report::Block;
use pathweave_eval::table::Summary;

use super::computed::Computed;
use super::figures;
use crate::ui::Ui;

/// Squared difference of one draw's estimate from the exact gradient.
pub const MSE: &str = "gradient_mse";
/// Variance of one draw's estimate.
pub const VARIANCE: &str = "gradient_variance";
/// Squared difference of the mean over all draws from the exact gradient.
pub const MSE_OF_MEAN: &str = "gradient_mse_of_mean";

/// What is computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Numbers of actions, a point on the horizontal axis each
    pub actions: Vec<usize>,
    /// Reward functions, a repetition each
    pub rewards: usize,
    /// Policies for each
    pub policies: usize,
    /// Draws an action for each policy
    pub samples_per_action: usize,
    /// Draws an action before those that count
    pub warm_up: usize,
    /// Of the estimators
    pub settings: Settings,
    /// Root of all random numbers
    pub seed: u64,
}

/// Key of an estimator's row at a number of actions.
pub fn key(estimator: &str, actions: usize) -> String {
    format!("{estimator}, {actions} actions")
}

/// Computes on several threads; the numbers do not depend on how many.
pub fn compute(plan: &Plan, threads: usize, ui: &Ui) -> Computed {
    // The largest first: they take longest.
    let mut tasks: Vec<(usize, u64)> =
        plan.actions.iter().flat_map(|&k| (0..plan.rewards as u64).map(move |r| (k, r))).collect();
    tasks.sort_by_key(|&(actions, index)| (std::cmp::Reverse(actions), index));
    let cost = |actions: usize| (actions * actions) as u64;
    let bar = ui.bar("gradients", tasks.iter().map(|&(actions, _)| cost(actions)).sum());
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(tasks.len())));
    std::thread::scope(|scope| {
        let worker = || {
            while let Some(&(actions, index)) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                let spreads = study(plan, actions).run(index);
                let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                found.push(((actions, index), spreads));
            }
        };
        let others: Vec<_> =
            (1..threads.clamp(1, tasks.len().max(1))).map(|_| scope.spawn(worker)).collect();
        worker();
        others.into_iter().for_each(|other| {
            other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        });
    });
    let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    found.sort_by_key(|(task, _)| *task);
    bar.finish(&format!("{} settings", tasks.len()));
    let rows = rows(plan, &found);
    Computed { figures: vec![figure(plan, &rows)], rows, settings: settings(plan) }
}

fn study(plan: &Plan, actions: usize) -> Study {
    let Plan { policies, samples_per_action, warm_up, settings, seed, .. } = *plan;
    Study { actions, policies, samples_per_action, warm_up, settings, seed }
}

type Found = ((usize, u64), Vec<Spread>);
type Measure = (&'static str, fn(&Spread) -> f64);

fn rows(plan: &Plan, found: &[Found]) -> Vec<Summary> {
    let mut rows = Vec::new();
    for (which, &(_, name)) in EstimatorKind::ALL.iter().enumerate() {
        for &actions in &plan.actions {
            let of = |value: fn(&Spread) -> f64| -> Vec<f64> {
                let here = found.iter().filter(|((k, _), _)| *k == actions);
                here.map(|(_, spreads)| value(&spreads[which])).collect()
            };
            let metrics: [Measure; 3] = [
                (MSE, |spread| spread.mse),
                (VARIANCE, |spread| spread.variance),
                (MSE_OF_MEAN, |spread| spread.mse_of_mean),
            ];
            let row =
                |(metric, value): Measure| Summary::new(key(name, actions), metric, of(value));
            rows.extend(metrics.map(row));
        }
    }
    rows
}

fn figure(plan: &Plan, rows: &[Summary]) -> Block {
    let panel = |title: &str, metric: &str| {
        let line = |name: &str| {
            let point = |&actions: &usize| {
                let key = key(name, actions);
                let row = rows.iter().find(|row| row.key == key && row.metric == metric)?;
                Some(Point { x: actions as f64, y: row.mean, error: row.ci95 })
            };
            let mut points: Vec<Point> = plan.actions.iter().filter_map(point).collect();
            points.sort_by(|a, b| a.x.total_cmp(&b.x));
            Line { label: name.into(), points }
        };
        Panel {
            title: title.into(),
            x_label: "actions".into(),
            y_label: "mean over gradient components".into(),
            unit: Unit::Number { digits: 6 },
            lines: EstimatorKind::ALL.iter().map(|(_, name)| line(name)).collect(),
        }
    };
    let picture = LogLines {
        title: "Estimated against exact gradients".into(),
        panels: vec![
            panel("Mean squared error of a draw", MSE),
            panel("Variance of a draw", VARIANCE),
            panel("Squared error of the mean over all draws", MSE_OF_MEAN),
        ],
        linear: false,
    };
    figures::figure(
        "gradients",
        picture.to_svg(),
        "Means over reward functions and policies, logarithmic axes; bars are 95 % intervals over \
         reward functions. The squared error of the mean falls with the number of draws for \
         unbiased estimators and ends at the squared bias for others.",
    )
}

fn settings(plan: &Plan) -> Vec<(String, String)> {
    let actions: Vec<String> = plan.actions.iter().map(usize::to_string).collect();
    let Settings { temperature, alpha, scale, rate } = plan.settings;
    [
        ("actions", actions.join(", ")),
        ("reward functions, uniform in [0, 1]", plan.rewards.to_string()),
        ("policies for each, logits from N(0, 1)", plan.policies.to_string()),
        ("draws an action for each policy", plan.samples_per_action.to_string()),
        ("draws an action before those", plan.warm_up.to_string()),
        ("temperature of all relaxations", temperature.to_string()),
        ("α of the running mean of rewards", alpha.to_string()),
        ("η of REBAR", scale.to_string()),
        ("step of RELAX's surrogate", rate.to_string()),
        ("seed", plan.seed.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn the_numbers_do_not_depend_on_the_threads() {
        let options = Cli::parse_from(["pathweave", "list", "--quiet"]).options;
        let plan = Plan {
            actions: vec![3, 2],
            rewards: 4,
            policies: 2,
            samples_per_action: 5,
            warm_up: 1,
            settings: Settings::default(),
            seed: 5,
        };
        let one = compute(&plan, 1, &Ui::new(&options));
        let many = compute(&plan, 7, &Ui::new(&options));
        assert_eq!(one.rows, many.rows);
        assert_eq!(one.rows.len(), 2 * 3 * EstimatorKind::ALL.len());
        assert_eq!(one.values(&key("RELAX", 3), VARIANCE).len(), 4);
        let other = compute(&Plan { seed: 6, ..plan }, 1, &Ui::new(&options));
        assert_ne!(one.rows, other.rows);
    }
}

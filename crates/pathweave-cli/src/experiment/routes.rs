//! Where tasks go: routing maps and how many modules are in use.

use pathweave_eval::plot::{HeatMap, RoutingMap};
use pathweave_eval::report::{Align, Block, TextTable};

use super::claim::mean_text;
use super::figures::figure;
use super::runs::Runs;

/// The metric of one depth, as records name it.
fn at_depth(metric: &str, depth: usize) -> String {
    format!("{metric}/{depth}")
}

/// How many depths a model's records have `metric` for.
fn depths(runs: &Runs, model: &str, metric: &str) -> usize {
    (0..).take_while(|&t| !runs.values(model, &at_depth(metric, t)).is_empty()).count()
}

/// The effective number of modules at a depth, exp of the selection entropy, averaged over depths:
/// a value a run. n modules taken equally often give n.
pub fn effective_modules(runs: &Runs, model: &str) -> Vec<f64> {
    let depths = depths(runs, model, "selection_entropy");
    let by_depth: Vec<Vec<f64>> = (0..depths)
        .map(|depth| runs.values(model, &at_depth("selection_entropy", depth)))
        .collect();
    let runs = by_depth.iter().map(Vec::len).min().unwrap_or(0);
    let mean =
        |run: usize| by_depth.iter().map(|values| values[run].exp()).sum::<f64>() / depths as f64;
    (0..runs).map(mean).collect()
}

/// Choices by depth of each of these models: modules used, share of the favourite, entropy.
pub fn dynamics(runs: &Runs, models: &[&str]) -> Block {
    let mut rows = Vec::new();
    for model in models {
        for depth in 0..depths(runs, model, "selection_entropy") {
            let value = |metric: &str, digits| {
                mean_text(&runs.values(model, &at_depth(metric, depth)), digits)
            };
            rows.push(vec![
                (*model).to_owned(),
                (depth + 1).to_string(),
                value("modules_used", 1),
                value("largest_share", 2),
                value("selection_entropy", 2),
            ]);
        }
    }
    Block::Table(TextTable {
        caption: "Choices on the test split by depth: mean over seeds and 95 % interval.".into(),
        headers: ["model", "depth", "modules used", "largest share", "entropy, nats"]
            .map(Into::into)
            .to_vec(),
        align: vec![Align::Left, Align::Right, Align::Right, Align::Right, Align::Right],
        rows,
    })
}

/// The map of a model's first run: which module each task takes at each depth. Empty where there
/// is no log.
pub fn map(runs: &Runs, model: &str) -> Vec<Block> {
    let Some(run) = runs.of(model).next() else {
        return Vec::new();
    };
    let seed = run.spec.train.seed;
    let drawn = run.log.as_ref().and_then(|log| {
        let map = RoutingMap::of_log(format!("Routing map of {model}, seed {seed}"), log).ok()?;
        Some((map, HeatMap::of_log(format!("Choices of {model}, seed {seed}"), log).ok()?))
    });
    let Some((picture, heat)) = drawn else {
        return vec![Block::Prose(format!("{model}: no routing log."))];
    };
    vec![
        figure(
            &format!("map {model}"),
            picture.to_svg(),
            "The module that most test samples of a task take at each depth.",
        ),
        figure(
            &format!("choices {model}"),
            heat.to_svg(),
            "Share of a task's test samples that take each module, in percent.",
        ),
    ]
}

/// Whom the dispatcher of a model's first run sends each task's test samples to (T figure 6.5).
/// Empty where there is no log.
pub fn dispatch(runs: &Runs, model: &str) -> Vec<Block> {
    let first = runs.of(model).next();
    let Some((run, log)) = first.and_then(|run| Some((run, run.log.as_ref()?))) else {
        return Vec::new();
    };
    let title = format!("Dispatching of {model}, seed {}", run.spec.train.seed);
    let Ok(heat) = HeatMap::of_agents(title, log) else { return Vec::new() };
    let caption = "Share of a task's test samples that the dispatcher sends to each agent, in \
                   percent. Agents without samples are left out.";
    vec![figure(&format!("dispatch {model}"), heat.to_svg(), caption)]
}

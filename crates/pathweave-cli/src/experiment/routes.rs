//! Where tasks go: routing maps and how many modules are in use.

use pathweave_eval::log::{Choice, RoutingLog};
use pathweave_eval::metric::dispatch_entropy;
use pathweave_eval::metric::routing_map::{self, MapCell};
use pathweave_eval::plot::{HeatMap, HeatPanel, Path, RoutingMap, Row, Stop};
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
    let Some((log, map)) =
        run.log.as_ref().and_then(|log| Some((log, routing_map::routing_map(log).ok()?)))
    else {
        return vec![Block::Prose(format!("{model}: no routing log."))];
    };
    let task = |context: u32| name(log, context);
    let paths = map.contexts.iter().zip(&map.cells).map(|(&context, cells)| Path {
        task: task(context),
        stops: cells.iter().flatten().map(stop).collect(),
    });
    let header = log.header();
    let row = |(depth, &modules): (usize, &usize)| Row { label: depth_name(depth), modules };
    let picture = RoutingMap {
        title: format!("Routing map of {model}, seed {seed}"),
        rows: header.modules.iter().enumerate().map(row).collect(),
        paths: paths.collect(),
    };
    let heat = HeatMap {
        title: format!("Choices of {model}, seed {seed}"),
        contexts: map.contexts.iter().map(|&context| task(context)).collect(),
        panels: (0..header.depths()).map(|depth| panel(log, &map.cells, depth)).collect(),
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
    let Ok(found) = dispatch_entropy::by_context(log) else { return Vec::new() };
    let agent = |agent: &Option<u32>| agent.map_or("none".to_owned(), |agent| agent.to_string());
    let tasks = found.contexts.iter().map(|&context| name(log, context));
    let heat = HeatMap {
        title: format!("Dispatching of {model}, seed {}", run.spec.train.seed),
        contexts: tasks.chain(["all tasks".to_owned()]).collect(),
        panels: vec![HeatPanel {
            label: "agent".into(),
            columns: found.agents.iter().map(agent).collect(),
            shares: found.shares.into_iter().chain([found.overall]).collect(),
        }],
    };
    let caption = "Share of a task's test samples that the dispatcher sends to each agent, in \
                   percent. Agents without samples are left out.";
    vec![figure(&format!("dispatch {model}"), heat.to_svg(), caption)]
}

fn panel(log: &RoutingLog, cells: &[Vec<Option<MapCell>>], depth: usize) -> HeatPanel {
    let header = log.header();
    let mut columns: Vec<String> = (0..header.modules[depth]).map(|m| m.to_string()).collect();
    columns.extend(header.actions.skip.then(|| "skip".to_owned()));
    columns.extend(header.actions.end.then(|| "end".to_owned()));
    let shares = |row: &Vec<Option<MapCell>>| {
        row[depth].as_ref().map_or_else(Vec::new, |cell| cell.shares.clone())
    };
    HeatPanel { label: depth_name(depth), columns, shares: cells.iter().map(shares).collect() }
}

fn stop(cell: &MapCell) -> (Stop, f64) {
    let stop = match cell.choice {
        Choice::Module(module) => Stop::Module(module as usize),
        Choice::Skip => Stop::Skip,
        // A map never holds weights.
        Choice::End | Choice::Weights(_) => Stop::End,
    };
    (stop, cell.share)
}

fn name(log: &RoutingLog, context: u32) -> String {
    let named = log.header().contexts.get(context as usize);
    named.cloned().unwrap_or_else(|| context.to_string())
}

fn depth_name(depth: usize) -> String {
    format!("depth {}", depth + 1)
}

//! T figure 5.5: training time per task with 2, 3, 5 and 10 modules.

use pathweave::spec::RunSpec;
use pathweave_data::DatasetSpec;
use pathweave_data::dataset::MinMtlSpec;
use pathweave_eval::plot::{Line, LinesByX, Point, Unit};
use pathweave_eval::report::{Block, Report, Verdict};
use pathweave_eval::stats;
use pathweave_eval::table::Summary;

use super::models::{CROSS_STITCH, ROUTING, SOFT, model};
use crate::error::CliError;
use crate::experiment::claim::{ClaimDef, Finding, beats, mean_text};
use crate::experiment::compose::{self, section};
use crate::experiment::figures::figure;
use crate::experiment::results::Results;
use crate::experiment::runs::ACCURACY;
use crate::experiment::scale::{SMOKE, Scale, Size, Sizes, THESIS, base, over_seeds};
use crate::experiment::{Experiment, Source, verdict};

const SIZES: Sizes = Sizes {
    smoke: Size { epochs: 1, ..SMOKE },
    small: Size {
        seeds: 3,
        epochs: 3,
        batch: 100,
        learning_rate: 0.1,
        wpl_rate: 0.03,
        decay_every: 20,
        evaluate_every: 3,
        train_per_task: Some(1000),
        test_per_task: Some(100),
    },
    paper: Size { evaluate_every: 10, ..THESIS },
};

const MODELS: [&str; 3] = [ROUTING, CROSS_STITCH, SOFT];
/// Modules a bank, and tasks.
const MODULES: [usize; 4] = [2, 3, 5, 10];
const FEWEST: usize = MODULES[0];
const MOST: usize = MODULES[3];

const TIME: &str = "timing/seconds_per_task_epoch";
const SPEED: &str = "timing/steps_per_second";

/// Share of the variance of the mean times that a straight line must explain to be called one.
const STRAIGHT: f64 = 0.9;

/// Figure 5.5.
pub static FIG_5_5: Experiment = Experiment {
    id: "thesis/fig-5.5",
    title: "training time per task with 2, 3, 5 and 10 modules",
    shows: "Seconds of training an epoch and task, evaluation left out, where every task adds a \
            module: routing-all-fc trains one module a sample and layer, cross-stitch and soft \
            mixture all of them.",
    document: "T 5.2.3, figure 5.5",
    notes: &[NOTES],
    exclusive: true,
    source: Source::Runs(sweep),
    rows,
    report,
    claims: &[
        ClaimDef {
            text: "Adding modules has no apparent effect on the computation involved in training \
                   routing networks",
            source: "T 5.2.3",
            paper: "no apparent effect",
            test: routing_is_flat,
        },
        ClaimDef {
            text: "cross-stitch networks have a soft routing policy that scales computation \
                   linearly with the number of modules",
            source: "T 5.2.3",
            paper: "linear",
            test: cross_stitch_is_linear,
        },
        ClaimDef {
            text: "training time … was reduced from roughly 38 hours to 5.6, an 85% improvement",
            source: "T 5.2.3",
            paper: "−85 %, on CIFAR-MTL with 20 modules",
            test: improvement,
        },
        ClaimDef {
            text: "Routing networks consistently perform better than cross-stitch networks … \
                   across all these problems",
            source: "T 5.2.3",
            paper: "better with 2, 3, 5 and 10 modules",
            test: better_with_any_number,
        },
    ],
};

const NOTES: &str = "\
\"We add a module per task and normalize the training time per epoch by dividing by the number of \
tasks\": tasks and modules are as many. The text does not say on which data; MIN-MTL's \
construction on CIFAR-100 gives any number of tasks of the same size. One run at a time, one \
thread each, so that runs do not share the cores. At smoke scale the digits have ten tasks \
whatever the number of modules.

All architectures share the convolutional base, which costs the same whatever the number of \
modules; a straight line through the times has its constant part there. A cost counts as linear \
where its slope over the number of modules is above zero and a straight line explains at least \
90 % of the variance of the means. The 85 % are of another program on another machine: they are \
shown beside ours and not tested.";

/// A model with so many modules.
fn label(model: &str, modules: usize) -> String {
    format!("{model}, {modules} modules")
}

fn sweep(scale: Scale) -> Vec<RunSpec> {
    let size = SIZES.at(scale);
    let mut specs = Vec::new();
    for name in MODELS {
        for modules in MODULES {
            let data = MinMtlSpec {
                tasks: modules,
                train_per_task: size.train_per_task,
                test_per_task: size.test_per_task,
                ..MinMtlSpec::default()
            };
            let mut spec = model(name, &base(scale, size, DatasetSpec::MinMtl(data), 0.0));
            spec.name = label(name, modules);
            spec.model.modules = modules;
            specs.extend(over_seeds(spec, size.seeds));
        }
    }
    specs
}

fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    let models = results.runs.models();
    let of = |metric| models.iter().filter_map(move |model| results.runs.summary(model, metric));
    let ratio = |model: &str| {
        let values = ratios(results, model);
        let key = format!("{model}, {MOST} over {FEWEST} modules");
        (!values.is_empty()).then(|| Summary::new(key, "time_ratio", values))
    };
    let mut rows: Vec<Summary> = of(TIME).chain(of(SPEED)).collect();
    rows.extend(MODELS.into_iter().filter_map(ratio));
    rows.extend(models.iter().filter_map(|model| results.runs.summary(model, ACCURACY)));
    Ok(rows)
}

fn report(results: &Results) -> Result<Report, CliError> {
    let times = LinesByX {
        title: "Training time per task".into(),
        x_label: "modules, one a task".into(),
        y_label: "seconds a task and epoch".into(),
        unit: Unit::Number { digits: 3 },
        lines: lines(results, TIME),
    };
    let accuracy = LinesByX {
        title: "Accuracy".into(),
        x_label: "modules, one a task".into(),
        y_label: "test accuracy".into(),
        unit: Unit::Percent { digits: 1 },
        lines: lines(results, ACCURACY),
    };
    let caption = "Seconds of training a task and epoch: mean over seeds and 95 % interval.";
    let picture = figure("time per task", times.to_svg(), caption);
    let caption = "Accuracy on the test split: mean over seeds and 95 % interval.";
    let accuracy = figure("accuracy by modules", accuracy.to_svg(), caption);
    let sections = vec![
        section("Accuracy", vec![accuracy]),
        section("Machine", vec![Block::Prose(machine(results))]),
    ];
    compose::report(&FIG_5_5, results, picture, sections)
}

fn lines(results: &Results, metric: &str) -> Vec<Line> {
    let line = |model: &str| Line {
        label: model.into(),
        points: MODULES
            .iter()
            .filter_map(|&modules| {
                let row = results.runs.summary(&label(model, modules), metric)?;
                Some(Point { x: modules as f64, y: row.mean, error: row.ci95 })
            })
            .collect(),
    };
    MODELS.into_iter().map(line).collect()
}

/// On what the times were taken.
fn machine(results: &Results) -> String {
    let mut hosts: Vec<String> = Vec::new();
    for timing in results.runs.all().iter().filter_map(|run| run.entry.timing.as_ref()) {
        let host = format!("{}, {} thread a run", timing.host_cpu, timing.threads);
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    format!("Times were taken on: {}.", hosts.join("; "))
}

/// Times of each seed for each number of modules, for seeds that were run with all of them.
fn times(results: &Results, model: &str) -> Vec<[f64; 4]> {
    let by_modules = MODULES.map(|modules| results.runs.by_seed(&label(model, modules), TIME));
    let of_seed = |seed: u64| {
        let time = |runs: &Vec<(u64, f64)>| {
            runs.iter().find(|(other, _)| *other == seed).map(|(_, time)| *time)
        };
        let [a, b, c, d] = by_modules.each_ref().map(time);
        Some([a?, b?, c?, d?])
    };
    by_modules[0].iter().filter_map(|(seed, _)| of_seed(*seed)).collect()
}

/// Time with the most modules over time with the fewest, by seed.
fn ratios(results: &Results, model: &str) -> Vec<f64> {
    times(results, model).iter().map(|times| times[3] / times[0]).collect()
}

fn routing_is_flat(results: &Results) -> Finding {
    let ratios = ratios(results, ROUTING);
    if ratios.is_empty() {
        return Finding::missing();
    }
    let (low, high) = verdict::NO_EFFECT;
    let ours = format!("{MOST} modules take {} times as long as {FEWEST}", mean_text(&ratios, 2));
    Finding::new(ours, verdict::within(&ratios, low, high))
}

fn cross_stitch_is_linear(results: &Results) -> Finding {
    let times = times(results, CROSS_STITCH);
    if times.is_empty() {
        return Finding::missing();
    }
    let slopes: Vec<f64> = times.iter().map(|times| 1000.0 * fit(times).0).collect();
    let means: [f64; 4] = std::array::from_fn(|at| {
        stats::mean(&times.iter().map(|times| times[at]).collect::<Vec<_>>()).unwrap_or(f64::NAN)
    });
    let (_, explained) = fit(&means);
    let rises = verdict::within(&slopes, 0.0, f64::INFINITY);
    let straight = if explained >= STRAIGHT { rises } else { Verdict::Inconclusive };
    let verdict = if rises == Verdict::Supported { straight } else { rises };
    let ratio = mean_text(&ratios(results, CROSS_STITCH), 2);
    let slope = mean_text(&slopes, 1);
    let ours = format!(
        "{slope} ms a task and epoch more with each module, a line explains {:.0} %; {MOST} \
         modules take {ratio} times as long as {FEWEST}",
        100.0 * explained
    );
    Finding::new(ours, verdict)
}

/// Slope of the least-squares line over the number of modules, and the share of the variance that
/// it explains.
fn fit(times: &[f64; 4]) -> (f64, f64) {
    let xs = MODULES.map(|modules| modules as f64);
    let center = |values: &[f64; 4]| values.map(|value| value - values.iter().sum::<f64>() / 4.0);
    let dot = |a: &[f64; 4], b: &[f64; 4]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (xs, ys) = (center(&xs), center(times));
    let slope = dot(&xs, &ys) / dot(&xs, &xs);
    (slope, slope * dot(&xs, &ys) / dot(&ys, &ys))
}

fn improvement(results: &Results) -> Finding {
    let routed = results.runs.by_seed(&label(ROUTING, MOST), TIME);
    let stitched = results.runs.by_seed(&label(CROSS_STITCH, MOST), TIME);
    if routed.is_empty() || !verdict::paired(&routed, &stitched) {
        return Finding::new("not measured", Verdict::NotTested);
    }
    let pairs = routed.iter().zip(&stitched);
    let change: Vec<f64> =
        pairs.map(|((_, ours), (_, theirs))| 100.0 * (ours / theirs - 1.0)).collect();
    let change = mean_text(&change, 0).replace('-', "−");
    Finding::new(format!("{change} % with {MOST} modules"), Verdict::NotTested)
}

fn better_with_any_number(results: &Results) -> Finding {
    let each = MODULES.map(|modules| {
        let other = label(CROSS_STITCH, modules);
        (modules, beats(results, &label(ROUTING, modules), &[&other]))
    });
    let texts = each.iter().map(|(modules, finding)| format!("{modules}: {}", finding.ours));
    let texts: Vec<String> = texts.collect();
    Finding::new(texts.join("; "), verdict::all(each.iter().map(|(_, finding)| finding.verdict)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_and_a_curve_is_not_one() {
        let line = MODULES.map(|modules| 1.0 + 0.5 * modules as f64);
        let (slope, explained) = fit(&line);
        assert!((slope - 0.5).abs() < 1e-12 && (explained - 1.0).abs() < 1e-12);
        assert!(fit(&[1.0, 2.0, 1.0, 1.2]).1 < STRAIGHT);
    }
}

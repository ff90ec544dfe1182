//! What every entry of the registry keeps, and each one's closed forms.

use proptest::prelude::*;

use super::*;
use crate::log::strategy::logs;
use crate::log::{Choice, RoutingRow};

const TOLERANCE: f64 = 1e-9;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn values_are_in_range(log in logs(true)) {
        for def in METRICS {
            let range = (def.range)(log.header());
            match (def.compute)(&log) {
                Ok(value) => prop_assert!(
                    value >= range.start() - TOLERANCE && value <= range.end() + TOLERANCE,
                    "{}: {value} is not in {range:?}", def.name
                ),
                Err(MetricError::Empty) => prop_assert!(log.rows().is_empty()),
                Err(error) => prop_assert!(
                    matches!(
                        error,
                        MetricError::OneContext
                            | MetricError::OneRule
                            | MetricError::NoModule
                            | MetricError::FewerModulesThanRules { .. }
                    ),
                    "{}: {error}", def.name
                ),
            }
        }
    }

    #[test]
    fn renaming_modules_changes_nothing(log in logs(true), turn in 0_usize..4) {
        let renamed = renamed(&log, turn);
        for def in METRICS {
            match ((def.compute)(&log), (def.compute)(&renamed)) {
                (Ok(before), Ok(after)) => {
                    prop_assert!((before - after).abs() < TOLERANCE, "{}", def.name);
                }
                (before, after) => prop_assert_eq!(before, after),
            }
        }
    }

    #[test]
    fn the_order_of_rows_changes_nothing(log in logs(true)) {
        let (header, mut rows) = log.clone().into_parts();
        rows.sort_by_key(|row| (row.depth, row.sample));
        let sorted = RoutingLog::new(header, rows).unwrap();
        for def in METRICS {
            match ((def.compute)(&log), (def.compute)(&sorted)) {
                (Ok(before), Ok(after)) => {
                    prop_assert!((before - after).abs() < TOLERANCE, "{}", def.name);
                }
                (before, after) => prop_assert_eq!(before, after),
            }
        }
    }
}

/// The log with each depth's modules turned and mirrored, another renaming at each depth.
fn renamed(log: &RoutingLog, turn: usize) -> RoutingLog {
    let (header, mut rows) = log.clone().into_parts();
    for row in &mut rows {
        let modules = header.modules[row.depth as usize];
        let name = |module: usize| (2 * modules - 1 - module + turn + row.depth as usize) % modules;
        row.choice = match &row.choice {
            Choice::Module(module) => Choice::Module(name(*module as usize) as u32),
            Choice::Weights(weights) => {
                let mut moved = vec![0.0; modules];
                weights.iter().enumerate().for_each(|(m, weight)| moved[name(m)] = *weight);
                Choice::Weights(moved)
            }
            other => other.clone(),
        };
    }
    RoutingLog::new(header, rows).unwrap()
}

#[test]
fn a_log_without_rows_is_an_error() {
    let log = RoutingLog::new(LogHeader::new(vec![3]), Vec::new()).unwrap();
    for def in METRICS {
        assert_eq!((def.compute)(&log), Err(MetricError::Empty), "{}", def.name);
    }
}

#[test]
fn metrics_that_need_a_context_or_a_rule_say_so() {
    let log = closed(|_, _| Choice::Module(0), false);
    for def in METRICS {
        let needs = (def.compute)(&log) == Err(MetricError::NeedsContext { row: 1 });
        assert_eq!(needs, def.needs_context, "{}", def.name);
        let needs = (def.compute)(&log) == Err(MetricError::NeedsRule { row: 1 });
        assert_eq!(needs, def.needs_condition, "{}", def.name);
    }
}

const MODULES: usize = 4;
const CONTEXTS: u64 = 4;
const DEPTHS: usize = 3;

/// 16 samples, sample i of context i mod 4.
fn closed(choice: impl Fn(u64, u32) -> Choice, contexts: bool) -> RoutingLog {
    let mut header = LogHeader::new(vec![MODULES; DEPTHS]);
    header.contexts = (0..CONTEXTS).map(|context| context.to_string()).collect();
    let mut rows = Vec::new();
    for sample in 0..16 {
        for depth in 0..DEPTHS as u32 {
            let context = contexts.then_some((sample % CONTEXTS) as u32);
            let choice = choice(sample, depth);
            rows.push(RoutingRow { sample, depth, context, condition: None, agent: None, choice });
        }
    }
    RoutingLog::new(header, rows).unwrap()
}

#[test]
fn closed_forms() {
    // Every context uses every module evenly: samples of context c are c, c + 4, c + 8, c + 12.
    let uniform = closed(|sample, _| Choice::Module((sample / CONTEXTS) as u32), true);
    let one_module = closed(|_, depth| Choice::Module(depth), true);
    let one_a_context = closed(|sample, _| Choice::Module((sample % CONTEXTS) as u32), true);
    let soft = closed(|_, _| Choice::Weights(vec![0.25; MODULES]), true);
    let log_modules = 4.0_f64.ln();
    let over_draws = |distance: fn(&[f64]) -> f64| {
        let draws = adaptation::frequencies(MODULES);
        draws.map(|p| distance(&p)).sum::<f64>() / adaptation::DRAWS as f64
    };
    let to_even = over_draws(|p| 0.5 * p.iter().map(|p| (p - 0.25).abs()).sum::<f64>());
    let to_one = over_draws(|p| 1.0 - p.iter().copied().fold(0.0, f64::max));
    for def in METRICS {
        let expected = match def.name {
            "adaptation" => [to_even, to_one, 0.0, to_even],
            "alignment" => [0.75, 0.75, 0.0, 0.75],
            "collapse_avg" | "collapse_worst" => [0.0, 1.0, 0.0, 0.0],
            "context_entropy" => [log_modules, 0.0, 0.0, log_modules],
            "dispatch_entropy" => [0.0; 4],
            "distinct_paths" => [4.0, 1.0, 4.0, 1.0],
            "inverse_mutual_information" => [1.0, 1.0, 0.0, 1.0],
            "largest_share" => [0.25, 1.0, 0.25, 0.25],
            "modules_used" => [12.0, 3.0, 12.0, 12.0],
            "path_overlap" => [0.75, 3.0, 0.0, 0.75],
            "selection_entropy" => [log_modules, 0.0, log_modules, log_modules],
            other => panic!("write {other}'s closed forms"),
        };
        for (log, expected) in [&uniform, &one_module, &one_a_context, &soft].iter().zip(expected) {
            let value = (def.compute)(log).unwrap();
            assert!((value - expected).abs() < 1e-12, "{}: {value}, not {expected}", def.name);
        }
    }
}

#[test]
fn folder_and_registry_agree() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/metric");
    let helpers = ["mod", "tally", "routing_map", "conformance", "tests"];
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| !helpers.contains(&name.as_str()))
        .collect();
    files.sort();
    let names: Vec<&str> = METRICS.iter().map(|def| def.name).collect();
    assert_eq!(files, names);
    assert!(metric("selection_entropy").is_some() && metric("entropy").is_none());
}

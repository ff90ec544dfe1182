//! What every entry of the registry keeps, and each one's closed forms.

use proptest::prelude::*;

use super::*;
use crate::log::strategy::logs;
use crate::log::{Choice, LogHeader, RoutingRow};

const TOLERANCE: f64 = 1e-9;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn values_are_in_range_and_symmetric(first in logs(false), second in logs(false)) {
        for def in PAIR_METRICS {
            match ((def.compute)(&first, &second), (def.compute)(&second, &first)) {
                (Ok(there), Ok(back)) => {
                    let (least, most) = (def.range.start(), def.range.end());
                    prop_assert!(there >= least - TOLERANCE && there <= most + TOLERANCE,
                        "{}: {there}", def.name);
                    prop_assert!((there - back).abs() < TOLERANCE, "{}", def.name);
                }
                (Err(error), Err(_)) => {
                    let empty = matches!(error, PairMetricError::Empty { .. });
                    prop_assert_eq!(empty, first.rows().is_empty() || second.rows().is_empty());
                }
                (one, other) => prop_assert!(false, "{}: {one:?}, {other:?}", def.name),
            }
        }
    }

    #[test]
    fn a_log_agrees_with_itself_under_any_allowed_name(log in logs(false), turn in 0_usize..4) {
        prop_assume!(!log.rows().is_empty());
        for def in PAIR_METRICS {
            let same = if def.renames { 1.0 } else { 0.0 };
            let itself = (def.compute)(&log, &log).unwrap();
            prop_assert!((itself - same).abs() < TOLERANCE, "{}: {itself}", def.name);
            let (named, other) = (renamed(&log, turn), renamed(&log, turn));
            let both = (def.compute)(&named, &other).unwrap();
            prop_assert!((both - same).abs() < TOLERANCE, "{}: {both}", def.name);
            if def.renames {
                let one = (def.compute)(&log, &named).unwrap();
                prop_assert!((one - same).abs() < TOLERANCE, "{}: {one}", def.name);
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

/// 16 samples at two depths with four modules each.
fn log(choice: impl Fn(u64, u32) -> Choice) -> RoutingLog {
    let row = |sample: u64, depth: u32| RoutingRow {
        sample,
        depth,
        context: None,
        condition: None,
        agent: None,
        choice: choice(sample, depth),
    };
    let rows = (0..16).flat_map(|sample| [row(sample, 0), row(sample, 1)]).collect();
    RoutingLog::new(LogHeader::new(vec![4, 4]), rows).unwrap()
}

#[test]
fn closed_forms() {
    let module = |module: u64| Choice::Module((module % 4) as u32);
    let by_low = log(|sample, _| module(sample));
    let turned = log(|sample, _| module(sample + 1));
    // Independent of the first: every pair of modules meets once at each depth.
    let by_high = log(|sample, _| module(sample / 4));
    let one = log(|_, _| module(0));
    // A quarter of the samples at the second depth moves.
    let moved = log(|sample, depth| module(sample + u64::from(depth == 1 && sample < 4)));
    let soft = log(|_, _| Choice::Weights(vec![0.25; 4]));
    // Four pairs of equal members in each of 4 groups: Σ C(n_ab, 2) = 0, E = 24 · 24 / 120.
    let independent = (0.0 - 4.8) / (24.0 - 4.8);
    // Each moved sample joins another group: three of four stay, n_ab is 3 four times and 1 four.
    let nearly = (1.0 + (12.0 - 4.8) / (24.0 - 4.8)) / 2.0;
    for def in PAIR_METRICS {
        let expected = match def.name {
            "decision_fluctuation" => [1.0, 0.75, 0.75, 0.125, 0.75],
            "path_fluctuation" => [1.0, 0.75, 0.75, 0.25, 1.0],
            "adjusted_rand" => [1.0, independent, 0.0, nearly, 0.0],
            "matched_agreement" => [1.0, 0.25, 0.25, 0.875, 0.25],
            other => panic!("write {other}'s closed forms"),
        };
        for (other, expected) in [&turned, &by_high, &one, &moved, &soft].iter().zip(expected) {
            let value = (def.compute)(&by_low, other).unwrap();
            assert!((value - expected).abs() < 1e-12, "{}: {value}, not {expected}", def.name);
        }
    }
}

#[test]
fn logs_that_cannot_be_compared_are_errors() {
    let full = log(|_, _| Choice::Module(0));
    let empty = RoutingLog::new(LogHeader::new(vec![4]), Vec::new()).unwrap();
    let (header, mut rows) = full.clone().into_parts();
    rows.iter_mut().for_each(|row| row.sample += 100);
    let others = RoutingLog::new(header, rows).unwrap();
    for def in PAIR_METRICS {
        let none = |which| Err(PairMetricError::Empty { which });
        assert_eq!((def.compute)(&empty, &full), none("first"), "{}", def.name);
        assert_eq!((def.compute)(&full, &empty), none("second"), "{}", def.name);
        let apart = (def.compute)(&full, &others);
        assert_eq!(apart, Err(PairMetricError::NoSharedSamples), "{}", def.name);
    }
}

#[test]
fn folder_and_registry_agree() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/pair");
    let helpers = ["mod", "align", "assignment", "conformance", "tests"];
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| !helpers.contains(&name.as_str()))
        .collect();
    files.sort();
    let names: Vec<&str> = PAIR_METRICS.iter().map(|def| def.name).collect();
    assert_eq!(files, names);
    assert!(pair_metric("adjusted_rand").is_some() && pair_metric("rand").is_none());
}

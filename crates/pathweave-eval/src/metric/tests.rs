//! Each metric against its scalar restatement, and the edges of each.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::*;
use crate::log::strategy::logs;
use crate::log::{Choice, RoutingRow};

/// The row's probability of a choice, named by a text.
fn spread(row: &RoutingRow) -> Vec<(String, f64)> {
    match &row.choice {
        Choice::Module(module) => vec![(module.to_string(), 1.0)],
        Choice::Skip => vec![("skip".into(), 1.0)],
        Choice::End => vec![("end".into(), 1.0)],
        Choice::Weights(weights) => {
            let sum: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
            let named = weights.iter().enumerate();
            named.map(|(m, weight)| (m.to_string(), f64::from(*weight) / sum)).collect()
        }
    }
}

fn entropy(rows: &[&RoutingRow]) -> f64 {
    let mut shares: HashMap<String, f64> = HashMap::new();
    for (name, share) in rows.iter().flat_map(|row| spread(row)) {
        *shares.entry(name).or_default() += share / rows.len() as f64;
    }
    shares.values().filter(|share| **share > 0.0).map(|share| -share * share.ln()).sum()
}

fn at(log: &RoutingLog, keep: impl Fn(&RoutingRow) -> bool) -> Vec<&RoutingRow> {
    log.rows().iter().filter(|row| keep(row)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn entropies_are_their_definitions(log in logs(true)) {
        prop_assume!(!log.rows().is_empty());
        let depths: HashSet<u32> = log.rows().iter().map(|row| row.depth).collect();
        let (mut marginal, mut conditional) = (0.0, 0.0);
        for &depth in &depths {
            let here = at(&log, |row| row.depth == depth);
            marginal += entropy(&here) / depths.len() as f64;
            for context in 0..4 {
                let rows = at(&log, |row| row.depth == depth && row.context == Some(context));
                if !rows.is_empty() {
                    let share = rows.len() as f64 / here.len() as f64;
                    conditional += share * entropy(&rows) / depths.len() as f64;
                }
            }
        }
        let computed = selection_entropy::selection_entropy(&log).unwrap();
        prop_assert!((computed - marginal).abs() < 1e-9);
        let computed = context_entropy::context_entropy(&log).unwrap();
        prop_assert!((computed - conditional).abs() < 1e-9);
    }

    #[test]
    fn overlap_is_the_expectation_over_pairs_of_samples(log in logs(true)) {
        prop_assume!(!log.rows().is_empty());
        let found = path_overlap::matrix(&log).unwrap();
        let samples = |context| -> HashSet<u64> {
            at(&log, |row| row.context == Some(context)).iter().map(|row| row.sample).collect()
        };
        let mut pairs = Vec::new();
        for (i, &first) in found.contexts.iter().enumerate() {
            for (j, &second) in found.contexts.iter().enumerate() {
                let mut agreed = 0.0;
                for one in at(&log, |row| row.context == Some(first)) {
                    for two in at(&log, |r| r.context == Some(second) && r.depth == one.depth) {
                        for (name, share) in spread(one) {
                            let module = name != "skip" && name != "end";
                            let same = spread(two).into_iter().filter(|(n, _)| module && *n == name);
                            agreed += same.map(|(_, other)| share * other).sum::<f64>();
                        }
                    }
                }
                let draws = samples(first).len() * samples(second).len();
                let expected = agreed / draws as f64;
                prop_assert!((found.overlap[i][j] - expected).abs() < 1e-9);
                if i < j {
                    pairs.push(expected);
                }
            }
        }
        match path_overlap::path_overlap(&log) {
            Ok(value) => {
                let mean = pairs.iter().sum::<f64>() / pairs.len() as f64;
                prop_assert!((value - mean).abs() < 1e-9);
            }
            Err(error) => prop_assert!(pairs.is_empty() && error == MetricError::OneContext),
        }
    }

    #[test]
    fn the_map_shows_the_largest_share(log in logs(true)) {
        prop_assume!(!log.rows().is_empty());
        let map = routing_map::routing_map(&log).unwrap();
        for (&context, cells) in map.contexts.iter().zip(&map.cells) {
            prop_assert_eq!(cells.len(), log.header().depths());
            for (depth, cell) in cells.iter().enumerate() {
                let rows = at(&log, |r| r.context == Some(context) && r.depth == depth as u32);
                prop_assert_eq!(cell.is_some(), !rows.is_empty());
                let Some(cell) = cell else { continue };
                let name = match &cell.choice {
                    Choice::Module(module) => module.to_string(),
                    Choice::Skip => "skip".into(),
                    Choice::End => "end".into(),
                    Choice::Weights(_) => panic!("weights in a map"),
                };
                let of_name = rows.iter().flat_map(|row| spread(row)).filter(|(n, _)| *n == name);
                let share = of_name.map(|(_, share)| share).sum::<f64>() / rows.len() as f64;
                prop_assert!((cell.share - share).abs() < 1e-9);
                prop_assert!(cell.shares.iter().all(|other| *other <= cell.share));
                prop_assert!((cell.shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn paths_are_counted_once(log in logs(true)) {
        prop_assume!(!log.rows().is_empty());
        let mut paths: HashMap<u64, Vec<String>> = HashMap::new();
        for depth in 0..log.header().depths() as u32 {
            for row in at(&log, |row| row.depth == depth) {
                let choices = spread(row);
                let top = choices.iter().map(|(_, share)| *share).fold(0.0, f64::max);
                let tied = choices.iter().filter(|(_, share)| *share == top);
                let step: Vec<&str> = tied.map(|(name, _)| name.as_str()).collect();
                paths.entry(row.sample).or_default().push(step.join("+"));
            }
        }
        let distinct: HashSet<Vec<String>> = paths.into_values().collect();
        prop_assert_eq!(distinct_paths::distinct_paths(&log).unwrap(), distinct.len() as f64);
    }
}

/// One context a row of `paths`, one sample each; a path's −1 is skip and −2 is end.
fn log_of(paths: &[&[i32]]) -> RoutingLog {
    let mut rows = Vec::new();
    for (sample, path) in paths.iter().enumerate() {
        for (depth, &choice) in path.iter().enumerate() {
            let choice = match choice {
                -1 => Choice::Skip,
                -2 => Choice::End,
                module => Choice::Module(module as u32),
            };
            let context = Some(sample as u32);
            let (sample, depth) = (sample as u64, depth as u32);
            rows.push(RoutingRow { sample, depth, context, condition: None, agent: None, choice });
        }
    }
    RoutingLog::inferred(rows).unwrap()
}

#[test]
fn skipping_together_is_no_overlap() {
    let log = log_of(&[&[0, -1, 1], &[0, -1, 2], &[1, -2]]);
    let found = path_overlap::matrix(&log).unwrap();
    assert_eq!(found.overlap, [[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 1.0]]);
    assert!((path_overlap::path_overlap(&log).unwrap() - 1.0 / 3.0).abs() < 1e-15);
    assert_eq!(modules_used::per_depth(&log).unwrap(), [2, 0, 2]);
    assert_eq!(distinct_paths::distinct_paths(&log).unwrap(), 3.0);
}

#[test]
fn depths_that_nobody_reached_do_not_count() {
    let (_, rows) = log_of(&[&[0], &[1]]).into_parts();
    let log = RoutingLog::new(LogHeader::new(vec![2, 2]), strip_context(rows)).unwrap();
    let bits = selection_entropy::per_depth(&log).unwrap();
    assert!((bits[0].unwrap() - std::f64::consts::LN_2).abs() < 1e-15 && bits[1].is_none());
    assert_eq!(selection_entropy::selection_entropy(&log).unwrap(), bits[0].unwrap());
    assert_eq!(largest_share::per_depth(&log).unwrap(), [Some(0.5), None]);
}

fn strip_context(rows: Vec<RoutingRow>) -> Vec<RoutingRow> {
    rows.into_iter().map(|row| RoutingRow { context: None, ..row }).collect()
}

#[test]
fn one_context_has_no_pairs() {
    let log = log_of(&[&[0, 1]]);
    assert_eq!(path_overlap::path_overlap(&log), Err(MetricError::OneContext));
    assert_eq!(path_overlap::matrix(&log).unwrap().overlap, [[2.0]]);
}

//! Each metric against its scalar restatement, and the edges of each.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::log::strategy::logs;
use crate::log::{Choice, LogHeader, RoutingLog, RoutingRow};

/// Probability of each choice by name.
fn spread(row: &RoutingRow) -> BTreeMap<String, f64> {
    match &row.choice {
        Choice::Module(module) => [(module.to_string(), 1.0)].into(),
        Choice::Skip => [("skip".to_owned(), 1.0)].into(),
        Choice::End => [("end".to_owned(), 1.0)].into(),
        Choice::Weights(weights) => {
            let sum: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
            let named = weights.iter().enumerate();
            named.map(|(m, weight)| (m.to_string(), f64::from(*weight) / sum)).collect()
        }
    }
}

fn find(log: &RoutingLog, sample: u64, depth: u32) -> Option<&RoutingRow> {
    log.rows().iter().find(|row| row.sample == sample && row.depth == depth)
}

fn samples(log: &RoutingLog) -> BTreeSet<u64> {
    log.rows().iter().map(|row| row.sample).collect()
}

/// (sample, depth) of either log, of common samples.
fn sites(first: &RoutingLog, second: &RoutingLog) -> BTreeSet<(u64, u32)> {
    let common: BTreeSet<u64> = samples(first).intersection(&samples(second)).copied().collect();
    let rows = first.rows().iter().chain(second.rows());
    rows.filter(|row| common.contains(&row.sample)).map(|row| (row.sample, row.depth)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn fluctuation_is_the_mean_variation_distance(first in logs(false), second in logs(false)) {
        let Ok(value) = decision_fluctuation::decision_fluctuation(&first, &second) else {
            return Ok(());
        };
        let sites = sites(&first, &second);
        let mut sum = 0.0;
        for &(sample, depth) in &sites {
            sum += match (find(&first, sample, depth), find(&second, sample, depth)) {
                (Some(one), Some(two)) => {
                    let (p, q) = (spread(one), spread(two));
                    let names: BTreeSet<&String> = p.keys().chain(q.keys()).collect();
                    let of = |of: &BTreeMap<String, f64>, name| of.get(name).copied().unwrap_or(0.0);
                    names.iter().map(|n| (of(&p, *n) - of(&q, *n)).abs() / 2.0).sum::<f64>()
                }
                _ => 1.0,
            };
        }
        prop_assert!((value - sum / sites.len() as f64).abs() < 1e-6);
    }

    #[test]
    fn the_adjusted_index_counts_pairs_of_samples(
        choices in prop::collection::vec((0_u32..4, 0_u32..3), 2..14),
    ) {
        let log = |of: fn(&(u32, u32)) -> u32| {
            let rows = choices.iter().enumerate().map(|(at, pair)| hard(at as u64, 0, of(pair)));
            RoutingLog::new(LogHeader::new(vec![4]), rows.collect()).unwrap()
        };
        // Over pairs of samples: together in both, in the first, in the second, all.
        let (mut both, mut one, mut two, mut all) = (0.0, 0.0, 0.0, 0.0);
        for (at, first) in choices.iter().enumerate() {
            for second in &choices[at + 1..] {
                let (a, b) = (first.0 == second.0, first.1 == second.1);
                both += f64::from(u8::from(a && b));
                one += f64::from(u8::from(a));
                two += f64::from(u8::from(b));
                all += 1.0;
            }
        }
        let chance = one * two / all;
        let most = (one + two) / 2.0;
        prop_assume!(most > chance);
        let expected = (both - chance) / (most - chance);
        let value = adjusted_rand::adjusted_rand(&log(|p| p.0), &log(|p| p.1)).unwrap();
        prop_assert!((value - expected).abs() < 1e-9);
    }

    #[test]
    fn agreement_is_the_best_over_renamings(
        choices in prop::collection::vec((0_usize..4, 0_usize..4), 1..14),
    ) {
        let log = |of: fn(&(usize, usize)) -> usize| {
            let rows = choices.iter().enumerate();
            let rows = rows.map(|(at, pair)| hard(at as u64, 0, of(pair) as u32)).collect();
            RoutingLog::new(LogHeader::new(vec![4]), rows).unwrap()
        };
        let mut best = 0;
        for code in 0..256_usize {
            let name = [code % 4, code / 4 % 4, code / 16 % 4, code / 64];
            if name.iter().collect::<BTreeSet<_>>().len() == 4 {
                best = best.max(choices.iter().filter(|(a, b)| *a == name[*b]).count());
            }
        }
        let value = matched_agreement::matched_agreement(&log(|p| p.0), &log(|p| p.1)).unwrap();
        prop_assert!((value - best as f64 / choices.len() as f64).abs() < 1e-9);
    }
}

fn hard(sample: u64, depth: u32, module: u32) -> RoutingRow {
    let choice = Choice::Module(module);
    RoutingRow { sample, depth, context: None, condition: None, agent: None, choice }
}

#[test]
fn a_path_that_ends_earlier_is_another_path() {
    let long = RoutingLog::inferred(vec![hard(7, 0, 1), hard(7, 1, 0)]).unwrap();
    let mut ended = hard(7, 0, 0);
    ended.choice = Choice::End;
    let short = RoutingLog::inferred(vec![ended]).unwrap();
    assert_eq!(decision_fluctuation::decision_fluctuation(&long, &short), Ok(1.0));
    assert_eq!(path_fluctuation::path_fluctuation(&long, &short), Ok(1.0));
    assert_eq!(matched_agreement::matched_agreement(&long, &short), Ok(0.0));
    let first = RoutingLog::inferred(vec![hard(7, 0, 1)]).unwrap();
    assert_eq!(decision_fluctuation::decision_fluctuation(&long, &first), Ok(0.5));
    let deep = RoutingLog::inferred(vec![hard(7, 1, 0)]).unwrap();
    let none = adjusted_rand::adjusted_rand(&first, &deep);
    assert_eq!(none, Err(PairMetricError::NoSharedDecisions));
}

#[test]
fn samples_of_one_log_alone_do_not_count() {
    let first = RoutingLog::inferred(vec![hard(1, 0, 0), hard(2, 0, 0)]).unwrap();
    let second = RoutingLog::inferred(vec![hard(2, 0, 0), hard(3, 0, 1)]).unwrap();
    assert_eq!(path_fluctuation::path_fluctuation(&first, &second), Ok(0.0));
}

#[test]
fn too_many_modules_are_not_matched() {
    let rows = |turn: u32| (0..2000).map(|at| hard(u64::from(at), 0, (at + turn) % 2000)).collect();
    let logs = [0, 1].map(|turn| RoutingLog::inferred(rows(turn)).unwrap());
    let error = matched_agreement::matched_agreement(&logs[0], &logs[1]).unwrap_err();
    let most = matched_agreement::MODULES_MATCHED;
    assert_eq!(error, PairMetricError::TooManyModules { found: 2000, most });
}

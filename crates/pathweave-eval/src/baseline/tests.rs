use proptest::prelude::*;

use super::*;
use crate::log::strategy::logs;
use crate::log::{Choice, LogHeader, RoutingLog, RoutingRow};
use crate::metric::metric;

/// `each` decisions of each of `rules` rules among `modules` modules.
fn log(rules: u32, modules: usize, each: u64, choice: impl Fn(u32, u64) -> Choice) -> RoutingLog {
    let mut header = LogHeader::new(vec![modules]);
    header.conditions = (0..rules).map(|rule| rule.to_string()).collect();
    let mut rows = Vec::new();
    for rule in 0..rules {
        for number in 0..each {
            let choice = choice(rule, number);
            let (sample, condition) = (u64::from(rule) * each + number, Some(rule));
            rows.push(RoutingRow {
                sample,
                depth: 0,
                context: None,
                condition,
                agent: None,
                choice,
            });
        }
    }
    RoutingLog::new(header, rows).unwrap()
}

fn assessed(log: &RoutingLog, name: &str) -> Assessment {
    let all = Evidence::of_log(log).unwrap().assess();
    all.into_iter().find(|(def, _)| def.name == name).unwrap().1.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn values_are_those_of_the_log_and_lie_in_their_intervals(log in logs(true)) {
        let Ok(evidence) = Evidence::of_log(&log) else { return Ok(()) };
        for (def, assessment) in evidence.assess() {
            let of_log = (metric(def.name).unwrap().compute)(&log);
            match (&assessment, of_log) {
                // Sums over rules and over rows may differ in the last bit.
                (Ok(of), Ok(value)) => prop_assert!((of.value - value).abs() < 1e-12),
                (of, value) => prop_assert_eq!(of.as_ref().err(), value.as_ref().err()),
            }
            let Ok(Assessment { value, interval: Some(interval), uniform, oracle }) = assessment else {
                continue;
            };
            prop_assert!(0.0 <= interval.low && interval.low <= value);
            prop_assert!(value <= interval.high && interval.high <= 1.0);
            prop_assert!(uniform.is_some() && oracle.is_some());
        }
    }
}

#[test]
fn perfect_routing_is_the_oracle() {
    for rules in [2_u32, 4, 8] {
        let perfect = log(rules, rules as usize, 50, |rule, _| Choice::Module(rule));
        for def in JOINT_METRICS {
            let Assessment { value, interval, uniform, oracle } = assessed(&perfect, def.name);
            assert_eq!((value, oracle), (0.0, Some(0.0)), "{}", def.name);
            assert_eq!(interval, Some(Interval { low: 0.0, high: 0.0 }));
            let uniform = uniform.unwrap();
            let even = 1.0 - 1.0 / f64::from(rules);
            match def.name {
                // A little below, since 50 decisions fit some module better than others.
                "alignment" => assert!(uniform.mean < even && uniform.mean > even - 0.1),
                "inverse_mutual_information" => assert!(uniform.mean > 0.9),
                "collapse_avg" | "collapse_worst" => assert!(uniform.mean < 0.5),
                _ => assert!(uniform.mean > 0.05),
            }
            assert!(uniform.range.low <= uniform.mean && uniform.mean <= uniform.range.high);
        }
    }
}

#[test]
fn many_uniform_decisions_approach_the_closed_forms() {
    let even = log(4, 4, 4000, |_, number| Choice::Module((number % 4) as u32));
    let alignment = assessed(&even, "alignment");
    assert!((alignment.value - 0.75).abs() < 1e-12);
    assert!((alignment.uniform.unwrap().mean - 0.75).abs() < 0.02);
    let information = assessed(&even, "inverse_mutual_information");
    assert!((information.value - 1.0).abs() < 1e-12);
    assert!(information.uniform.unwrap().mean > 0.999);
    let soft = log(4, 4, 50, |_, _| Choice::Weights(vec![0.25; 4]));
    let interval = assessed(&soft, "alignment").interval.unwrap();
    assert!(interval.high - interval.low < 1e-12, "equal weights do not vary: {interval:?}");
}

#[test]
fn soft_decisions_that_are_hard_have_the_interval_of_hard_ones() {
    let module =
        |rule: u32, number: u64| (u64::from(rule) + u64::from(number.is_multiple_of(3))) % 2;
    let hard = log(2, 2, 900, |rule, number| Choice::Module(module(rule, number) as u32));
    let soft = log(2, 2, 900, |rule, number| {
        let mut weights = vec![0.0; 2];
        weights[module(rule, number) as usize] = 1.0;
        Choice::Weights(weights)
    });
    let [hard, soft] = [hard, soft].map(|log| assessed(&log, "alignment").interval.unwrap());
    assert!((hard.low - soft.low).abs() < 0.02 && (hard.high - soft.high).abs() < 0.02);
    // A share of 1/3 of 1800 decisions: ± 1.96 √(2/9 / 1800).
    assert!((0.5 * (hard.high - hard.low) - 0.0218).abs() < 0.006, "{hard:?}");
}

#[test]
fn without_rules_collapse_is_told_and_specialization_is_not() {
    let rows = (0..40).map(|sample| RoutingRow {
        sample,
        depth: 0,
        context: None,
        condition: None,
        agent: None,
        choice: Choice::Module((sample % 3) as u32),
    });
    let log = RoutingLog::new(LogHeader::new(vec![4]), rows.collect()).unwrap();
    for (def, assessment) in Evidence::of_log(&log).unwrap().assess() {
        assert_eq!(assessment.is_err(), def.needs_rules, "{}", def.name);
        if let Ok(assessment) = assessment {
            assert!(assessment.oracle.is_none() && assessment.uniform.is_some());
        }
    }
}

#[test]
fn shares_without_counts_have_no_interval() {
    let joint = Joint::from_matrix(&[vec![0.4, 0.1], vec![0.2, 0.3]]).unwrap();
    for (def, assessment) in Evidence::of_joints(&[Some(joint), None], true).assess() {
        let Assessment { interval, uniform, oracle, .. } = assessment.unwrap();
        assert!(interval.is_none() && uniform.is_none() && oracle == Some(0.0), "{}", def.name);
    }
}

//! Each metric restated from the document, and its edges.

use proptest::prelude::*;

use super::*;
use crate::metric::{adaptation, alignment, collapse_avg, inverse_mutual_information};

fn value(name: &str, joint: &Joint) -> Result<f64, MetricError> {
    (joint_metric(name).unwrap().compute)(joint)
}

fn matrices(square: bool) -> impl Strategy<Value = Vec<Vec<f64>>> {
    (2_usize..5, 0_usize..3).prop_flat_map(move |(rules, more)| {
        let modules = if square { rules } else { rules + more };
        prop::collection::vec(prop::collection::vec(0.001_f64..1.0, modules), rules)
    })
}

/// Every way to give rule `row` and those after it a free module each.
fn least_distance(a: &[Vec<f64>], row: usize, taken: &mut Vec<bool>) -> f64 {
    let Some(of_row) = a.get(row) else { return 0.0 };
    let mut best = f64::INFINITY;
    for module in 0..of_row.len() {
        if !std::mem::replace(&mut taken[module], true) {
            let target = |m: usize| f64::from(u8::from(m == module));
            let here: f64 = (0..of_row.len()).map(|m| (of_row[m] - target(m)).abs()).sum();
            best = best.min(here + least_distance(a, row + 1, taken));
            taken[module] = false;
        }
    }
    best
}

proptest! {
    #[test]
    fn metrics_are_their_definitions(matrix in matrices(false)) {
        let (rules, modules) = (matrix.len(), matrix[0].len());
        let total: f64 = matrix.iter().flatten().sum();
        let p = |r: usize, m: usize| matrix[r][m] / total;
        let of_module = |m: usize| (0..rules).map(|r| p(r, m)).sum::<f64>();
        let of_rule = |r: usize| (0..modules).map(|m| p(r, m)).sum::<f64>();
        let size = modules as f64;
        let joint = Joint::from_matrix(&matrix).unwrap();

        let lacking: f64 = (0..modules).map(|m| (1.0 / size - of_module(m)).max(0.0)).sum();
        let avg = size / (size - 1.0) * lacking;
        prop_assert!((value("collapse_avg", &joint).unwrap() - avg).abs() < 1e-9);
        let worst = (0..modules).map(|m| 1.0 - size * of_module(m)).fold(0.0, f64::max);
        prop_assert!((value("collapse_worst", &joint).unwrap() - worst).abs() < 1e-9);

        let a: Vec<Vec<f64>> =
            (0..rules).map(|r| (0..modules).map(|m| p(r, m) / of_rule(r)).collect()).collect();
        let distance = least_distance(&a, 0, &mut vec![false; modules]) / (2 * rules) as f64;
        prop_assert!((value("alignment", &joint).unwrap() - distance).abs() < 1e-9);

        let cells = (0..rules).flat_map(|r| (0..modules).map(move |m| (r, m)));
        let information: f64 =
            cells.map(|(r, m)| p(r, m) * (p(r, m) / (of_rule(r) * of_module(m))).ln()).sum();
        let inverse = 1.0 - information / (rules as f64).ln();
        prop_assert!((value("inverse_mutual_information", &joint).unwrap() - inverse).abs() < 1e-9);
    }

    #[test]
    fn rules_that_are_not_seen_change_only_their_own_row(matrix in matrices(true)) {
        let joint = Joint::from_matrix(&matrix).unwrap();
        let mut longer = matrix.clone();
        longer.insert(1, vec![0.0; matrix[0].len()]);
        let longer = Joint::from_matrix(&longer).unwrap();
        prop_assert_eq!(longer.rules(), joint.rules() + 1);
        for def in JOINT_METRICS {
            prop_assert_eq!((def.compute)(&joint), (def.compute)(&longer));
        }
    }

    #[test]
    fn the_builder_is_the_mean_of_its_rows(rows in prop::collection::vec((0_usize..3, prop::collection::vec(0.01_f32..1.0, 2)), 1..20)) {
        let mut builder = JointBuilder::new(3, 2).unwrap();
        rows.iter().for_each(|(rule, weights)| builder.add(*rule, weights));
        let joint = builder.finish().unwrap();
        for rule in 0..3 {
            let here = || rows.iter().filter(|(of, _)| *of == rule).map(|(_, weights)| weights);
            prop_assert_eq!(joint.decisions().unwrap()[rule], here().count() as f64);
            let first: f64 = here().map(|w| f64::from(w[0]) / (f64::from(w[0]) + f64::from(w[1]))).sum();
            prop_assert!((joint.of_rule(rule)[0] - first / rows.len() as f64).abs() < 1e-12);
        }
    }
}

fn identity(size: usize) -> Vec<Vec<f64>> {
    (0..size).map(|r| (0..size).map(|m| f64::from(u8::from(r == m))).collect()).collect()
}

#[test]
fn perfect_uniform_and_collapsed_routing() {
    for size in [2, 3, 8, 32] {
        let perfect = Joint::from_matrix(&identity(size)).unwrap();
        for def in JOINT_METRICS {
            assert!((def.compute)(&perfect).unwrap() < 1e-12, "{}", def.name);
        }
        let even = Joint::from_matrix(&vec![vec![0.1; size]; size]).unwrap();
        let of_even = 1.0 - 1.0 / size as f64;
        assert!((alignment::of_joint(&even).unwrap() - of_even).abs() < 1e-12);
        assert!((inverse_mutual_information::of_joint(&even).unwrap() - 1.0).abs() < 1e-12);
        assert!(collapse_avg::of_joint(&even).unwrap() < 1e-12);
        let one = (0..size).map(|_| identity(size)[0].clone()).collect::<Vec<_>>();
        let one = Joint::from_matrix(&one).unwrap();
        assert_eq!(value("collapse_avg", &one), Ok(1.0));
        assert_eq!(value("collapse_worst", &one), Ok(1.0));
        // All to one module: the distance is what the most frequent rule lacks.
        let lacking = |p: Vec<f64>| 1.0 - p.into_iter().fold(0.0, f64::max);
        let mean = adaptation::frequencies(size).map(lacking).sum::<f64>() / 100.0;
        assert!((value("adaptation", &one).unwrap() - mean).abs() < 1e-12);
    }
}

#[test]
fn frequencies_are_uniform_over_the_simplex() {
    let draws: Vec<Vec<f64>> = adaptation::frequencies(4).collect();
    assert_eq!(draws.len(), adaptation::DRAWS);
    assert_eq!(draws, adaptation::frequencies(4).collect::<Vec<_>>());
    for p in &draws {
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12 && p.iter().all(|p| *p > 0.0));
    }
    // The mean of the largest of four is (1 + 1/2 + 1/3 + 1/4) / 4 = 0.52, its deviation 0.14.
    let largest = draws.iter().map(|p| p.iter().copied().fold(0.0, f64::max)).sum::<f64>() / 100.0;
    assert!((largest - 0.5208).abs() < 0.06, "{largest}");
}

#[test]
fn edges() {
    let one_rule = Joint::from_matrix(&[vec![0.5, 0.5]]).unwrap();
    assert_eq!(value("inverse_mutual_information", &one_rule), Err(MetricError::OneRule));
    assert_eq!(value("adaptation", &one_rule), Err(MetricError::OneRule));
    assert_eq!(value("alignment", &one_rule), Ok(0.5));
    assert_eq!(value("collapse_avg", &one_rule), Ok(0.0));

    let one_module = Joint::from_matrix(&[vec![0.5], vec![0.5]]).unwrap();
    let fewer = Err(MetricError::FewerModulesThanRules { rules: 2, modules: 1 });
    assert_eq!(value("alignment", &one_module), fewer);
    assert_eq!(value("adaptation", &one_module), fewer);
    assert_eq!(value("inverse_mutual_information", &one_module), Ok(1.0));
    assert_eq!(value("collapse_avg", &one_module), Ok(0.0));
    assert_eq!(value("collapse_worst", &one_module), Ok(0.0));

    assert_eq!(Joint::from_matrix(&[]), Err(MetricError::Empty));
    assert_eq!(Joint::from_matrix(&[vec![0.0, 0.0]]), Err(MetricError::Empty));
    assert_eq!(Joint::from_matrix(&[vec![-1.0, 2.0]]), Err(MetricError::NotFinite));
    assert_eq!(Joint::from_matrix(&[vec![f64::NAN, 1.0]]), Err(MetricError::NotFinite));
    assert!(matches!(Joint::from_matrix(&[vec![1.0], vec![]]), Err(MetricError::BadPairs(_))));
    assert!(matches!(JointBuilder::new(1 << 16, 1 << 16), Err(MetricError::TooLarge { .. })));

    assert_eq!(JointBuilder::new(2, 2).unwrap().finish(), Err(MetricError::Empty));
    for weights in [[f32::NAN, 1.0], [0.0, 0.0], [-1.0, 3.0], [f32::INFINITY, 0.0]] {
        let mut builder = JointBuilder::new(2, 2).unwrap();
        builder.add(0, &weights);
        assert_eq!(builder.finish(), Err(MetricError::NotFinite), "{weights:?}");
    }
    assert_eq!(adaptation::of_pairs(&[]), Err(MetricError::Empty));
    let nan = [(vec![0.5, 0.5], vec![f64::NAN, 0.5])];
    assert_eq!(adaptation::of_pairs(&nan), Err(MetricError::NotFinite));
    let short = [(vec![0.5, 0.5], vec![1.0])];
    assert!(matches!(adaptation::of_pairs(&short), Err(MetricError::BadPairs(_))));
}

//! Data sets that are drawn: lines and formulas.

use std::collections::BTreeSet;

use pathweave_data::dataset::formula::{MINUS, PLUS, TIMES, value};
use pathweave_data::dataset::lines::Line;
use pathweave_data::dataset::{FormulaSpec, LinesSpec};
use pathweave_data::{DATASETS, DRAWN, Split};
use proptest::prelude::*;

#[test]
fn names_are_told_apart_from_those_of_runs() {
    let names: BTreeSet<&str> = DATASETS.iter().chain(DRAWN).map(|row| row.name).collect();
    assert_eq!(names.len(), DATASETS.len() + DRAWN.len());
}

#[test]
fn points_lie_on_their_lines_in_their_parts() {
    let spec = LinesSpec { noise: 0.0, ..LinesSpec::default() };
    let points = spec.draw(Split::Train);
    assert_eq!((points.len(), points.is_empty()), (80, false));
    for ((&x, &y), &line) in points.x.iter().zip(&points.y).zip(&points.line) {
        let part = if line == 0 { -0.9..=-0.1 } else { 0.1..=0.9 };
        assert!(part.contains(&f64::from(x).clamp(-0.9, 0.9)), "{x} on line {line}");
        assert_eq!(y, spec.lines[line as usize].at(x));
    }
    assert_eq!(points.line.iter().filter(|line| **line == 0).count(), 40);
    assert_eq!(spec.draw(Split::Train), points);
    assert_ne!(LinesSpec { seed: 1, ..spec.clone() }.draw(Split::Train).x, points.x);
    assert_ne!(spec.draw(Split::Test).x[..40], points.x[..40]);
    assert!(spec.draw(Split::Validation).is_empty());
    assert!(LinesSpec { points: 0, ..spec }.draw(Split::Train).is_empty());
}

#[test]
fn noise_has_its_deviation() {
    let lines = vec![Line { slope: 2.0, intercept: 0.0 }];
    let spec = LinesSpec { lines, points: 4000, noise: 0.5, gap: 0.0, ..LinesSpec::default() };
    let points = spec.draw(Split::Train);
    let squares = points.x.iter().zip(&points.y).map(|(x, y)| f64::from(y - 2.0 * x).powi(2));
    let deviation = (squares.sum::<f64>() / points.len() as f64).sqrt();
    assert!((deviation - 0.5).abs() < 0.03, "{deviation}");
}

#[test]
fn faults_are_found_together() {
    assert!(LinesSpec::default().faults().is_empty() && FormulaSpec::default().faults().is_empty());
    let wrong = LinesSpec { lines: Vec::new(), noise: -1.0, gap: f32::NAN, ..LinesSpec::default() };
    let keys: Vec<&str> = wrong.faults().iter().map(|fault| fault.0).collect();
    assert_eq!(keys, ["lines", "noise", "gap"]);
    let wrong = FormulaSpec { longest: 1, beyond: 65, ..FormulaSpec::default() };
    assert_eq!(wrong.faults().len(), 2);
}

#[test]
fn formulas_have_the_lengths_asked_for_and_repeat() {
    let spec = FormulaSpec { test_each: 50, ..FormulaSpec::default() };
    let drawn = spec.training(3, &[2, 4], 200);
    let lengths: BTreeSet<usize> = drawn.iter().map(|formula| formula.length()).collect();
    assert_eq!(lengths, BTreeSet::from([2, 4]));
    assert_eq!(drawn, spec.training(3, &[2, 4], 200));
    assert_ne!(drawn, spec.training(4, &[2, 4], 200));
    assert!(spec.test(7).iter().all(|formula| formula.length() == 7));
    assert_eq!(spec.test(7), spec.test(7));
    assert!(spec.training(0, &[1], 0).is_empty());
}

#[test]
fn what_is_no_formula_has_no_value() {
    for tokens in [&[][..], &[PLUS], &[1, PLUS], &[1, 2, 3], &[1, TIMES, MINUS], &[1, 13, 2]] {
        assert_eq!(value(tokens), None, "{tokens:?}");
    }
}

proptest! {
    /// The oracle folds all products first, in a list, then sums.
    #[test]
    fn values_obey_precedence(digits in prop::collection::vec(0u8..10, 1..9), seed in 0u64..1000) {
        let operators: Vec<u8> =
            (1..digits.len()).map(|at| PLUS + ((seed >> at) % 3) as u8).collect();
        let mut tokens = vec![digits[0]];
        let mut terms = vec![i64::from(digits[0])];
        for (&operator, &digit) in operators.iter().zip(&digits[1..]) {
            tokens.extend([operator, digit]);
            let digit = i64::from(digit);
            match operator {
                TIMES => *terms.last_mut().unwrap() *= digit,
                PLUS => terms.push(digit),
                _ => terms.push(-digit),
            }
        }
        let want = terms.iter().sum::<i64>().rem_euclid(10);
        prop_assert_eq!(value(&tokens), Some(want as u8));
    }
}

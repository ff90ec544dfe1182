//! The estimators against enumeration, finite differences and integrals.

use pathweave_data::Streams;
use proptest::prelude::*;

use super::surrogate::Surrogate;
use super::*;

fn problem(actions: usize, seed: u64) -> Problem {
    let mut stream = Streams::new(seed).stream("problem", 0);
    let mut draw = |scale: f64| (0..actions).map(|_| scale * f64::from(stream.uniform())).collect();
    let (logits, rewards): (Vec<f64>, Vec<f64>) = (draw(2.0), draw(1.0));
    Problem::new(&logits, &rewards)
}

/// c(z(θ)) and c(z̃(θ)) for the same uniform numbers.
fn relaxed(logits: &[f64], q: &[f64], uv: (&[f64], &[f64]), wanted: usize) -> [f64; 2] {
    let problem = Problem::new(logits, q);
    let draw = Draw::from_uniform(&problem, uv.0, uv.1);
    assert_eq!(draw.action, wanted, "the step must not change the action");
    let value = |z: &[f64]| {
        let weights: Vec<f64> = z.iter().map(|z| (z / 0.5).exp()).collect();
        let total: f64 = weights.iter().sum();
        weights.iter().zip(q).map(|(w, q)| w * q).sum::<f64>() / total
    };
    [value(&draw.z), value(&draw.conditional)]
}

proptest! {
    /// ∂J/∂θ, ∂c(z)/∂θ and ∂c(z̃)/∂θ against central differences.
    #[test]
    fn gradients_are_differences(actions in 1usize..6, seed: u64) {
        let mut stream = Streams::new(seed).stream("case", 0);
        let mut draw = || -> Vec<f64> {
            (0..actions).map(|_| f64::from(stream.uniform()).clamp(1e-3, 1.0 - 1e-3)).collect()
        };
        let (logits, q, u, v) = (draw(), draw(), draw(), draw());
        let problem = Problem::new(&logits, &q);
        let at = Draw::from_uniform(&problem, &u, &v);
        let mut sorted = at.z.clone();
        sorted.sort_by(f64::total_cmp);
        prop_assume!(actions == 1 || sorted[actions - 1] - sorted[actions - 2] > 1e-4);
        let mut found = [problem.gradient(), vec![0.0; actions], vec![0.0; actions]];
        let mut surrogate = Surrogate::new(actions, 0.5);
        surrogate.at(&at.z, None);
        surrogate.add_gradient(&problem, &q, 1.0, &mut found[1]);
        surrogate.at(&at.conditional, Some(&at.slope));
        surrogate.add_gradient(&problem, &q, 1.0, &mut found[2]);
        for i in 0..actions {
            let moved = |delta: f64| {
                let mut logits = logits.clone();
                logits[i] += delta;
                let [z, conditional] = relaxed(&logits, &q, (&u, &v), at.action);
                [Problem::new(&logits, &q).value(), z, conditional]
            };
            let (up, down) = (moved(1e-6), moved(-1e-6));
            for (which, found) in found.iter().enumerate() {
                let wanted = (up[which] - down[which]) / 2e-6;
                prop_assert!((found[i] - wanted).abs() < 1e-6, "{which} {i}");
            }
        }
    }

    /// The step of φ against central differences of Σ ĝ².
    #[test]
    fn relax_goes_down_the_variance(actions in 1usize..6, seed: u64) {
        let problem = problem(actions, seed);
        let mut draw = Draw::new(actions);
        draw.redraw(&problem, &mut Streams::new(seed).stream("draw", 0));
        let mut relax = Relax::new(actions, 0.5, 1.0);
        relax.values = problem.rewards.iter().map(|r| 0.7 * r - 0.1).collect();
        let square = |values: &[f64]| {
            let mut relax = relax.clone();
            relax.values = values.to_vec();
            let mut out = vec![0.0; actions];
            relax.estimate(&problem, &draw, &mut out);
            out.iter().map(|g| g * g).sum::<f64>()
        };
        let mut after = relax.clone();
        after.estimate(&problem, &draw, &mut vec![0.0; actions]);
        for i in 0..actions {
            let moved = |delta: f64| {
                let mut values = relax.values.clone();
                values[i] += delta;
                square(&values)
            };
            let wanted = (moved(1e-6) - moved(-1e-6)) / 2e-6;
            let found = relax.values[i] - after.values[i];
            prop_assert!((found - wanted).abs() < 1e-6 * (1.0 + wanted.abs()), "{found} {wanted}");
        }
    }

    /// z̃ names the same action as z.
    #[test]
    fn the_conditional_draw_keeps_the_action(actions in 1usize..9, seed: u64) {
        let problem = problem(actions, seed);
        let mut draw = Draw::new(actions);
        draw.redraw(&problem, &mut Streams::new(seed).stream("draw", 0));
        let best = draw.conditional.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        prop_assert_eq!(draw.conditional[draw.action], best);
    }
}

/// Largest |z| over the components of the mean estimate, against `wanted`.
fn z_score(kind: EstimatorKind, problem: &Problem, wanted: &[f64]) -> f64 {
    let actions = problem.actions();
    let mut estimator = kind.build(actions, &Settings::default());
    let (mut draw, mut out) = (Draw::new(actions), vec![0.0; actions]);
    let mut stream = Streams::new(4).stream("z", actions as u64);
    let (mut sum, mut squares) = (vec![0.0; actions], vec![0.0; actions]);
    let n = 100_000;
    for _ in 0..n {
        draw.redraw(problem, &mut stream);
        estimator.estimate(problem, &draw, &mut out);
        for (at, g) in out.iter().enumerate() {
            sum[at] += g;
            squares[at] += g * g;
        }
    }
    let z = |at: usize| {
        let mean = sum[at] / f64::from(n);
        let variance = squares[at] / f64::from(n) - mean * mean;
        (mean - wanted[at]).abs() / (variance / f64::from(n)).sqrt()
    };
    (0..actions).map(z).fold(0.0, f64::max)
}

#[test]
fn all_but_gumbel_are_unbiased() {
    for actions in [2, 3, 5] {
        let problem = problem(actions, 6);
        for &(kind, name) in EstimatorKind::ALL {
            let z = z_score(kind, &problem, &problem.gradient());
            assert_eq!(z > 5.0, kind == EstimatorKind::Gumbel, "{name}, {actions}: z = {z}");
        }
    }
}

#[test]
fn gumbels_expectation_is_its_integral() {
    // z_0 − z_1 = θ_0 − θ_1 + a logistic number; ĝ_0 = (r_0 − r_1) y (1 − y) / τ.
    let problem = problem(2, 6);
    let gap = problem.log_policy[0] - problem.log_policy[1];
    let steps = 200_000;
    let at = |step: i32| {
        let u = (f64::from(step) + 0.5) / f64::from(steps);
        let y = 1.0 / (1.0 + (-(gap + (u / (1.0 - u)).ln()) / 0.5).exp());
        y * (1.0 - y) / 0.5
    };
    let mean = (0..steps).map(at).sum::<f64>() / f64::from(steps);
    let first = mean * (problem.rewards[0] - problem.rewards[1]);
    let z = z_score(EstimatorKind::Gumbel, &problem, &[first, -first]);
    assert!(z < 5.0, "z = {z}");
}

#[test]
fn one_action_has_no_gradient_and_extreme_policies_stay_finite() {
    let mut stream = Streams::new(1).stream("extreme", 0);
    for logits in [&[3.0][..], &[0.0, -800.0, 5.0]] {
        let problem = Problem::new(logits, &vec![0.5; logits.len()]);
        let (mut draw, mut out) = (Draw::new(logits.len()), vec![0.0; logits.len()]);
        for &(kind, name) in EstimatorKind::ALL {
            let mut estimator = kind.build(logits.len(), &Settings::default());
            for _ in 0..50 {
                draw.redraw(&problem, &mut stream);
                estimator.estimate(&problem, &draw, &mut out);
                assert!(out.iter().all(|g| g.is_finite()), "{name}: {out:?}");
                assert!(logits.len() > 1 || out[0].abs() < 1e-12, "{name}: {out:?}");
            }
        }
    }
}

#[test]
fn control_variates_lower_the_variance() {
    let study = Study {
        actions: 4,
        policies: 4,
        samples_per_action: 500,
        warm_up: 100,
        settings: Settings::default(),
        seed: 1,
    };
    let found = study.run(0);
    assert_eq!(found, study.run(0));
    let [plain, baseline, gumbel, rebar, relax] = found[..] else { panic!("five estimators") };
    assert!(baseline.variance < plain.variance && rebar.variance < baseline.variance);
    assert!(relax.variance < plain.variance && gumbel.variance < plain.variance);
    for spread in found {
        assert!(spread.mse_of_mean < spread.mse);
        let n = 2000.0;
        let whole = spread.variance * (n - 1.0) / n + spread.mse_of_mean;
        assert!((spread.mse - whole).abs() < 1e-3 * whole, "{spread:?}");
    }
}

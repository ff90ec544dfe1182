//! The kernels against a scalar restatement, at every level.

use proptest::prelude::*;

use super::{Gradients, Grouping, Shape, backward_at, forward_at};
use crate::kernel::lanes::{Level, Real};

/// One call's inputs.
#[derive(Clone, Debug)]
struct Case {
    shape: Shape,
    relu: bool,
    actions: Vec<usize>,
    x: Vec<f64>,
    weight: Vec<f64>,
    bias: Vec<f64>,
    dy: Vec<f64>,
}

/// y, dx, dW, db.
type Answer = [Vec<f64>; 4];

/// Numbers in -1..1 from a linear congruential generator.
fn numbers(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 30) - 1.0
    }
}

fn case(shape: Shape, actions: Vec<usize>, relu: bool, seed: u64) -> Case {
    let Shape { modules, input, output } = shape;
    let rows = actions.len();
    let mut next = numbers(seed);
    // Every value is one of `f32`, so that both types compute the same thing.
    let mut draw = |count: usize| (0..count).map(|_| f64::from(next() as f32)).collect::<Vec<_>>();
    let (x, weight) = (draw(rows * input), draw(modules * input * output));
    Case { shape, relu, actions, x, weight, bias: draw(modules * output), dy: draw(rows * output) }
}

fn restated(case: &Case) -> Answer {
    let Shape { modules, input, output } = case.shape;
    let rows = case.actions.len();
    let (mut y, mut dx) = (vec![0.0; rows * output], vec![0.0; rows * input]);
    let (mut dw, mut db) = (vec![0.0; modules * input * output], vec![0.0; modules * output]);
    for (r, &m) in case.actions.iter().enumerate() {
        if m >= modules {
            y[r * output..][..output].copy_from_slice(&case.x[r * input..][..input]);
            dx[r * input..][..input].copy_from_slice(&case.dy[r * output..][..output]);
            continue;
        }
        for o in 0..output {
            let w = |i: usize| (m * input + i) * output + o;
            let z = case.bias[m * output + o]
                + (0..input).map(|i| case.x[r * input + i] * case.weight[w(i)]).sum::<f64>();
            let shut = case.relu && z <= 0.0;
            y[r * output + o] = if shut { 0.0 } else { z };
            let dz = if shut { 0.0 } else { case.dy[r * output + o] };
            db[m * output + o] += dz;
            for i in 0..input {
                dw[w(i)] += case.x[r * input + i] * dz;
                dx[r * input + i] += case.weight[w(i)] * dz;
            }
        }
    }
    [y, dx, dw, db]
}

fn computed<T: Real>(case: &Case, level: Level) -> Answer {
    let of = |values: &[f64]| values.iter().map(|&v| T::from_f64(v)).collect::<Vec<_>>();
    let grouping = Grouping::new(case.actions.iter().copied(), case.shape.modules);
    let (x, weight, bias, dy) = (of(&case.x), of(&case.weight), of(&case.bias), of(&case.dy));
    let y = forward_at(level, case.shape, &grouping, &x, &weight, &bias, case.relu);
    let activated = case.relu.then_some(&*y);
    let gradients = backward_at(level, case.shape, &grouping, [&x, &weight, &dy], activated, true);
    let Gradients { input, weight, bias } = gradients;
    [y, input, weight, bias].map(|values| values.into_iter().map(T::to_f64).collect())
}

/// Where ReLU's input is so near zero that rounding may decide, the gradients may jump.
fn decided(case: &Case) -> bool {
    let linear = restated(&Case { relu: false, ..case.clone() });
    !case.relu || linear[0].iter().all(|z| z.abs() > 1e-4)
}

fn close(found: &Answer, expected: &Answer, tolerance: f64) {
    for (name, (found, expected)) in ["y", "dx", "dW", "db"].iter().zip(found.iter().zip(expected))
    {
        assert_eq!(found.len(), expected.len(), "{name}");
        for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
            let far = (found - expected).abs() > tolerance * (1.0 + expected.abs());
            assert!(!far && !found.is_nan(), "{name}[{at}]: {found}, expected {expected}");
        }
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let widths = (1_usize..150, 1_usize..150, any::<bool>());
    (widths, 0_usize..6, 0_usize..40, any::<bool>(), any::<u64>()).prop_map(
        |((input, output, square), modules, rows, relu, seed)| {
            // Rows pass only where they fit.
            let (output, kinds) = if square { (input, modules + 2) } else { (output, modules) };
            let rows = if kinds == 0 { 0 } else { rows };
            let mut next = numbers(!seed);
            let action = |_| ((next() + 1.0) / 2.0 * kinds as f64) as usize;
            let actions = (0..rows).map(action).collect();
            case(Shape { modules, input, output }, actions, relu, seed)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn both_types_agree_with_the_restatement_at_every_level(case in cases()) {
        let expected = restated(&case);
        for level in Level::available() {
            close(&computed::<f64>(&case, level), &expected, 1e-11);
            if decided(&case) {
                close(&computed::<f32>(&case, level), &expected, 2e-4);
            }
        }
    }

    #[test]
    fn fused_levels_give_the_same_bytes(case in cases()) {
        let bits = |answer: Answer| answer.map(|v| v.into_iter().map(f64::to_bits).collect::<Vec<_>>());
        let mut fused = Level::available();
        fused.retain(|&level| level != Level::Portable);
        let all: Vec<_> = fused.into_iter().map(|l| bits(computed::<f32>(&case, l))).collect();
        for pair in all.windows(2) {
            prop_assert_eq!(&pair[0], &pair[1]);
        }
    }

    #[test]
    fn a_row_has_the_same_bytes_in_any_company(case in cases(), keep in any::<u64>()) {
        let level = Level::available()[0];
        let all = computed::<f32>(&case, level);
        let kept: Vec<usize> = (0..case.actions.len()).filter(|r| keep >> (r % 64) & 1 == 1).collect();
        let pick = |from: &[f64], width: usize| -> Vec<f64> {
            kept.iter().flat_map(|&r| &from[r * width..][..width]).copied().collect()
        };
        let Shape { input, output, .. } = case.shape;
        let fewer = Case {
            actions: kept.iter().map(|&r| case.actions[r]).collect(),
            x: pick(&case.x, input),
            dy: pick(&case.dy, output),
            ..case.clone()
        };
        let [y, dx, ..] = computed::<f32>(&fewer, level);
        prop_assert_eq!(y, pick(&all[0], output));
        prop_assert_eq!(dx, pick(&all[1], input));
    }
}

#[test]
fn the_shapes_of_real_models_agree() {
    for (modules, [input, output]) in
        [(5, [128, 128]), (100, [128, 128]), (3, [32, 10]), (2, [288, 128])]
    {
        let mut next = numbers(modules as u64);
        let actions = (0..256).map(|_| ((next() + 1.0) / 2.0 * modules as f64) as usize).collect();
        let case = case(Shape { modules, input, output }, actions, false, 3);
        let expected = restated(&case);
        for level in Level::available() {
            close(&computed::<f32>(&case, level), &expected, 2e-4);
        }
    }
}

#[test]
fn nan_stays_in_its_row_and_its_modules_weights() {
    for level in Level::available() {
        for (modules, relu) in [(2, true), (2, false)] {
            let shape = Shape { modules, input: 20, output: 20 };
            let mut case = case(shape, vec![0, 1, 0, 2, 1, 0, 0], relu, 7);
            case.x[2 * 20 + 3] = f64::NAN;
            let [y, dx, dw, db] = computed::<f32>(&case, level);
            for (row, y) in y.chunks_exact(20).enumerate() {
                assert!(y.iter().all(|v| v.is_nan() == (row == 2)), "{level:?}, row {row}");
            }
            assert!(dx.iter().chain(&db).chain(&dw[400..]).all(|v| !v.is_nan()), "{level:?}");
            for (input, dw) in dw[..400].chunks_exact(20).enumerate() {
                assert!(dw.iter().all(|v| v.is_nan() == (input == 3)), "{level:?}, {input}");
            }
            // The row's own gradient flows as if every output were positive.
            let mut open = case.clone();
            open.relu = false;
            let linear = computed::<f32>(&open, level);
            assert_eq!(dx[40..60], linear[1][40..60], "{level:?}");
        }
    }
}

#[test]
#[should_panic(expected = "rows pass where input = output")]
fn a_row_of_another_width_cannot_pass() {
    let case = case(Shape { modules: 1, input: 2, output: 3 }, vec![0, 1], false, 0);
    computed::<f32>(&case, Level::Portable);
}

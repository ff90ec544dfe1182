//! Kernels against their plain-tensor twins: values, gradients, edges.

use burn::tensor::Tensor;
use pathweave::kernel::conv_block::{self, ConvBlockParams, Layout, Layouts};
use pathweave::kernel::grouped_linear::{grouped_linear, plain};
use proptest::prelude::*;

use crate::support::{Draw, assert_close, bits, cpu, numbers, tape, tensor, whole};

const LAYOUTS: [Layout; 2] = [Layout::ChannelsFirst, Layout::ChannelsLast];

/// Which rows choose what.
#[derive(Clone, Copy, Debug)]
enum Pattern {
    Any,
    AllOneModule,
    AllPass,
    InOrder,
}

fn actions(pattern: Pattern, modules: usize, rows: usize, draw: &mut Draw) -> Vec<u32> {
    match pattern {
        Pattern::Any => draw.below(modules + 2, rows),
        Pattern::AllOneModule => vec![modules as u32 / 2; rows],
        Pattern::AllPass => vec![modules as u32; rows],
        Pattern::InOrder => {
            let mut actions = draw.below(modules, rows);
            actions.sort_unstable();
            actions
        }
    }
}

/// The kernel or its plain twin.
type Twin = fn(Tensor<2>, Tensor<3>, Tensor<2>, &Tensor<1, burn::tensor::Int>, bool) -> Tensor<2>;

/// Output and gradients of x, W, b for a weighted sum of the output.
fn run(twin: Twin, sizes: [usize; 4], actions: &[u32], relu: bool, seed: u64) -> [Vec<f64>; 4] {
    let ([rows, modules, input, output], device) = (sizes, tape());
    let mut draw = Draw::new(seed);
    let x: Tensor<2> = tensor(&draw.signed(rows * input), [rows, input], &device).require_grad();
    let w = draw.signed(modules * input * output);
    let w: Tensor<3> = tensor(&w, [modules, input, output], &device).require_grad();
    let b = tensor(&draw.signed(modules * output), [modules, output], &device);
    let b: Tensor<2> = b.require_grad();
    let y = twin(x.clone(), w.clone(), b.clone(), &whole(actions, &device), relu);
    let weights = tensor(&draw.signed(rows * output), [rows, output], &device);
    // Without rows the twin's result is off the tape; this keeps a gradient, of zero, on it.
    let on_tape = (x.clone().sum() + w.clone().sum() + b.clone().sum()) * 0.0;
    let gradients = ((y.clone() * weights).sum() + on_tape).backward();
    let zeros = |count: usize| vec![0.0; count];
    [
        numbers(&y),
        x.grad(&gradients).map_or_else(|| zeros(rows * input), |g| numbers(&g)),
        w.grad(&gradients).map_or_else(|| zeros(modules * input * output), |g| numbers(&g)),
        b.grad(&gradients).map_or_else(|| zeros(modules * output), |g| numbers(&g)),
    ]
}

fn compare(sizes: [usize; 4], actions: &[u32], relu: bool, seed: u64) {
    let got = run(grouped_linear, sizes, actions, relu, seed);
    let wanted = run(plain::grouped_linear, sizes, actions, relu, seed);
    for (got, wanted) in got.iter().zip(&wanted) {
        assert_close(got, wanted, 1e-4);
    }
    let [_, modules, input, output] = sizes;
    for module in (0..modules).filter(|&module| !actions.contains(&(module as u32))) {
        let w = &got[2][module * input * output..][..input * output];
        let b = &got[3][module * output..][..output];
        assert!(w.iter().chain(b).all(|&g| g == 0.0), "module {module} was not chosen");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn grouped_linear_is_its_plain_twin(
        rows in 0usize..24, modules in 1usize..8, width in 1usize..20, extra in 0usize..9,
        relu: bool,
        pattern in prop::sample::select(vec![
            Pattern::Any, Pattern::AllOneModule, Pattern::AllPass, Pattern::InOrder,
        ]),
        seed: u64,
    ) {
        let actions = actions(pattern, modules, rows, &mut Draw::new(seed));
        // Only rows that all choose a module may change their width.
        let passes = actions.iter().any(|&action| action as usize >= modules);
        let output = if passes { width } else { width + extra };
        compare([rows, modules, width, output], &actions, relu, seed);
    }

    /// y_r = f(Σ_i x_ri W_a,io + b_ao), one number at a time.
    #[test]
    fn grouped_linear_is_its_formula(rows in 1usize..6, modules in 1usize..4, seed: u64) {
        let (input, output, device, mut draw) = (3, 3, cpu(), Draw::new(seed));
        let (x, w) = (draw.signed(rows * input), draw.signed(modules * input * output));
        let (b, actions) = (draw.signed(modules * output), draw.below(modules + 1, rows));
        let y = grouped_linear(
            tensor(&x, [rows, input], &device),
            tensor(&w, [modules, input, output], &device),
            tensor(&b, [modules, output], &device),
            &whole(&actions, &device),
            true,
        );
        let value = |at: usize| {
            let (row, o) = (at / output, at % output);
            let a = actions[row] as usize;
            let weight = |i: usize| w[(a * input + i) * output + o];
            if a == modules {
                return x[at];
            }
            (b[a * output + o] + (0..input).map(|i| x[row * input + i] * weight(i)).sum::<f64>()).max(0.0)
        };
        assert_close(&numbers(&y), &(0..rows * output).map(value).collect::<Vec<_>>(), 1e-5);
    }

    #[test]
    fn conv_block_is_its_plain_twin(
        batch in 1usize..4, channels in 1usize..4, filters in 1usize..10, height in 2usize..8,
        width in 2usize..8, seed: u64,
    ) {
        for input in LAYOUTS {
            for output in LAYOUTS {
                let layouts = Layouts { input, output };
                conv_block_twins([batch, channels, height, width], filters, layouts, seed);
            }
        }
    }
}

fn conv_block_twins(first: [usize; 4], filters: usize, layouts: Layouts, seed: u64) {
    let [_, channels, _, _] = first;
    let leaves = |device: &burn::tensor::Device| {
        let mut draw = Draw::new(seed);
        let x = draw.signed(first.iter().product());
        let x: Tensor<4> = tensor(&x, layouts.input.order(first), device);
        let weight = draw.signed(filters * channels * 9);
        let params = ConvBlockParams {
            weight: tensor(&weight, [filters, channels, 3, 3], device),
            gamma: tensor(&draw.signed(filters), [filters], device),
            beta: tensor(&draw.signed(filters), [filters], device),
        };
        let mean = tensor(&draw.signed(filters), [filters], device);
        let variance = tensor(&draw.signed(filters), [filters], device).abs() + 0.1;
        (x, params, mean, variance)
    };
    let train = |kernel: bool| {
        let (x, p, _, _) = leaves(&tape());
        let (x, weight) = (x.require_grad(), p.weight.require_grad());
        let (gamma, beta) = (p.gamma.require_grad(), p.beta.require_grad());
        let params =
            ConvBlockParams { weight: weight.clone(), gamma: gamma.clone(), beta: beta.clone() };
        let f = if kernel { conv_block::train } else { conv_block::plain::train };
        let (y, statistics) = f(x.clone(), params, layouts);
        let c = Draw::new(seed ^ 1).signed(y.shape().num_elements());
        let gradients = (y.clone() * tensor(&c, y.dims(), &tape())).sum().backward();
        let shape: [usize; 4] = y.dims();
        (
            shape,
            [
                numbers(&y),
                numbers(&statistics.mean),
                numbers(&statistics.variance),
                numbers(&x.grad(&gradients).expect("x")),
                numbers(&weight.grad(&gradients).expect("weight")),
                numbers(&gamma.grad(&gradients).expect("gamma")),
                numbers(&beta.grad(&gradients).expect("beta")),
            ],
        )
    };
    let ((shape, got), (wanted_shape, wanted)) = (train(true), train(false));
    assert_eq!(shape, wanted_shape);
    for (which, (got, wanted)) in got.iter().zip(&wanted).enumerate() {
        // A batch with one value a filter has variance 0: 1/√ε amplifies rounding.
        let tolerance = if first[0] * first[2] * first[3] < 8 { 2e-2 } else { 2e-3 };
        let scale = 1.0 + wanted.iter().fold(0.0f64, |most, value| most.max(value.abs()));
        let far = got.iter().zip(wanted).any(|(g, w)| (g - w).abs() > tolerance * scale);
        assert!(!far, "array {which}: {got:?}, expected {wanted:?}");
    }

    let (x, params, mean, variance) = leaves(&cpu());
    let got =
        conv_block::evaluate(x.clone(), params.clone(), mean.clone(), variance.clone(), layouts);
    let wanted = conv_block::plain::evaluate(x, params, mean, variance, layouts);
    assert_close(&numbers(&got), &numbers(&wanted), 1e-4);
}

#[test]
fn edges_of_the_grouped_linear_layer() {
    for relu in [false, true] {
        compare([0, 3, 4, 4], &[], relu, 1);
        compare([1, 1, 1, 1], &[0], relu, 2);
        compare([1, 1, 2, 2], &[1], relu, 3);
        compare([40, 100, 6, 5], &Draw::new(4).below(100, 40), relu, 4);
        compare([300, 100, 17, 33], &Draw::new(5).below(100, 300), relu, 5);
        compare([64, 1, 32, 32], &[0; 64], relu, 6);
        compare([5, 4, 3, 3], &[4, 9, 4, 7, 4], relu, 7);
    }
}

#[test]
fn an_input_without_gradient_changes_no_other() {
    let (device, mut draw) = (tape(), Draw::new(11));
    let x = draw.signed(5 * 4);
    let weight = draw.signed(2 * 4 * 4);
    let run = |tracked: bool| {
        let x: Tensor<2> = tensor(&x, [5, 4], &device);
        let x = if tracked { x.require_grad() } else { x };
        let weight: Tensor<3> = tensor(&weight, [2, 4, 4], &device).require_grad();
        let bias = tensor(&[0.1; 8], [2, 4], &device);
        let actions = whole(&[0, 1, 2, 1, 0], &device);
        let y = grouped_linear(x, weight.clone(), bias, &actions, true);
        bits(&weight.grad(&y.sum().backward()).expect("weights"))
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn negative_actions_pass() {
    let device = cpu();
    let action = whole(&[0, 0], &device).sub_scalar(1);
    let x: Tensor<2> = tensor(&[1.0, -2.0, 3.0, -4.0], [2, 2], &device);
    let weight = tensor(&[1.0; 4], [1, 2, 2], &device);
    let bias = tensor(&[5.0; 2], [1, 2], &device);
    for twin in [grouped_linear as Twin, plain::grouped_linear] {
        let y = twin(x.clone(), weight.clone(), bias.clone(), &action, true);
        assert_eq!(bits(&y), bits(&x));
    }
}

#[test]
fn nan_rows_stay_in_their_rows() {
    let (device, width) = (cpu(), 9);
    let actions = [0, 1, 0, 2, 1, 0];
    let mut draw = Draw::new(8);
    let mut x = draw.signed(6 * width);
    let weight = tensor(&draw.signed(2 * width * width), [2, width, width], &device);
    let bias = tensor(&draw.signed(2 * width), [2, width], &device);
    for relu in [false, true] {
        let run = |x: &[f64]| {
            let x = tensor(x, [6, width], &device);
            grouped_linear(x, weight.clone(), bias.clone(), &whole(&actions, &device), relu)
        };
        let clean = bits(&run(&x));
        let saved = x.clone();
        for sick in 0..6 {
            x[sick * width + 3] = f64::NAN;
            let y = run(&x);
            for (row, got) in bits(&y).chunks_exact(width).enumerate() {
                if row == sick {
                    assert!(got.iter().any(|&value| f32::from_bits(value).is_nan()), "row {row}");
                } else {
                    assert_eq!(got, &clean[row * width..][..width], "row {row} of {sick}");
                }
            }
            x.clone_from(&saved);
        }
    }
}

#[test]
fn nan_rows_reach_only_the_gradients_of_their_module() {
    let (device, width) = (tape(), 4);
    let mut x = Draw::new(9).signed(3 * width);
    x[width] = f64::NAN;
    let x: Tensor<2> = tensor(&x, [3, width], &device).require_grad();
    let weight: Tensor<3> =
        tensor(&Draw::new(10).signed(3 * width * width), [3, width, width], &device).require_grad();
    let bias = tensor(&[0.5; 12], [3, width], &device);
    let y = grouped_linear(x.clone(), weight.clone(), bias, &whole(&[0, 1, 0], &device), true);
    let gradients = y.sum().backward();
    let w = numbers(&weight.grad(&gradients).expect("weights"));
    let size = width * width;
    assert!(w[..size].iter().all(|g| g.is_finite()));
    assert!(w[size..2 * size].iter().any(|g| g.is_nan()));
    assert!(w[2 * size..].iter().all(|&g| g == 0.0));
    let dx = numbers(&x.grad(&gradients).expect("x"));
    assert!(dx[..width].iter().chain(&dx[2 * width..]).all(|g| g.is_finite()));
}

//! The routed LSTM and the bank of gates.

use std::sync::Arc;

use burn::tensor::{Int, Tensor};
use pathweave::kernel::gates::gate_bank;
use pathweave::kernel::grouped_linear::plain::grouped_linear;
use pathweave::kernel::lstm::lstm;
use pathweave::kernel::routed_lstm::{plain, routed_lstm, slices};
use proptest::prelude::*;

use super::{assert_all_close, gradients, leaf, starts};
use crate::support::{Draw, assert_close, bits, cpu, numbers, tensor, whole};

/// Modules, H, depths.
type Sizes = [usize; 3];

fn kernel(x: Tensor<2>, w: Tensor<3>, b: Tensor<2>, paths: &[u32], starts: &[u32]) -> Tensor<2> {
    routed_lstm(x, w, b, &Arc::from(paths), &Arc::from(starts))
}

fn twin(x: Tensor<2>, w: Tensor<3>, b: Tensor<2>, paths: &[u32], starts: &[u32]) -> Tensor<2> {
    let modules = w.dims()[0] / 4;
    let paths = slices::trim(paths, starts.len() - 1, modules);
    plain::routed_lstm(x, w, b, &paths, starts)
}

type Run = fn(Tensor<2>, Tensor<3>, Tensor<2>, &[u32], &[u32]) -> Tensor<2>;

/// Last states, gradients of gates, weights, biases.
fn states(run: Run, sizes: Sizes, paths: &[u32], starts: &[u32], seed: u64) -> Vec<Vec<f64>> {
    let ([modules, width, _], mut draw) = (sizes, Draw::new(seed));
    let words = starts[starts.len() - 1] as usize;
    let counts = [words * 4 * width, modules * 4 * width * width, modules * 4 * width];
    let leaves = counts.map(|count| leaf(count, &mut draw));
    let [gates, weight, bias] = leaves.clone();
    // Small weights: long compositions must not saturate every gate.
    let h = run(
        gates.reshape([words, 4 * width]),
        weight.reshape([4 * modules, width, width]) * (1.0 / (width as f64).sqrt()),
        bias.reshape([4 * modules, width]),
        paths,
        starts,
    );
    let mut all = vec![numbers(&h)];
    all.extend(gradients(&h, &leaves, seed ^ 1));
    all
}

fn compare(sizes: Sizes, paths: &[u32], starts: &[u32], seed: u64) {
    let got = states(kernel, sizes, paths, starts, seed);
    assert_all_close(&got, &states(twin, sizes, paths, starts, seed), 2e-4);
    let again = states(kernel, sizes, paths, starts, seed);
    for (got, again) in got.iter().flatten().zip(again.iter().flatten()) {
        assert_eq!(got.to_bits(), again.to_bits(), "equal bits in every run");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Narrow states multiply paths out, wide ones send rows through their modules.
    #[test]
    fn routed_lstm_is_its_plain_twin(
        modules in 1usize..4, width in 1usize..24, depths in 0usize..4, sentences in 0usize..9,
        seed: u64,
    ) {
        let mut draw = Draw::new(seed);
        let starts = starts(sentences, 6, &mut draw);
        let paths = draw.below(modules + 1, sentences * depths);
        compare([modules, width, depths], &paths, &starts, seed);
    }

    /// Both twins in rows of four gates.
    #[test]
    fn gate_bank_is_four_blocks(
        rows in 0usize..9, modules in 1usize..4, input in 1usize..7, extra in 0usize..3, seed: u64,
    ) {
        let (mut draw, device) = (Draw::new(seed), cpu());
        let action = draw.below(modules, rows);
        let output = input + extra;
        let weight = draw.signed(4 * modules * input * output);
        let weight: Tensor<3> = tensor(&weight, [4 * modules, input, output], &device);
        let bias: Tensor<2> = tensor(&draw.signed(4 * modules * output), [4 * modules, output], &device);
        for shared in [true, false] {
            let columns = if shared { input } else { 4 * input };
            let x: Tensor<2> = tensor(&draw.signed(rows * columns), [rows, columns], &device);
            let y = gate_bank(x.clone(), weight.clone(), bias.clone(), &whole(&action, &device));
            prop_assert_eq!(y.dims(), [rows, 4 * output]);
            for gate in 0..4 {
                let first = if shared { 0 } else { gate * input };
                let number: Vec<u32> = action.iter().map(|a| 4 * a + gate as u32).collect();
                let number: Tensor<1, Int> = whole(&number, &device);
                let x = x.clone().narrow(1, first, input);
                let wanted = grouped_linear(x, weight.clone(), bias.clone(), &number, false);
                let got = y.clone().narrow(1, gate * output, output);
                assert_close(&numbers(&got), &numbers(&wanted), 1e-5);
            }
        }
    }
}

#[test]
fn edges_of_routed_sentences() {
    // No sentences; empty ones; one word; every path ends at once; one path for all.
    compare([2, 3, 2], &[], &[0], 1);
    compare([2, 3, 2], &[0, 1, 1, 0], &[0, 0, 0], 2);
    compare([2, 3, 3], &[1, 0, 1], &[0, 1], 3);
    compare([2, 5, 2], &[2, 0, 7, 1], &[0, 3, 5], 4);
    compare([2, 5, 3], &[1, 0, 1, 1, 0, 1, 1, 0, 1], &[0, 3, 5, 9], 5);
    // Beginnings that are multiplied out, with ends that are not.
    let starts: Vec<u32> = (0..=12).map(|s| 3 * s).collect();
    let paths: Vec<u32> = (0..12).flat_map(|s| [0, 1, s % 3]).collect();
    compare([2, 40, 3], &paths, &starts, 6);
}

/// Sentences of one module are an LSTM with its weights.
#[test]
fn one_module_is_an_lstm() {
    let (device, mut draw, width, starts) = (cpu(), Draw::new(7), 6, [0, 4, 5, 5, 9]);
    let gates: Tensor<2> = tensor(&draw.signed(9 * 4 * width), [9, 4 * width], &device);
    let weight: Tensor<3> = tensor(&draw.signed(4 * width * width), [4, width, width], &device);
    let bias: Tensor<2> = tensor(&draw.signed(4 * width), [4, width], &device);
    let routed = kernel(gates.clone(), weight.clone(), bias.clone(), &[0; 4], &starts);
    let recurrent = weight.swap_dims(0, 1).reshape([width, 4 * width]);
    let wanted = lstm(gates, recurrent, bias.reshape([4 * width]), &Arc::from(starts));
    assert_close(&numbers(&routed), &numbers(&wanted), 1e-5);
    assert_eq!(bits(&routed)[2 * width..3 * width], vec![0; width]);
}

#[test]
fn modules_on_no_path_get_no_gradient() {
    let starts: Vec<u32> = (0..=8).collect();
    let paths: Vec<u32> = (0..8).flat_map(|_| [2, 0]).collect();
    let all = states(kernel, [4, 3, 2], &paths, &starts, 8);
    for (gradient, size) in [(&all[2], 4 * 9), (&all[3], 4 * 3)] {
        for unused in [1, 3] {
            assert!(gradient[unused * size..][..size].iter().all(|&g| g == 0.0));
        }
        assert!(gradient[..size].iter().any(|&g| g != 0.0));
    }
}

//! Kernels for texts against their plain-tensor twins and their formulas: values, gradients, edges.

mod routed;

use std::sync::Arc;

use burn::tensor::Tensor;
use pathweave::kernel::lstm::{self, lstm};
use pathweave::kernel::segment_sum::{self, gather_rows, segment_sum};
use proptest::prelude::*;

use crate::support::{Draw, assert_close, bits, cpu, numbers, tape, tensor, vector};

/// Sentences of up to `longest` words, some of them empty: where they begin.
pub fn starts(sentences: usize, longest: usize, draw: &mut Draw) -> Arc<[u32]> {
    let lengths = draw.below(longest + 1, sentences);
    let ends = lengths.iter().scan(0, |end, length| {
        *end += length;
        Some(*end)
    });
    std::iter::once(0).chain(ends).collect()
}

/// Gradients of a weighted sum of `y`, by each leaf; zeros where none flows.
pub fn gradients<const D: usize>(y: &Tensor<D>, leaves: &[Tensor<1>], seed: u64) -> Vec<Vec<f64>> {
    let weights = Draw::new(seed).signed(y.shape().num_elements());
    let on_tape =
        leaves.iter().fold(vector(&[0.0], &tape()), |sum, leaf| sum + leaf.clone().sum() * 0.0);
    let gradients = ((y.clone() * tensor(&weights, y.dims(), &tape())).sum() + on_tape).backward();
    leaves.iter().map(|leaf| numbers(&leaf.grad(&gradients).expect("on the tape"))).collect()
}

/// Drawn numbers as something to differentiate by; flat, so that leaves of any shape are alike.
pub fn leaf(count: usize, draw: &mut Draw) -> Tensor<1> {
    vector(&draw.signed(count), &tape()).require_grad()
}

#[track_caller]
pub fn assert_all_close(got: &[Vec<f64>], wanted: &[Vec<f64>], tolerance: f64) {
    for (got, wanted) in got.iter().zip(wanted) {
        assert_close(got, wanted, tolerance);
    }
}

type SumTwin = fn(Tensor<2>, &Arc<[u32]>, &Arc<[u32]>) -> Tensor<2>;

/// Sums, gradient.
fn sums(twin: SumTwin, [rows, width]: [usize; 2], starts: &Arc<[u32]>, seed: u64) -> [Vec<f64>; 2] {
    let mut draw = Draw::new(seed);
    let index = draw.below(rows, starts[starts.len() - 1] as usize).into();
    let x = leaf(rows * width, &mut draw);
    let y = twin(x.clone().reshape([rows, width]), &index, starts);
    let mut gradients = gradients(&y, &[x], seed ^ 1);
    [numbers(&y), gradients.remove(0)]
}

fn plain_sum(x: Tensor<2>, index: &Arc<[u32]>, starts: &Arc<[u32]>) -> Tensor<2> {
    segment_sum::plain::segment_sum(x, index, starts)
}

type LstmTwin = fn(Tensor<2>, Tensor<2>, Tensor<1>, &Arc<[u32]>) -> Tensor<2>;

/// Last states, gradients of gates, weights, bias.
fn states(twin: LstmTwin, width: usize, starts: &Arc<[u32]>, seed: u64) -> Vec<Vec<f64>> {
    let (mut draw, words) = (Draw::new(seed), starts[starts.len() - 1] as usize);
    let leaves = [words * 4 * width, 4 * width * width, 4 * width].map(|n| leaf(n, &mut draw));
    let [gates, recurrent, bias] = leaves.clone();
    let h = twin(
        gates.reshape([words, 4 * width]),
        recurrent.reshape([width, 4 * width]),
        bias,
        starts,
    );
    let mut all = vec![numbers(&h)];
    all.extend(gradients(&h, &leaves, seed ^ 1));
    all
}

fn plain_lstm(
    gates: Tensor<2>,
    recurrent: Tensor<2>,
    bias: Tensor<1>,
    starts: &Arc<[u32]>,
) -> Tensor<2> {
    lstm::plain::lstm(gates, recurrent, bias, starts)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn segment_sum_is_its_plain_twin(
        rows in 1usize..12, width in 1usize..40, sentences in 0usize..7, seed: u64,
    ) {
        let starts = starts(sentences, 5, &mut Draw::new(seed));
        let got = sums(segment_sum, [rows, width], &starts, seed);
        let wanted = sums(plain_sum, [rows, width], &starts, seed);
        assert_all_close(&got, &wanted, 1e-5);
        prop_assert_eq!(got, sums(segment_sum, [rows, width], &starts, seed));
    }

    #[test]
    fn lstm_is_its_plain_twin(width in 1usize..36, sentences in 0usize..7, seed: u64) {
        let starts = starts(sentences, 6, &mut Draw::new(seed));
        let got = states(lstm, width, &starts, seed);
        assert_all_close(&got, &states(plain_lstm, width, &starts, seed), 1e-4);
        prop_assert_eq!(got, states(lstm, width, &starts, seed));
    }

    /// The cell's equations, one number at a time.
    #[test]
    fn lstm_is_its_formula(width in 1usize..5, seed: u64) {
        let (mut draw, device) = (Draw::new(seed), cpu());
        let starts = starts(3, 4, &mut draw);
        let words = starts[3] as usize;
        let (x, u) = (draw.signed(words * 4 * width), draw.signed(4 * width * width));
        let b = draw.signed(4 * width);
        let got = lstm(
            tensor(&x, [words, 4 * width], &device),
            tensor(&u, [width, 4 * width], &device),
            vector(&b, &device),
            &starts,
        );
        let mut wanted = Vec::new();
        for bounds in starts.windows(2) {
            let (mut h, mut c) = (vec![0.0; width], vec![0.0; width]);
            for word in bounds[0] as usize..bounds[1] as usize {
                let z = |gate: usize, unit: usize| {
                    let column = gate * width + unit;
                    let state = |(j, h): (usize, &f64)| h * u[j * 4 * width + column];
                    x[word * 4 * width + column] + b[column]
                        + h.iter().enumerate().map(state).sum::<f64>()
                };
                let s = |z: f64| 1.0 / (1.0 + (-z).exp());
                let next: Vec<f64> = (0..width)
                    .map(|k| s(z(1, k)) * c[k] + s(z(0, k)) * z(2, k).tanh())
                    .collect();
                h = (0..width).map(|k| s(z(3, k)) * next[k].tanh()).collect();
                c = next;
            }
            wanted.extend(h);
        }
        assert_close(&numbers(&got), &wanted, 1e-5);
    }
}

#[test]
fn gathered_rows_are_the_rows() {
    let device = cpu();
    let x = tensor(&Draw::new(1).signed(60), [3, 20], &device);
    let y = gather_rows(x.clone(), &Arc::from([2, 0, 2, 1]));
    let wanted = x.select(0, crate::support::whole(&[2, 0, 2, 1], &device));
    assert_eq!(bits(&y), bits(&wanted));
    assert_eq!(gather_rows(y, &Arc::from([])).dims(), [0, 20]);
}

#[test]
fn edges_of_sentences() {
    let cases: [&[u32]; 6] =
        [&[0], &[0, 0, 0], &[0, 1], &[0, 0, 1, 1], &[0, 3, 3, 4, 9, 9], &[0, 40]];
    for case in cases {
        let starts: Arc<[u32]> = Arc::from(case);
        let sizes = [3, 17];
        let got = sums(segment_sum, sizes, &starts, 3);
        assert_all_close(&got, &sums(plain_sum, sizes, &starts, 3), 1e-5);
        let got = states(lstm, 17, &starts, 4);
        assert_all_close(&got, &states(plain_lstm, 17, &starts, 4), 1e-4);
        for (s, bounds) in case.windows(2).enumerate().filter(|(_, bounds)| bounds[0] == bounds[1])
        {
            assert!(got[0][s * 17..][..17].iter().all(|&h| h == 0.0), "{s}: {bounds:?}");
        }
    }
}

#[test]
fn nan_stays_in_its_sentence() {
    let (device, width) = (cpu(), 5);
    let starts: Arc<[u32]> = Arc::from([0, 2, 5, 6]);
    let mut draw = Draw::new(5);
    let mut gates = draw.signed(6 * 4 * width);
    let u = tensor(&draw.signed(4 * width * width), [width, 4 * width], &device);
    let b = vector(&draw.signed(4 * width), &device);
    let run = |gates: &[f64]| {
        bits(&lstm(tensor(gates, [6, 4 * width], &device), u.clone(), b.clone(), &starts))
    };
    let clean = run(&gates);
    gates[3 * 4 * width + 1] = f64::NAN;
    let sick = run(&gates);
    assert_eq!(sick[..width], clean[..width]);
    assert_eq!(sick[2 * width..], clean[2 * width..]);
    assert!(sick[width..2 * width].iter().any(|&h| f32::from_bits(h).is_nan()));
}

#[test]
#[should_panic(expected = "starts [S + 1] must rise")]
fn sentences_beyond_the_words_are_refused() {
    let x = tensor(&[0.0; 4], [1, 4], &cpu());
    segment_sum(x, &Arc::from([0]), &Arc::from([0, 2]));
}

//! A block against its formulas in scalars, and what a word sees of its sequence.

use burn::tensor::Tensor;
use pathweave::bank::{BlockBank, RowActions, Sequences};
use pathweave::init::Init;
use pathweave::kernel::causal_attention::causal_attention;
use pathweave_data::Streams;
use proptest::prelude::*;

use crate::support::{Draw, assert_close, cpu, numbers, tensor};

/// Rows of numbers.
type Rows = Vec<Vec<f64>>;

fn rows<const D: usize>(values: &Tensor<D>, width: usize) -> Rows {
    numbers(values).chunks(width).map(<[f64]>::to_vec).collect()
}

/// x · W + b of module `m`.
fn linear(x: &[f64], (weight, bias): (&Rows, &Rows), m: usize) -> Vec<f64> {
    let weight = &weight[m * x.len()..(m + 1) * x.len()];
    let column = |o: usize| bias[m][o] + x.iter().zip(weight).map(|(x, w)| x * w[o]).sum::<f64>();
    (0..bias[m].len()).map(column).collect()
}

/// Radford et al. 2018: softmax of q·k/√d over the words so far.
fn attend(qkv: &Rows, heads: usize) -> Rows {
    let width = qkv[0].len() / 3;
    let each = width / heads;
    let one = |i: usize, at: usize| {
        let head = at / each * each;
        let score = |j: usize| {
            let dot: f64 = (head..head + each).map(|c| qkv[i][c] * qkv[j][width + c]).sum();
            (dot / (each as f64).sqrt()).exp()
        };
        let sum: f64 = (0..=i).map(score).sum();
        (0..=i).map(|j| score(j) / sum * qkv[j][2 * width + at]).sum()
    };
    (0..qkv.len()).map(|i| (0..width).map(|at| one(i, at)).collect()).collect()
}

fn norm(x: &[f64], gain: &[f64], bias: &[f64]) -> Vec<f64> {
    let count = x.len() as f64;
    let mean = x.iter().sum::<f64>() / count;
    let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
    let one = |(x, (g, b)): (&f64, (&f64, &f64))| (x - mean) / (variance + 1e-5).sqrt() * g + b;
    x.iter().zip(gain.iter().zip(bias)).map(one).collect()
}

/// x Φ(x), Φ by Simpson's rule.
fn gelu(x: f64) -> f64 {
    let density = |t: f64| (-t * t / 2.0).exp() / std::f64::consts::TAU.sqrt();
    let steps = 2000;
    let step = x / f64::from(steps);
    let weight = |at: i32| if at == 0 || at == steps { 1.0 } else { f64::from(2 + 2 * (at % 2)) };
    let sum: f64 = (0..=steps).map(|at| weight(at) * density(f64::from(at) * step)).sum();
    x * (0.5 + sum * step / 3.0)
}

fn add(x: &[f64], y: &[f64]) -> Vec<f64> {
    x.iter().zip(y).map(|(x, y)| x + y).collect()
}

/// One sequence through one module.
fn restated(
    bank: &BlockBank,
    x: &Rows,
    m: usize,
    (width, inner, heads): (usize, usize, usize),
) -> Rows {
    let of = |bank: &pathweave::bank::LinearBank, out: usize| {
        (rows(&bank.weight.val(), out), rows(&bank.bias.val(), out))
    };
    let run = |x: &[f64], (w, b): &(Rows, Rows)| linear(x, (w, b), m);
    let (input, output) = (of(&bank.attention.input, 3 * width), of(&bank.attention.output, width));
    let (up, down) = (of(&bank.rest.up, inner), of(&bank.rest.down, width));
    let affine = |bank: &pathweave::bank::NormBank| {
        (rows(&bank.gain.val(), width)[m].clone(), rows(&bank.bias.val(), width)[m].clone())
    };
    let (first, second) = (affine(&bank.rest.first), affine(&bank.rest.second));
    let qkv: Rows = x.iter().map(|x| run(x, &input)).collect();
    let attended = attend(&qkv, heads);
    let one = |(x, a): (&Vec<f64>, &Vec<f64>)| {
        let h = norm(&add(x, &run(a, &output)), &first.0, &first.1);
        let wide: Vec<f64> = run(&h, &up).into_iter().map(gelu).collect();
        norm(&add(&h, &run(&wide, &down)), &second.0, &second.1)
    };
    x.iter().zip(&attended).map(one).collect()
}

/// Drawn gains and biases, so that they matter.
fn bank(modules: usize, width: usize, inner: usize, heads: usize, draw: &mut Draw) -> BlockBank {
    let (streams, device) = (Streams::new(5), cpu());
    let mut bank = BlockBank::new(modules, [width, inner], heads, &Init::new(&streams, &device));
    let mut drawn = || tensor(&draw.signed(modules * width), [modules, width], &device);
    for norm in [&mut bank.rest.first, &mut bank.rest.second] {
        norm.gain = norm.gain.clone().map(|_| drawn());
        norm.bias = norm.bias.clone().map(|_| drawn());
    }
    bank
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_block_is_its_formulas(
        lengths in prop::collection::vec(0usize..7, 0..5),
        heads in 1usize..4,
        each in 1usize..4,
        modules in 1usize..4,
        seed in 0u64..1000,
    ) {
        let (width, inner, mut draw) = (heads * each, 5, Draw::new(seed));
        let bank = bank(modules, width, inner, heads, &mut draw);
        let mut starts = vec![0];
        lengths.iter().for_each(|&length| starts.push(starts[starts.len() - 1] + length as u32));
        let words = Sequences::new(starts.clone());
        let chosen = draw.below(modules, lengths.len());
        let count = words.of.len();
        let x = tensor::<2>(&draw.signed(count * width), [count, width], &cpu());
        let action = RowActions::of(&words, &chosen, &cpu());
        let got = numbers(&bank.apply(x.clone(), &words, &action));
        let x = rows(&x, width);
        let mut wanted = Vec::new();
        for (ends, &m) in starts.windows(2).zip(&chosen).filter(|(ends, _)| ends[0] < ends[1]) {
            let x = x[ends[0] as usize..ends[1] as usize].to_vec();
            wanted.extend(restated(&bank, &x, m as usize, (width, inner, heads)).concat());
        }
        assert_close(&got, &wanted, 2e-4);
    }
}

#[test]
fn a_later_word_changes_no_earlier_state() {
    let mut draw = Draw::new(1);
    let bank = bank(1, 4, 5, 2, &mut draw);
    let words = Sequences::new(vec![0, 5]);
    let first = RowActions::first(5, &cpu());
    let mut values = draw.signed(20);
    let run = |values: &[f64]| numbers(&bank.apply(tensor(values, [5, 4], &cpu()), &words, &first));
    let before = run(&values);
    values[12..].iter_mut().for_each(|value| *value += 1.0);
    let after = run(&values);
    assert_eq!(before[..12], after[..12]);
    assert_ne!(before[12..], after[12..]);
}

#[test]
fn the_neighbours_of_a_sequence_do_not_matter() {
    let lengths = [3u32, 9, 1, 4, 9, 17, 2, 3];
    let mut draw = Draw::new(2);
    let sequences: Vec<Vec<f64>> =
        lengths.iter().map(|&length| draw.signed(length as usize * 12)).collect();
    let run = |sequences: &[Vec<f64>]| {
        let mut starts = vec![0];
        for sequence in sequences {
            starts.push(starts[starts.len() - 1] + (sequence.len() / 12) as u32);
        }
        let qkv = tensor(&sequences.concat(), [starts[starts.len() - 1] as usize, 12], &cpu());
        numbers(&causal_attention(qkv, &starts.into(), 2))
    };
    let together = run(&sequences);
    let alone: Vec<f64> = sequences.iter().flat_map(|one| run(std::slice::from_ref(one))).collect();
    assert_close(&together, &alone, 1e-6);
}

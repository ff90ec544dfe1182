//! Soft mixture and cross-stitch, one sample and one number at a time.

use pathweave::bank::{Bank, LinearBank};
use pathweave::block::Activation;
use pathweave::dispatcher::Dispatcher;
use pathweave::init::Init;
use pathweave::model::{CrossStitch, SoftMixture};
use pathweave::policy::{Policy, TabularPolicy};
use pathweave::router::Sight;
use pathweave_data::Streams;
use proptest::prelude::*;

use crate::support::{Draw, assert_close, cpu, numbers, rows, tensor};

/// Weights of one stacked linear layer, on the host and in the bank.
struct Layer {
    weight: Vec<f64>,
    bias: Vec<f64>,
    widths: [usize; 2],
    relu: bool,
    bank: LinearBank,
}

impl Layer {
    fn new(modules: usize, widths: [usize; 2], relu: bool, init: &Init) -> Self {
        let f = if relu { Activation::Relu } else { Activation::Identity };
        let bank = LinearBank::new(modules, widths[0], widths[1], f, init);
        let (weight, bias) = (numbers(&bank.weight.val()), numbers(&bank.bias.val()));
        Self { weight, bias, widths, relu, bank }
    }

    /// f_m(h)
    fn module(&self, m: usize, h: &[f64]) -> Vec<f64> {
        let [input, output] = self.widths;
        let one = |o: usize| {
            let weight = |i: usize| self.weight[(m * input + i) * output + o];
            let y = self.bias[m * output + o] + (0..input).map(|i| h[i] * weight(i)).sum::<f64>();
            if self.relu { y.max(0.0) } else { y }
        };
        (0..output).map(one).collect()
    }
}

pub(super) fn softmax(logits: &[f64]) -> Vec<f64> {
    let sum: f64 = logits.iter().map(|x| x.exp()).sum();
    logits.iter().map(|x| x.exp() / sum).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// h ← Σ_m softmax(g)_m f_m(h) at each depth (T 2.2, 5.2.3).
    #[test]
    fn soft_mixture(
        row_count in 1usize..5, modules in 1usize..4, depths in 1usize..4, width in 1usize..4,
        seed: u64,
    ) {
        let (device, streams, mut draw) = (cpu(), Streams::new(seed), Draw::new(seed));
        let init = Init::new(&streams, &device);
        let layer = |d: usize| Layer::new(modules, [width; 2], d + 1 < depths, &init.at(d));
        let layers: Vec<Layer> = (0..depths).map(layer).collect();
        let tables: Vec<Vec<f64>> = (0..depths).map(|_| draw.signed(2 * modules)).collect();
        let gate = |table: &Vec<f64>| {
            let mut gate = TabularPolicy::new(2, 1, modules, &init);
            gate.table = gate.table.map(|_| tensor(table, [2, modules], &device));
            Policy::Tabular(gate)
        };
        let sight =
            Sight { dispatcher: Dispatcher::Meta, state: None, gradient_to_modules: false };
        let banks = layers.iter().map(|layer| Bank::Linear(layer.bank.clone())).collect();
        let mixture = SoftMixture::new(tables.iter().map(gate).collect(), banks, sight);
        let contexts = draw.below(2, row_count);
        let x = draw.signed(row_count * width);
        let input = tensor(&x, [row_count, width], &device);
        let (y, weights) = mixture.forward(input, &rows(&contexts));

        let mut wanted = Vec::new();
        for (row, h) in x.chunks_exact(width).enumerate() {
            let mut h = h.to_vec();
            for depth in 0..depths {
                let g = &tables[depth][contexts[row] as usize * modules..][..modules];
                let (p, mut next) = (softmax(g), vec![0.0; width]);
                for (m, &share) in p.iter().enumerate() {
                    let f = layers[depth].module(m, &h);
                    (0..width).for_each(|o| next[o] += share * f[o]);
                }
                let got = &numbers(&weights[depth])[row * modules..][..modules];
                assert_close(got, &p, 1e-5);
                h = next;
            }
            wanted.extend(h);
        }
        assert_close(&numbers(&y), &wanted, 1e-5);
    }

    /// The input of module i at layer l is Σ_j w_ij v_{l−1,j} (T 5.2.3).
    #[test]
    fn cross_stitch(
        row_count in 1usize..5, modules in 1usize..4, layer_count in 1usize..5,
        input in 1usize..4, width in 1usize..4, seed: u64,
    ) {
        let (device, streams, mut draw) = (cpu(), Streams::new(seed), Draw::new(seed));
        let init = Init::new(&streams, &device);
        let layer = |l: usize| {
            let widths = [if l == 0 { input } else { width }, width];
            Layer::new(modules, widths, l + 1 < layer_count, &init.at(l))
        };
        let layers: Vec<Layer> = (0..layer_count).map(layer).collect();
        let banks = layers.iter().map(|layer| layer.bank.clone()).collect();
        let mut network = CrossStitch::new(banks, 0.9, &init);
        let mut stitches = Vec::new();
        for stitch in &mut network.stitches {
            let values = draw.signed(modules * modules);
            let value = tensor(&values, [modules, modules], &device);
            *stitch = stitch.clone().map(|_| value);
            stitches.push(values);
        }
        // More contexts than columns: they share.
        let contexts = draw.below(modules + 1, row_count);
        let x = draw.signed(row_count * input);
        let y = network.forward(tensor(&x, [row_count, input], &device), &rows(&contexts));

        let mut wanted = Vec::new();
        for (row, h) in x.chunks_exact(input).enumerate() {
            let mut v: Vec<Vec<f64>> = (0..modules).map(|m| layers[0].module(m, h)).collect();
            for l in 1..layer_count {
                let mixed = |i: usize| -> Vec<f64> {
                    let w = |j: usize| stitches[l - 1][i * modules + j];
                    (0..width).map(|o| (0..modules).map(|j| w(j) * v[j][o]).sum()).collect()
                };
                v = (0..modules).map(|i| layers[l].module(i, &mixed(i))).collect();
            }
            wanted.extend(v[contexts[row] as usize % modules].clone());
        }
        assert_close(&numbers(&y), &wanted, 1e-5);
    }
}

#[test]
fn stitches_start_as_convex_combinations() {
    let (device, streams) = (cpu(), Streams::new(0));
    let init = Init::new(&streams, &device);
    for modules in [1, 2, 4] {
        let bank = |l: usize| LinearBank::new(modules, 2, 2, Activation::Relu, &init.at(l));
        let network = CrossStitch::new((0..3).map(bank).collect(), 0.7, &init);
        assert_eq!(network.stitches.len(), 2);
        for row in numbers(&network.stitches[1].val()).chunks_exact(modules) {
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-6);
        }
        let own = if modules == 1 { 1.0 } else { f64::from(0.7f32) };
        assert_eq!(numbers(&network.stitches[0].val())[0], own);
    }
}

//! Sparse mixtures, one sample and one number at a time; and against their dense twins.

use burn::tensor::Tensor;
use pathweave::bank::Bank;
use pathweave::block::{Activation, BlockKind};
use pathweave::dispatcher::Dispatcher;
use pathweave::init::Init;
use pathweave::model::{
    Gating, SoftMixture, SparseMixture, SparseOutput, Statistics, SwitchSpec, TopKSpec,
};
use pathweave::noise::Noise;
use pathweave::policy::{Policy, TabularPolicy};
use pathweave::router::Sight;
use pathweave_data::Streams;
use proptest::prelude::*;

use super::networks::softmax;
use crate::support::{Draw, assert_close, cpu, numbers, rows, tape, tensor};

const STEP: u64 = 4;

/// One depth, tables as gates: agent = context.
struct Case {
    mixture: SparseMixture,
    bank: Bank,
    table: Vec<f64>,
    contexts: Vec<u32>,
    x: Vec<f64>,
    modules: usize,
    streams: Streams,
}

const WIDTH: usize = 3;

impl Case {
    fn new(row_count: usize, modules: usize, gating: Gating, seed: u64) -> Self {
        let (device, streams, mut draw) = (cpu(), Streams::new(seed), Draw::new(seed));
        let init = Init::new(&streams, &device);
        let kinds = [BlockKind::Linear];
        let bank = Bank::new(modules, &kinds, WIDTH, 2, Activation::Tanh, &init);
        let columns = gating.columns(modules);
        let table = draw.signed(2 * columns);
        let gate = gate(&table, columns, &init);
        let mixture = SparseMixture::new(vec![gate], vec![bank.clone()], SIGHT, gating, &init);
        let (contexts, x) = (draw.below(2, row_count), draw.signed(row_count * WIDTH));
        Self { mixture, bank, table, contexts, x, modules, streams }
    }

    fn input(&self) -> Tensor<2> {
        tensor(&self.x, [self.contexts.len(), WIDTH], &cpu())
    }

    fn forward(&self, training: bool) -> SparseOutput {
        let noise = Noise::new(&self.streams, STEP);
        self.mixture.forward(self.input(), &rows(&self.contexts), training, &noise)
    }

    /// The gate's numbers of a row.
    fn gate(&self, row: usize) -> &[f64] {
        let columns = self.table.len() / 2;
        &self.table[self.contexts[row] as usize * columns..][..columns]
    }

    /// f_m of every row, from the bank's dense pass.
    fn outputs(&self) -> Vec<Vec<Vec<f64>>> {
        let all = numbers(&self.bank.apply_all(self.input()));
        let rows = self.contexts.len();
        let of = |m: usize, row: usize| all[(m * rows + row) * 2..][..2].to_vec();
        (0..self.modules).map(|m| (0..rows).map(|row| of(m, row)).collect()).collect()
    }

    /// Σ_m w_m f_m(x) from dense weights.
    fn mixed(&self, weights: &[Vec<f64>]) -> Vec<f64> {
        let f = self.outputs();
        let one = |(row, w): (usize, &Vec<f64>)| {
            [0, 1].map(|o| w.iter().enumerate().map(|(m, w)| w * f[m][row][o]).sum::<f64>())
        };
        weights.iter().enumerate().flat_map(one).collect()
    }
}

const SIGHT: Sight =
    Sight { dispatcher: Dispatcher::Meta, state: None, gradient_to_modules: false };

fn gate(table: &[f64], columns: usize, init: &Init) -> Policy {
    let mut gate = TabularPolicy::new(2, 1, columns, init);
    gate.table = gate.table.map(|_| tensor(table, [2, columns], init.device()));
    Policy::Tabular(gate)
}

/// Places of the k largest.
fn top(values: &[f64], k: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    order.truncate(k);
    order
}

/// Shazeer et al. 2017, eqs. 3 and 5.
fn kept_softmax(h: &[f64], k: usize) -> Vec<f64> {
    let kept = top(h, k);
    let masked: Vec<f64> =
        (0..h.len()).map(|i| if kept.contains(&i) { h[i] } else { f64::NEG_INFINITY }).collect();
    softmax(&masked)
}

/// Eqs. 7 and 11.
fn squared_variation(sums: &[f64]) -> f64 {
    let mean = sums.iter().sum::<f64>() / sums.len() as f64;
    let variance = sums.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / sums.len() as f64;
    variance / (mean * mean + 1e-10)
}

/// Φ by Simpson's rule.
fn normal_cdf(z: f64) -> f64 {
    let density = |x: f64| (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let (n, h) = (2000, z / 2000.0);
    let inner: f64 =
        (1..n).map(|i| if i % 2 == 1 { 4.0 } else { 2.0 } * density(i as f64 * h)).sum();
    0.5 + (density(0.0) + inner + density(z)) * h / 3.0
}

/// Eqs. 8 and 9, with the k-th best of the others found by sorting.
fn staying(clean: &[f64], noisy: &[f64], spread: &[f64], i: usize, k: usize) -> f64 {
    let mut others: Vec<f64> = (0..noisy.len()).filter(|&j| j != i).map(|j| noisy[j]).collect();
    others.sort_by(|a, b| b.total_cmp(a));
    normal_cdf((clean[i] - others[k - 1]) / spread[i])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn noisy_top_k(row_count in 1usize..6, modules in 1usize..6, k in 1usize..4, seed: u64) {
        let spec = TopKSpec { k, noise: true, importance: 0.7, load: 0.3 };
        let case = Case::new(row_count, modules, Gating::TopK(spec), seed);
        let out = case.forward(true);
        let noise = Noise::new(&case.streams, STEP);
        let normal = numbers(&noise.normal("gate/0/noise", row_count, modules, &cpu()));
        let k = k.min(modules);
        let (mut weights, mut loads) = (Vec::new(), vec![0.0; modules]);
        for row in 0..row_count {
            let (clean, raw) = case.gate(row).split_at(modules);
            let spread: Vec<f64> = raw.iter().map(|x| x.exp().ln_1p() + 0.01).collect();
            let noisy: Vec<f64> =
                (0..modules).map(|i| clean[i] + normal[row * modules + i] * spread[i]).collect();
            weights.push(kept_softmax(&noisy, k));
            for (i, load) in loads.iter_mut().enumerate().filter(|_| k < modules) {
                *load += staying(clean, &noisy, &spread, i, k);
            }
        }
        let importance: Vec<f64> =
            (0..modules).map(|m| weights.iter().map(|w| w[m]).sum()).collect();
        let wanted = 0.7 * squared_variation(&importance) + 0.3 * squared_variation(&loads);
        assert_close(&numbers(&out.auxiliary.clone().expect("a loss")), &[wanted], 2e-4);
        assert_close(&numbers(&out.weights[0]), &weights.concat(), 1e-5);
        assert_close(&numbers(&out.h), &case.mixed(&weights), 1e-5);

        // Evaluation: the clean scores, no loss.
        let out = case.forward(false);
        let weights: Vec<Vec<f64>> = (0..row_count)
            .map(|row| kept_softmax(&case.gate(row)[..modules], k))
            .collect();
        assert_close(&numbers(&out.h), &case.mixed(&weights), 1e-5);
        assert!(out.auxiliary.is_none());
    }

    #[test]
    fn switch(row_count in 1usize..6, modules in 1usize..6, seed: u64, global: bool) {
        let statistics = if global { Statistics::Global } else { Statistics::Batch };
        let spec = SwitchSpec { balance: 0.4, statistics, rate: 0.25, jitter: 0.0 };
        let mut case = Case::new(row_count, modules, Gating::Switch(spec), seed);
        let (m, b) = (modules as f64, row_count as f64);
        let mut running = vec![1.0 / m; modules];
        for _ in 0..2 {
            let out = case.forward(true);
            let (mut f, mut mean_p) = (vec![0.0; modules], vec![0.0; modules]);
            let mut weights = Vec::new();
            for row in 0..row_count {
                let p = softmax(case.gate(row));
                let chosen = top(&p, 1)[0];
                f[chosen] += 1.0 / b;
                (0..modules).for_each(|i| mean_p[i] += p[i] / b);
                weights.push((0..modules).map(|i| if i == chosen { p[i] } else { 0.0 }).collect());
            }
            for (running, f) in running.iter_mut().zip(&f) {
                *running = 0.75 * *running + 0.25 * f;
            }
            let counted = if global { &running } else { &f };
            let dot: f64 = counted.iter().zip(&mean_p).map(|(f, p)| f * p).sum();
            assert_close(&numbers(&out.auxiliary.expect("a loss")), &[0.4 * m * dot], 1e-5);
            assert_close(&numbers(&out.h), &case.mixed(&weights), 1e-5);
            let shares: Vec<f64> = (0..modules)
                .map(|i| numbers(&out.weights[0]).iter().skip(i).step_by(modules).sum::<f64>() / b)
                .collect();
            assert_close(&shares, &f, 1e-6);
            case.mixture.observe(&out.weights);
        }
        if global {
            assert_close(&numbers(&case.mixture.shares[0].val()), &running, 1e-6);
        } else {
            assert!(case.mixture.shares.is_empty());
        }
    }

    /// Without noise and with k = M nothing is left out.
    #[test]
    fn top_k_of_all_modules_is_the_soft_mixture(
        row_count in 1usize..6, modules in 1usize..5, more in 0usize..2, seed: u64,
    ) {
        let spec = TopKSpec { k: modules + more, noise: false, importance: 0.0, load: 0.0 };
        let case = Case::new(row_count, modules, Gating::TopK(spec), seed);
        let device = cpu();
        let gate = gate(&case.table, modules, &Init::new(&case.streams, &device));
        let soft = SoftMixture::new(vec![gate], vec![case.bank.clone()], SIGHT);
        let (wanted, weights) = soft.forward(case.input(), &rows(&case.contexts));
        let out = case.forward(true);
        assert_close(&numbers(&out.h), &numbers(&wanted), 1e-6);
        assert_close(&numbers(&out.weights[0]), &numbers(&weights[0]), 1e-6);
        assert!(out.auxiliary.is_none());
    }
}

#[test]
fn no_row_is_no_loss_and_moves_nothing() {
    let global = SwitchSpec { statistics: Statistics::Global, ..SwitchSpec::default() };
    for gating in [Gating::TopK(TopKSpec::default()), Gating::Switch(global)] {
        let mut case = Case::new(0, 3, gating, 1);
        let out = case.forward(true);
        assert_eq!(out.h.dims(), [0, 2]);
        assert_eq!(out.weights[0].dims(), [0, 3]);
        assert!(out.auxiliary.is_none());
        let shares = |case: &Case| -> Vec<f64> {
            case.mixture.shares.iter().flat_map(|shares| numbers(&shares.val())).collect()
        };
        let before = shares(&case);
        case.mixture.observe(&out.weights);
        assert_eq!(before, shares(&case));
    }
}

#[test]
fn only_chosen_modules_run() {
    let device = tape();
    let (streams, contexts) = (Streams::new(2), [0, 1, 1, 0]);
    let init = Init::new(&streams, &device);
    let kinds = [BlockKind::Linear, BlockKind::Mlp];
    let bank = Bank::new(4, &kinds, 3, 2, Activation::Tanh, &init);
    // Contexts like modules 2 and 3, then 1 and 2.
    let table = [0.0, 0.1, 2.0, 1.0, 0.0, 2.0, 1.0, 0.1];
    let spec = TopKSpec { k: 2, noise: false, importance: 0.1, load: 0.0 };
    let gate = gate(&table, 4, &init);
    let mixture = SparseMixture::new(vec![gate], vec![bank], SIGHT, Gating::TopK(spec), &init);
    let x: Tensor<2> = tensor(&Draw::new(1).signed(12), [4, 3], &device);
    let noise = Noise::new(&streams, 0);
    let out = mixture.forward(x, &rows(&contexts), true, &noise);
    let gradients = out.h.sum().backward();
    let Bank::Mixed(bank) = &mixture.banks[0] else { panic!("different kinds") };
    let touched: Vec<bool> = bank
        .blocks
        .iter()
        .map(|block| match block {
            pathweave::block::Block::Linear(block) => block.weight.val().grad(&gradients).is_some(),
            pathweave::block::Block::Mlp(block) => {
                block.first.weight.val().grad(&gradients).is_some()
            }
            _ => panic!("two kinds"),
        })
        .collect();
    assert_eq!(touched, [false, true, true, true]);
}

//! Forward and backward against the restatement, on many shapes.

use proptest::prelude::*;

use super::super::{Layout, MOMENTUM, Real};
use super::case::{
    Answer, block, close, evaluate, lay, layouts, numbers, output, shape, train_fresh,
};
use super::oracle::Block;
use crate::kernel::lanes::Level;

fn compare<T: Real>(block: &Block, ends: (Layout, Layout), tolerance: f64) {
    let shape = shape(block, ends);
    let mut next = numbers(99);
    let dy: Vec<f64> = (0..shape.output_len()).map(|_| f64::from(next() as f32)).collect();
    let Answer { y, mean, var, dx, weight, bias, gamma, beta } =
        train_fresh::<T>(block, &shape, &dy);
    let forward = block.forward_train();
    let want = block.backward(&forward, &dy);
    let count = (block.input[0] * block.input[2] * block.input[3]) as f64;
    let running_mean: Vec<f64> = forward.mean.iter().map(|m| MOMENTUM * m).collect();
    let running_var: Vec<f64> =
        forward.var.iter().map(|v| 1.0 - MOMENTUM + MOMENTUM * v * count / (count - 1.0)).collect();
    let order = |v: &[f64], dims, layout| lay::<f64>(v, dims, layout);
    close("y", &y, &order(&forward.y, output(&shape), ends.1), tolerance);
    close("running mean", &mean, &running_mean, tolerance);
    close("running variance", &var, &running_var, tolerance);
    // Sums of the gradients run over many terms, and over cancelling ones.
    let tolerance = 10.0 * tolerance;
    close("dx", &dx, &order(&want.x, block.input, ends.0), tolerance);
    close("dweight", &weight, &want.weight, tolerance);
    close("dbias", &bias, &vec![0.0; block.filters], 0.0);
    close("dgamma", &gamma, &want.gamma, tolerance);
    close("dbeta", &beta, &want.beta, tolerance);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn both_types_agree_with_the_restatement(
        n in 1_usize..4, c in 1_usize..20, h in 2_usize..10, w in 2_usize..10,
        filters in 1_usize..50, seed in any::<u64>(), ends in layouts(),
    ) {
        let block = block([n, c, h, w], filters, seed);
        compare::<f64>(&block, ends, 1e-9);
    }

    #[test]
    fn evaluation_agrees_with_the_restatement(
        n in 1_usize..4, c in 1_usize..20, h in 2_usize..10, w in 2_usize..10,
        filters in 1_usize..50, seed in any::<u64>(), ends in layouts(), biased in any::<bool>(),
    ) {
        let mut block = block([n, c, h, w], filters, seed);
        if !biased {
            block.bias.fill(0.0);
        }
        let shape = shape(&block, ends);
        let mut next = numbers(seed ^ 1);
        let mean: Vec<f64> = (0..filters).map(|_| f64::from(next() as f32)).collect();
        let var: Vec<f64> = (0..filters).map(|_| f64::from(1.1 + next() as f32)).collect();
        let want = block.forward_eval(&mean, &var).y;
        let want = lay::<f64>(&want, output(&shape), ends.1);
        let level = Level::available()[0];
        close("f32", &evaluate::<f32>(&block, &shape, &mean, &var, level), &want, 1e-5);
        close("f64", &evaluate::<f64>(&block, &shape, &mean, &var, level), &want, 1e-12);
    }
}

/// Images of more and of fewer pixels than a group, groups that the batch does not fill, filters in
/// one and in several vectors, few and many channels.
#[test]
fn the_shapes_of_real_models_agree_in_f32() {
    let (first, last) = (Layout::ChannelsFirst, Layout::ChannelsLast);
    for (input, filters, ends) in [
        ([2, 3, 24, 24], 32, (first, last)),
        ([9, 32, 8, 8], 16, (last, last)),
        ([33, 9, 4, 4], 40, (last, first)),
        ([2, 1, 28, 28], 32, (first, first)),
        ([11, 16, 7, 7], 24, (last, last)),
        ([60, 16, 3, 3], 33, (last, first)),
    ] {
        compare::<f32>(&block(input, filters, 5), ends, 2e-5);
    }
}

/// A mean far above the deviation must not cost the variance its digits.
#[test]
fn a_far_mean_leaves_the_variance_exact() {
    let mut block = block([4, 3, 12, 12], 32, 8);
    block.bias.fill(1000.0);
    let shape = shape(&block, Default::default());
    let dy = vec![1.0; shape.output_len()];
    let got = train_fresh::<f32>(&block, &shape, &dy);
    // z itself has 1000 · 2⁻²⁴ of rounding, 6e-5 of a deviation of about 1.
    let count = 4.0 * 144.0;
    for (got, var) in got.var.iter().zip(block.forward_train().var) {
        let unbiased = (f64::from(*got) - 0.9) / 0.1;
        let want = var * count / (count - 1.0);
        assert!((unbiased - want).abs() < 1e-4 * want.max(0.1), "{unbiased} instead of {want}");
    }
    close("y", &got.y, &block.forward_train().y, 2e-4);
}

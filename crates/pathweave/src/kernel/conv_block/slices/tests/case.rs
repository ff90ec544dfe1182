//! Random blocks and the kernel's answers on them.

use proptest::prelude::*;

use super::super::{
    Averages, EPSILON, Gradients, Layout, MOMENTUM, Params, Real, Running, Saved, Scratch, Shape,
    backward, forward_eval, forward_train,
};
use super::oracle::Block;
use crate::kernel::lanes::Level;

/// A stream of numbers in [−1, 1).
pub fn numbers(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1 << 23) - 1.0
    }
}

/// Values that `f32` holds, so that both types see the same block.
pub fn block(input: [usize; 4], filters: usize, seed: u64) -> Block {
    let mut next = numbers(seed);
    let mut many = |n: usize, scale: f64| -> Vec<f64> {
        (0..n).map(|_| f64::from((next() * scale) as f32)).collect()
    };
    let mut block = Block {
        input,
        filters,
        x: many(input.iter().product(), 1.0),
        weight: many(filters * input[1] * 9, 0.3),
        bias: many(filters, 0.5),
        gamma: many(filters, 1.5),
        beta: many(filters, 0.5),
        epsilon: EPSILON,
    };
    // One filter in five has γ = 0.
    for (f, gamma) in block.gamma.iter_mut().enumerate() {
        if (f as u64 + seed) % 5 == 4 {
            *gamma = 0.0;
        }
    }
    block
}

pub fn layouts() -> impl Strategy<Value = (Layout, Layout)> {
    let one = || prop_oneof![Just(Layout::ChannelsFirst), Just(Layout::ChannelsLast)];
    (one(), one())
}

pub fn shape(block: &Block, (input, output): (Layout, Layout)) -> Shape {
    Shape::new(block.input, block.filters).expect("a valid shape").with_layouts(input, output)
}

pub fn cast<T: Real>(values: &[f64]) -> Vec<T> {
    values.iter().map(|&v| T::from_f64(v)).collect()
}

/// Reorders `[N, C, H, W]` to the layout.
pub fn lay<T: Real>(values: &[f64], [n, c, h, w]: [usize; 4], layout: Layout) -> Vec<T> {
    let mut out = cast::<T>(values);
    if layout == Layout::ChannelsLast {
        for (i, &v) in values.iter().enumerate() {
            let (image, channel, pixel) = (i / (c * h * w), i / (h * w) % c, i % (h * w));
            out[(image * h * w + pixel) * c + channel] = T::from_f64(v);
        }
    }
    assert_eq!(out.len(), n * c * h * w);
    out
}

/// The kernel's answers, as it lays them out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer<T> {
    pub y: Vec<T>,
    pub mean: Vec<T>,
    pub var: Vec<T>,
    pub dx: Vec<T>,
    pub weight: Vec<T>,
    pub bias: Vec<T>,
    pub gamma: Vec<T>,
    pub beta: Vec<T>,
}

/// Forward and backward at a level, the running averages starting at 0 and 1.
pub fn train<T: Real>(
    block: &Block,
    shape: &Shape,
    dy: &[f64],
    level: Level,
    saved: &mut Saved<T>,
    scratch: &mut Scratch<T>,
) -> Answer<T> {
    let fill = |n: usize, v: f64| vec![T::from_f64(v); n];
    let f = block.filters;
    // Wrong values where the kernel must overwrite.
    let mut a = Answer {
        y: fill(shape.output_len(), 7.0),
        mean: fill(f, 0.0),
        var: fill(f, 1.0),
        dx: fill(shape.input_len(), 7.0),
        weight: fill(shape.weight_len(), 7.0),
        bias: fill(f, 7.0),
        gamma: fill(f, 7.0),
        beta: fill(f, 7.0),
    };
    let x = lay::<T>(&block.x, block.input, shape.input());
    let dy = lay::<T>(dy, output(shape), shape.output());
    let owned = [&block.weight, &block.bias, &block.gamma, &block.beta].map(|v| cast::<T>(v));
    let params = Params {
        weight: &owned[0],
        bias: Some(&owned[1]),
        gamma: &owned[2],
        beta: &owned[3],
        epsilon: block.epsilon,
    };
    let mut running = Running { mean: &mut a.mean, var: &mut a.var, momentum: MOMENTUM };
    scratch.level = level;
    forward_train(shape, &x, &params, &mut running, &mut a.y, saved, scratch);
    let gradients = Gradients {
        x: Some(&mut a.dx),
        weight: &mut a.weight,
        bias: Some(&mut a.bias),
        gamma: &mut a.gamma,
        beta: &mut a.beta,
    };
    backward(shape, &x, &params, saved, &dy, gradients, scratch);
    a
}

/// As [`train`] at the best level with fresh buffers.
pub fn train_fresh<T: Real>(block: &Block, shape: &Shape, dy: &[f64]) -> Answer<T> {
    let level = Level::available()[0];
    train(block, shape, dy, level, &mut Saved::default(), &mut Scratch::default())
}

/// Evaluation without a bias where the block's is 0.
pub fn evaluate<T: Real>(
    block: &Block,
    shape: &Shape,
    mean: &[f64],
    var: &[f64],
    level: Level,
) -> Vec<T> {
    let x = lay::<T>(&block.x, block.input, shape.input());
    let owned = [&block.weight, &block.bias, &block.gamma, &block.beta].map(|v| cast::<T>(v));
    let params = Params {
        weight: &owned[0],
        bias: block.bias.iter().any(|&b| b != 0.0).then_some(&owned[1]),
        gamma: &owned[2],
        beta: &owned[3],
        epsilon: block.epsilon,
    };
    let (mean, var) = (cast(mean), cast(var));
    let averages = Averages { mean: &mean, var: &var };
    let mut y = vec![T::from_f64(7.0); shape.output_len()];
    let mut scratch = Scratch::default();
    scratch.level = level;
    forward_eval(shape, &x, &params, &averages, &mut y, &mut scratch);
    y
}

/// `[N, F, H/2, W/2]`.
pub fn output(shape: &Shape) -> [usize; 4] {
    let (h, w) = (shape.out_height(), shape.out_width());
    [shape.batch(), shape.filters(), h, w]
}

/// Greatest difference as a share of the greatest reference value, or of 1 where that is smaller.
#[track_caller]
pub fn close<T: Real>(what: &str, got: &[T], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len(), "{what}: length");
    let scale = want.iter().fold(1.0_f64, |m, v| m.max(v.abs()));
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let got = got.to_f64();
        assert!((got - want).abs() <= tolerance * scale, "{what}[{i}]: {got} instead of {want}");
    }
}

//! Finite differences in `f64`, which need no formula of the gradient.

use super::super::{Layout, Saved, Scratch, Shape};
use super::case::{block, numbers, shape, train};
use super::oracle::Block;
use crate::kernel::lanes::Level;

/// Σ dy · y, by the kernel's own forward pass.
fn loss(block: &Block, shape: &Shape, dy: &[f64]) -> f64 {
    let answer = train::<f64>(
        block,
        shape,
        dy,
        Level::available()[0],
        &mut Saved::default(),
        &mut Scratch::default(),
    );
    answer.y.iter().zip(dy).map(|(y, dy)| y * dy).sum()
}

type Part = fn(&mut Block) -> &mut Vec<f64>;

#[test]
fn every_gradient_is_the_central_difference() {
    const STEP: f64 = 1e-6;
    for (input, filters) in [([2, 2, 4, 4], 3), ([1, 1, 3, 5], 2), ([3, 10, 2, 3], 2)] {
        let block = block(input, filters, 3);
        let shape = shape(&block, (Layout::ChannelsFirst, Layout::ChannelsFirst));
        let mut next = numbers(4);
        let dy: Vec<f64> = (0..shape.output_len()).map(|_| next()).collect();
        let level = Level::available()[0];
        let (mut saved, mut scratch) = (Saved::default(), Scratch::default());
        let got = train::<f64>(&block, &shape, &dy, level, &mut saved, &mut scratch);
        let parts: [(&str, Part, &[f64]); 5] = [
            ("x", |b| &mut b.x, &got.dx),
            ("weight", |b| &mut b.weight, &got.weight),
            ("bias", |b| &mut b.bias, &got.bias),
            ("gamma", |b| &mut b.gamma, &got.gamma),
            ("beta", |b| &mut b.beta, &got.beta),
        ];
        for (name, part, got) in parts {
            for (i, got) in got.iter().enumerate() {
                let at = |step: f64| {
                    let mut moved = block.clone();
                    part(&mut moved)[i] += step;
                    loss(&moved, &shape, &dy)
                };
                // γ = 0 is a corner: there the chosen pixel changes with γ's sign.
                if name == "gamma" && block.gamma[i] == 0.0 {
                    continue;
                }
                let want = (at(STEP) - at(-STEP)) / (2.0 * STEP);
                assert!(
                    (got - want).abs() < 1e-6 * want.abs().max(1.0),
                    "{name}[{i}] of {input:?}: {got} instead of {want}"
                );
            }
        }
    }
}

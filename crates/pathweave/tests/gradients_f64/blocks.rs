//! Kernels and banks.

use burn::module::Param;
use burn::tensor::Tensor;
use pathweave::bank::{Bank, LinearBank, MixedBank};
use pathweave::block::{Activation, Block, BlockKind, ConvBlock, IdentityBlock};
use pathweave::init::Init;
use pathweave::kernel::conv_block::{self, ConvBlockParams, Layout, Layouts};
use pathweave::kernel::grouped_linear::grouped_linear;
use pathweave_data::Streams;

use super::differences::{check, device, draws, leaf, weighed, whole};

#[test]
fn numbers_are_64_bits_wide() {
    let third: Tensor<1> = draws::<1>("x", [1]) * 0.0 + 1.0 / 3.0;
    assert_eq!(third.into_scalar::<f64>(), 1.0 / 3.0);
}

/// x [R, in], W [M, in, out], b [M, out]
type Leaves = (Param<Tensor<2>>, (Param<Tensor<3>>, Param<Tensor<2>>));

#[test]
fn grouped_linear_by_input_weight_and_bias() {
    // Out of order; in order; with rows that pass; all in one module.
    let cases: [&[i32]; 4] = [&[2, 0, 1, 0], &[0, 0, 1, 2], &[3, 1, 0, 3], &[1, 1, 1, 1]];
    for actions in cases {
        for relu in [false, true] {
            let leaves: Leaves = (leaf("x", [4, 3]), (leaf("w", [3, 3, 3]), leaf("b", [3, 3])));
            let actions = whole(actions);
            check(&leaves, |(x, (w, b))| {
                weighed(grouped_linear(x.val(), w.val(), b.val(), &actions, relu))
            });
        }
    }
}

#[test]
fn grouped_linear_to_another_width() {
    let leaves: Leaves = (leaf("x", [5, 2]), (leaf("w", [2, 2, 4]), leaf("b", [2, 4])));
    let actions = whole(&[1, 0, 1, 1, 0]);
    check(&leaves, |(x, (w, b))| {
        weighed(grouped_linear(x.val(), w.val(), b.val(), &actions, true))
    });
}

#[test]
fn conv_block_in_every_layout() {
    for input in [Layout::ChannelsFirst, Layout::ChannelsLast] {
        for output in [Layout::ChannelsFirst, Layout::ChannelsLast] {
            let layouts = Layouts { input, output };
            // An odd height: the last row of pixels is in no pool.
            let x = leaf("x", input.order([2, 2, 5, 4]));
            let leaves = ((x, leaf("w", [3, 2, 3, 3])), (leaf("gamma", [3]), leaf("beta", [3])));
            check(&leaves, |((x, weight), (gamma, beta))| {
                let params =
                    ConvBlockParams { weight: weight.val(), gamma: gamma.val(), beta: beta.val() };
                weighed(conv_block::train(x.val(), params, layouts).0)
            });
        }
    }
}

#[test]
fn conv_block_without_gradient_for_its_images() {
    let layouts = Layouts::default();
    let x = draws("x", [2, 1, 4, 4]);
    let leaves = (leaf("w", [2, 1, 3, 3]), (leaf("gamma", [2]), leaf("beta", [2])));
    check(&leaves, |(weight, (gamma, beta))| {
        let params = ConvBlockParams { weight: weight.val(), gamma: gamma.val(), beta: beta.val() };
        weighed(conv_block::train(x.clone(), params, layouts).0)
    });
}

const ACTIVATIONS: [Activation; 4] =
    [Activation::Identity, Activation::Relu, Activation::Tanh, Activation::Gelu];

#[test]
fn stacked_banks_of_every_kind_and_activation() {
    let (streams, device) = (Streams::new(2), device());
    let actions = whole(&[1, 3, 0, 1, 2]);
    for kind in [BlockKind::Linear, BlockKind::Mlp] {
        for f in ACTIVATIONS {
            let init = Init::new(&streams, &device);
            let bank = Bank::new(3, &[kind], 4, 4, f, &init);
            check(&(leaf("x", [5, 4]), bank.clone()), |(x, bank)| {
                weighed(bank.apply(x.val(), &actions))
            });
            check(&(leaf("x", [2, 4]), bank), |(x, bank)| weighed(bank.apply_all(x.val())));
        }
    }
}

#[test]
fn a_bank_of_different_blocks() {
    let (streams, device) = (Streams::new(2), device());
    let init = Init::new(&streams, &device);
    let bank = Bank::Mixed(MixedBank::new(
        vec![
            BlockKind::Linear.build(6, 6, Activation::Tanh, &init.at(0)),
            Block::Conv(ConvBlock::new([1, 1], 2, 3, &init.at(1))),
            Block::Identity(IdentityBlock::new(6)),
            BlockKind::Mlp.build(6, 6, Activation::Relu, &init.at(3)),
        ],
        6,
    ));
    let actions = whole(&[3, 1, 4, 0, 2, 1, 0]);
    check(&(leaf("x", [7, 6]), bank.clone()), |(x, bank)| weighed(bank.apply(x.val(), &actions)));
    check(&(leaf("x", [2, 6]), bank), |(x, bank)| weighed(bank.apply_all(x.val())));
}

#[test]
fn rows_through_their_own_block() {
    let (streams, device) = (Streams::new(2), device());
    let bank = LinearBank::new(3, 2, 4, Activation::Tanh, &Init::new(&streams, &device));
    check(&(leaf("x", [3, 2, 2]), bank), |(x, bank)| weighed(bank.apply_each(x.val())));
}

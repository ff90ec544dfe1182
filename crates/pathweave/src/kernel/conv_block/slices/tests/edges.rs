//! Empty batches, refused shapes, ties, NaN, reused buffers.

use super::super::{Layout, Saved, Scratch, Shape, ShapeError};
use super::case::{block, evaluate, numbers, shape, train, train_fresh};
use crate::kernel::lanes::Level;

#[test]
fn shapes_that_cannot_be_are_refused() {
    let no = |input, filters| Shape::new(input, filters).unwrap_err();
    assert_eq!(no([1, 3, 1, 8], 4), ShapeError::TooSmall { height: 1, width: 8 });
    assert_eq!(
        no([1, 3, 8, 0], 4).to_string(),
        "2x2 pooling leaves nothing of a 8x0 image: both sides must be at least 2"
    );
    assert_eq!(no([1, 0, 8, 8], 4), ShapeError::NoChannels { channels: 0, filters: 4 });
    assert_eq!(no([1, 3, 8, 8], 0), ShapeError::NoChannels { channels: 3, filters: 0 });
    assert_eq!(no([usize::MAX, 3, 8, 8], 4), ShapeError::TooLarge);
    assert_eq!(no([1, usize::MAX, 8, 8], 4), ShapeError::TooLarge);
    assert_eq!(no([1, 3, usize::MAX, 8], 4), ShapeError::TooLarge);
}

#[test]
fn an_empty_batch_moves_no_average_and_has_no_gradient() {
    let block = block([0, 3, 8, 8], 5, 1);
    let shape = shape(&block, Default::default());
    let got = train_fresh::<f32>(&block, &shape, &[]);
    assert!(got.y.is_empty() && got.dx.is_empty());
    assert_eq!(got.mean, [0.0; 5]);
    assert_eq!(got.var, [1.0; 5]);
    assert_eq!(got.weight, vec![0.0; 135]);
    for gradient in [got.bias, got.gamma, got.beta] {
        assert_eq!(gradient, [0.0; 5]);
    }
    let level = Level::available()[0];
    assert!(evaluate::<f32>(&block, &shape, &[0.0; 5], &[1.0; 5], level).is_empty());
}

/// Every window holds one value four times, so the whole gradient goes to its first pixel.
#[test]
fn ties_go_to_the_first_pixel_in_scan_order() {
    let mut block = block([1, 1, 4, 4], 2, 1);
    // z = x and z = −x: only the tap in the middle is set.
    block.weight.fill(0.0);
    (block.weight[4], block.weight[13]) = (1.0, -1.0);
    block.bias.fill(0.0);
    block.gamma = vec![1.0, -1.0];
    block.beta = vec![5.0, 5.0];
    block.x = [1.0, 2.0, 3.0, 4.0].map(|v| [v; 4]).concat();
    let blocked = |i: usize| block.x[i / 8 * 8 + i % 4 / 2 * 4];
    let x: Vec<f64> = (0..16).map(blocked).collect();
    block.x = x;
    let shape = shape(&block, Default::default());
    let (mut saved, mut scratch) = (Saved::default(), Scratch::default());
    let dy: Vec<f64> = (1..9).map(f64::from).collect();
    for level in Level::available() {
        train::<f32>(&block, &shape, &dy, level, &mut saved, &mut scratch);
        assert!(saved.place.iter().all(|&p| p == 0), "{level:?}");
    }
    // A zero γ makes every pixel the same.
    block.gamma = vec![0.0, -0.0];
    let mut next = numbers(3);
    block.x.fill_with(&mut next);
    for level in Level::available() {
        train::<f32>(&block, &shape, &dy, level, &mut saved, &mut scratch);
        assert!(saved.place.iter().all(|&p| p == 0), "{level:?}");
    }
}

#[test]
fn nan_in_training_reaches_everything_and_in_evaluation_its_windows() {
    let mut block = block([2, 3, 6, 6], 5, 1);
    block.gamma.fill(1.0);
    // Rows and columns 0 and 1 of the first image see pixel (0, 0): its first window.
    block.x[0] = f64::NAN;
    let shape = shape(&block, (Layout::ChannelsFirst, Layout::ChannelsFirst));
    let dy = vec![1.0; shape.output_len()];
    for level in Level::available() {
        let (mut saved, mut scratch) = (Saved::default(), Scratch::default());
        let got = train::<f32>(&block, &shape, &dy, level, &mut saved, &mut scratch);
        for values in [got.y, got.mean, got.var, got.dx, got.weight, got.gamma] {
            assert!(values.iter().all(|v| v.is_nan()), "{level:?}");
        }
        let y = evaluate::<f32>(&block, &shape, &[0.0; 5], &[1.0; 5], level);
        for (i, y) in y.iter().enumerate() {
            assert_eq!(y.is_nan(), i < 45 && i % 9 == 0, "{level:?} {i}");
        }
    }
}

/// A NaN in any place of a window wins over any number.
#[test]
fn pooling_chooses_nan() {
    for place in 0..4 {
        let mut block = block([1, 1, 2, 2], 1, 1);
        block.weight.fill(0.0);
        block.weight[4] = 1.0;
        block.x = vec![1.0, 3.0, 2.0, 4.0];
        block.x[place] = f64::NAN;
        let shape = shape(&block, Default::default());
        for level in Level::available() {
            let y = evaluate::<f32>(&block, &shape, &[0.0], &[1.0], level);
            assert!(y[0].is_nan(), "{level:?} {place}");
        }
    }
}

#[test]
fn reused_buffers_change_nothing() {
    let (mut saved, mut scratch) = (Saved::default(), Scratch::default());
    for seed in 0..12 {
        // Twice the same shape with different values, then another shape.
        let (input, filters) = match seed / 2 % 3 {
            0 => ([3, 3, 7, 9], 20),
            1 => ([2, 20, 4, 4], 33),
            _ => ([5, 9, 2, 3], 4),
        };
        let block = block(input, filters, seed);
        let shape = shape(&block, (Layout::ChannelsLast, Layout::ChannelsFirst));
        let dy = vec![0.5; shape.output_len()];
        let level = Level::available()[0];
        let reused = train::<f32>(&block, &shape, &dy, level, &mut saved, &mut scratch);
        assert_eq!(reused, train_fresh::<f32>(&block, &shape, &dy));
    }
}

#[test]
#[should_panic(expected = "the saved state is of another shape")]
fn a_foreign_saved_state_is_refused() {
    let block = block([1, 1, 2, 2], 1, 1);
    let shape = shape(&block, Default::default());
    let (weight, one) = ([0.0_f32; 9], [1.0]);
    super::super::backward(
        &shape,
        &[0.0; 4],
        &super::super::Params {
            weight: &weight,
            bias: None,
            gamma: &one,
            beta: &one,
            epsilon: 1e-5,
        },
        &Saved::default(),
        &[0.0],
        super::super::Gradients {
            x: None,
            weight: &mut [0.0; 9],
            bias: None,
            gamma: &mut [0.0],
            beta: &mut [0.0],
        },
        &mut Scratch::default(),
    );
}

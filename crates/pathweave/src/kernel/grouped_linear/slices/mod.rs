//! The arithmetic of the grouped linear layer on slices. Nothing here knows of tensors or
//! gradients' graphs.
//!
//! # How it is fast
//!
//! - Rows are sorted by action, as numbers alone: the products read and write them where they lie.
//! - Tiles of rows times outputs stay in registers for a whole sum; bias and ReLU are applied there.
//! - The stacked weights and their gradient, which are larger than the caches when there are many
//!   modules, pass through once a direction: a module's two gradients are computed together, and
//!   the gradient of the weights is written once.
//!
//! # Deviations
//!
//! - Sums run in an order that depends on the widths alone, not on the size of a group. Machines
//!   with fused multiply-add give the same bytes whatever their register width; x86 without it
//!   differs in the last bits.

mod backward;
mod grouping;
mod input_gradient;
mod output_gradient;
mod product;
#[cfg(test)]
mod tests;
mod weight_gradient;

use backward::Backward;
pub use grouping::Grouping;

use crate::kernel::lanes::Level;
pub use crate::kernel::lanes::Real;

/// Sizes of one call. R rows, M modules, `input` and `output` widths.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// M, number of modules whose weights are stacked.
    pub modules: usize,
    /// Width of a row that enters.
    pub input: usize,
    /// Width of a row that leaves.
    pub output: usize,
}

/// Result of [`backward`].
pub struct Gradients<T> {
    /// [R, input], or empty where it was not asked for.
    pub input: Vec<T>,
    /// [M, input, output], zero for modules without rows.
    pub weight: Vec<T>,
    /// [M, output], zero for modules without rows.
    pub bias: Vec<T>,
}

/// y_r = f(x_r · W_{a_r} + b_{a_r}) for routed rows, y_r = x_r for the others; f = ReLU where
/// `relu`, else the identity.
///
/// `x` [R, input], `weight` [M, input, output], `bias` [M, output] → y [R, output].
///
/// # Panics
/// Where a slice's length disagrees with the shape, or rows pass although input ≠ output.
pub fn forward<T: Real>(
    shape: Shape,
    grouping: &Grouping,
    x: &[T],
    weight: &[T],
    bias: &[T],
    relu: bool,
) -> Vec<T> {
    forward_at(Level::available()[0], shape, grouping, x, weight, bias, relu)
}

/// Gradients of [`forward`] for the output gradient `dy` [R, output]; where it applied ReLU,
/// `activated` is its result. That of `x`, a third of the work, only where `by_input`.
///
/// # Panics
/// As [`forward`].
pub fn backward<T: Real>(
    shape: Shape,
    grouping: &Grouping,
    x: &[T],
    weight: &[T],
    activated: Option<&[T]>,
    dy: &[T],
    by_input: bool,
) -> Gradients<T> {
    backward_at(Level::available()[0], shape, grouping, [x, weight, dy], activated, by_input)
}

/// [`forward`] with the instructions of `level`, one of [`Level::available`].
fn forward_at<T: Real>(
    level: Level,
    shape: Shape,
    grouping: &Grouping,
    x: &[T],
    weight: &[T],
    bias: &[T],
    relu: bool,
) -> Vec<T> {
    check(shape, grouping, x, weight);
    assert_eq!(bias.len(), shape.modules * shape.output, "bias [M, output]");
    let mut y = vec![T::default(); grouping.rows() * shape.output];
    let kernel = product::Forward { shape, grouping, x, weight, bias, relu, y: &mut y };
    // SAFETY: the level is one of `Level::available`.
    unsafe { T::dispatch(level, kernel) };
    pass(shape, grouping, x, &mut y);
    y
}

/// [`backward`] with the instructions of `level`, one of [`Level::available`].
fn backward_at<T: Real>(
    level: Level,
    shape: Shape,
    grouping: &Grouping,
    [x, weight, dy]: [&[T]; 3],
    activated: Option<&[T]>,
    by_input: bool,
) -> Gradients<T> {
    check(shape, grouping, x, weight);
    let outputs = grouping.rows() * shape.output;
    assert_eq!(dy.len(), outputs, "dy [R, output]");
    assert!(activated.is_none_or(|y| y.len() == outputs), "y [R, output]");
    let mut gradients = Gradients {
        input: vec![T::default(); if by_input { grouping.rows() * shape.input } else { 0 }],
        weight: Vec::new(),
        bias: vec![T::default(); shape.modules * shape.output],
    };
    let kernel = Backward { shape, grouping, x, weight, activated, dy, gradients: &mut gradients };
    // SAFETY: the level is one of `Level::available`.
    unsafe { T::dispatch(level, kernel) };
    if by_input {
        pass(shape, grouping, dy, &mut gradients.input);
    }
    gradients
}

fn check<T>(shape: Shape, grouping: &Grouping, x: &[T], weight: &[T]) {
    let Shape { modules, input, output } = shape;
    assert_eq!(grouping.modules(), modules, "rows sorted for M modules");
    assert_eq!(x.len(), grouping.rows() * input, "x [R, input]");
    assert_eq!(weight.len(), modules * input * output, "weight [M, input, output]");
    assert!(input == output || grouping.passed().is_empty(), "rows pass where input = output");
}

/// Copies the rows that no module transforms.
fn pass<T: Real>(shape: Shape, grouping: &Grouping, from: &[T], to: &mut [T]) {
    for &row in grouping.passed() {
        let at = row as usize * shape.input;
        to[at..at + shape.input].copy_from_slice(&from[at..at + shape.input]);
    }
}

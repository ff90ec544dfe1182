//! The arithmetic of the LSTM on slices. Nothing here knows of tensors or gradients' graphs.
//!
//! # How it is fast
//!
//! - Rows are packed time step by time step; what a sentence's state goes into is a row of the next
//!   step, or its result. No sentence is padded, and no state is copied.
//! - Activated gates, cell states and their tanh are kept, so that the way back computes no
//!   exponential; the gradients of the gates take the place of the gates.
//! - The gradient of the weights is one product over all steps.
//!
//! # Deviations
//!
//! - Sums of products run in the order of the matrix library, which is the same in every run on one
//!   machine; machines with other vector widths differ in the last bits.

mod cell;
mod order;
mod recurrence;

pub use cell::Gate;
pub use order::{Order, check};
pub use recurrence::{Drive, Rows, Saved, backward as through_time, forward as in_time};

use crate::kernel::product::{Target, View, add_product, product};

/// Result of [`backward`].
pub struct Gradients<T> {
    /// [N, 4H]
    pub gates: Vec<T>,
    /// [H, 4H]
    pub recurrent: Vec<T>,
    /// \[4H\]
    pub bias: Vec<T>,
}

/// Last states [S, H], and what the way back needs. `gates` [N, 4H], `recurrent` [H, 4H], `bias`
/// \[4H\], H = `width`; the order is that of the sentences alone.
///
/// # Panics
/// Where a slice's length disagrees with the order and the width.
pub fn forward<T: Gate>(
    order: &Order,
    width: usize,
    gates: &[T],
    recurrent: &[T],
    bias: &[T],
) -> (Vec<T>, Saved<T>) {
    assert_eq!(recurrent.len(), 4 * width * width, "recurrent [H, 4H]");
    assert_eq!(bias.len(), 4 * width, "bias [4H]");
    in_time(order, width, gates, &mut Affine { width, recurrent, bias })
}

/// Gradients of [`forward`] for the gradient `dy` [S, H] of the last states.
///
/// # Panics
/// As [`forward`].
pub fn backward<T: Gate>(
    order: &Order,
    width: usize,
    recurrent: &[T],
    saved: Saved<T>,
    dy: &[T],
) -> Gradients<T> {
    assert_eq!(recurrent.len(), 4 * width * width, "recurrent [H, 4H]");
    let mut drive = Affine { width, recurrent, bias: &[] };
    let passed = through_time(order, width, saved, dy, &mut drive);
    let (first, columns) = (order.rows(0).len(), 4 * width);
    let mut d_recurrent = vec![T::default(); recurrent.len()];
    let later = order.words() - first;
    let states = View::new(&passed.h, later, width);
    let gates = View::new(&passed.gates[first * columns..], later, columns);
    product(Target::new(&mut d_recurrent, width, columns), states.t(), gates);
    let mut bias = vec![T::default(); columns];
    for row in passed.gates.chunks_exact(columns.max(1)) {
        bias.iter_mut().zip(row).for_each(|(sum, &value)| *sum += value);
    }
    Gradients { gates: order.unpack(columns, &passed.gates), recurrent: d_recurrent, bias }
}

/// h·U + b for every sentence.
struct Affine<'a, T> {
    width: usize,
    recurrent: &'a [T],
    bias: &'a [T],
}

impl<T: Gate> Drive<T> for Affine<'_, T> {
    fn forward(&mut self, rows: Rows, h: &[T], gates: &mut [T]) {
        let columns = 4 * self.width;
        for row in gates.chunks_exact_mut(columns.max(1)) {
            row.iter_mut().zip(self.bias).for_each(|(gate, &bias)| *gate += bias);
        }
        if rows.step > 0 {
            let u = View::new(self.recurrent, self.width, columns);
            let h = View::new(h, rows.count, self.width);
            add_product(Target::new(gates, rows.count, columns), h, u);
        }
    }

    fn backward(&mut self, rows: Rows, gates: &[T], dh: &mut [T]) {
        if rows.step == 0 {
            return;
        }
        let columns = 4 * self.width;
        let u = View::new(self.recurrent, self.width, columns);
        let gates = View::new(gates, rows.count, columns);
        product(Target::new(dh, rows.count, self.width), gates, u.t());
    }
}

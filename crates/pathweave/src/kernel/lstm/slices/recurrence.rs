//! Time, forward and backward, for any way to drive the gates from the state.

use super::cell::{self, Gate, Places};
use super::order::Order;
use crate::kernel::functions::widest;

/// The packed rows of a time step.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    /// The time step, from 0
    pub step: usize,
    /// Its first packed row
    pub first: usize,
    /// How many rows it has
    pub count: usize,
}

/// The state's part of the gates.
pub trait Drive<T> {
    /// Adds it to a step's gates [n, 4H]. States before: `h` [n, H]; at step 0 they are 0, and `h`
    /// is empty.
    fn forward(&mut self, rows: Rows, h: &[T], gates: &mut [T]);

    /// From the gates' gradient [n, 4H] to that of the states before, written [n, H]; at step 0
    /// they are no variables, and `dh` is empty.
    fn backward(&mut self, rows: Rows, gates: &[T], dh: &mut [T]);
}

/// What lies between forward and backward, packed.
#[derive(Clone, Debug)]
pub struct Saved<T> {
    /// Activated gates; after the way back, the gradients of their sums. [N, 4H]
    pub gates: Vec<T>,
    /// tanh c. [N, H]
    tanh: Vec<T>,
    /// States before the words, from step 1 on. [N − n₀, H]
    pub h: Vec<T>,
    /// Cell states before the words, from step 1 on. [N − n₀, H]
    c: Vec<T>,
}

/// Results [S, H] of `gates` [N, 4H], H = `width`.
///
/// # Panics
/// Where the gates are not those of the order's words.
pub fn forward<T: Gate>(
    order: &Order,
    width: usize,
    gates: &[T],
    drive: &mut impl Drive<T>,
) -> (Vec<T>, Saved<T>) {
    assert_eq!(gates.len(), order.words() * 4 * width, "gates [N, 4H]");
    let base = order.rows(0).len();
    let zeros = |rows: usize| vec![T::default(); rows * width];
    let mut results = zeros(order.sentences());
    let mut saved = Saved {
        gates: order.pack(4 * width, gates),
        tanh: zeros(order.words()),
        h: zeros(order.words() - base),
        c: zeros(order.words() - base),
    };
    for step in 0..order.steps() {
        let rows = order.rows(step);
        let first = (rows.end - base) * width;
        let (h_before, h_after) = saved.h.split_at_mut(first);
        let (c_before, c_after) = saved.c.split_at_mut(first);
        let before = if step == 0 { 0..0 } else { (rows.start - base) * width..first };
        let gates = &mut saved.gates[rows.start * 4 * width..rows.end * 4 * width];
        let of = Rows { step, first: rows.start, count: rows.len() };
        drive.forward(of, &h_before[before.clone()], gates);
        widest(cell::Forward {
            width,
            places: places(order, step),
            gates,
            before: (step > 0).then(|| &c_before[before]),
            tanh: &mut saved.tanh[rows.start * width..rows.end * width],
            after: [h_after, c_after],
            results: &mut results,
        });
    }
    (results, saved)
}

/// Turns the saved gates into the gradients of their sums, for the gradient `dy` [S, H] of the
/// results; `drive` sees the gradients of every step, the last first.
///
/// # Panics
/// Where `dy` is not as long as the results.
pub fn backward<T: Gate>(
    order: &Order,
    width: usize,
    mut saved: Saved<T>,
    dy: &[T],
    drive: &mut impl Drive<T>,
) -> Saved<T> {
    assert_eq!(dy.len(), order.sentences() * width, "dy [S, H]");
    let base = order.rows(0).len();
    let zeros = || vec![T::default(); base * width];
    // Of the step that went back last, and of the one that goes back now.
    let (mut dh, mut dc, mut dc_now) = (zeros(), zeros(), zeros());
    for step in (0..order.steps()).rev() {
        let rows = order.rows(step);
        let gates = &mut saved.gates[rows.start * 4 * width..rows.end * 4 * width];
        let before = || &saved.c[(rows.start - base) * width..(rows.end - base) * width];
        widest(cell::Backward {
            width,
            places: places(order, step),
            gates: &mut *gates,
            before: (step > 0).then(before),
            tanh: &saved.tanh[rows.start * width..rows.end * width],
            after: [&dh, &dc],
            results: dy,
            dc: &mut dc_now[..rows.len() * width],
        });
        std::mem::swap(&mut dc, &mut dc_now);
        let of = Rows { step, first: rows.start, count: rows.len() };
        let states = if step > 0 { rows.len() * width } else { 0 };
        drive.backward(of, gates, &mut dh[..states]);
    }
    saved
}

fn places(order: &Order, step: usize) -> Places<'_> {
    let rows = order.rows(step);
    Places { next: &order.next()[rows.clone()], first: rows.end, words: order.words() }
}

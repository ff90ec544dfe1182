//! The arithmetic of the routed LSTM on slices. Nothing here knows of tensors or gradients' graphs.
//!
//! # How it is fast
//!
//! - A path's modules are affine maps, so the beginning of a path that many words share is
//!   multiplied out once; the others' rows go through their modules one after the other.
//! - At a time step, rows that meet the same map are neighbours and one product a gate, whatever
//!   their sentences' lengths and paths.
//! - What enters and leaves a map over all steps is kept as neighbours, so that the gradient of its
//!   weights is one product a gate.

mod compose;
mod drive;
mod route;

use compose::Composed;
use drive::Routed;
pub use route::{Plan, trim};

use crate::kernel::lstm::slices::{Gate, Order, Saved, in_time, through_time};

/// What lies between forward and backward.
#[derive(Clone, Debug)]
pub struct State<T> {
    order: Order,
    plan: Plan,
    composed: Composed<T>,
    /// What entered each depth
    inputs: Vec<Vec<T>>,
    saved: Saved<T>,
}

/// Result of [`backward`].
pub struct Gradients<T> {
    /// [N, 4H]
    pub gates: Vec<T>,
    /// [4M, H, H], zero for modules on no path.
    pub weight: Vec<T>,
    /// [4M, H], zero for modules on no path.
    pub bias: Vec<T>,
}

/// Stacked modules: `weight` [4M, H, H], `bias` [4M, H], H = `width`.
#[derive(Clone, Copy, Debug)]
pub struct Bank<'a, T> {
    /// H
    pub width: usize,
    /// [4M, H, H]
    pub weight: &'a [T],
    /// [4M, H]
    pub bias: &'a [T],
}

impl<T> Bank<'_, T> {
    /// M.
    fn modules(&self) -> usize {
        self.bias.len() / (4 * self.width).max(1)
    }
}

/// Last states [S, H], and what the way back needs. `gates` [N, 4H]; `paths` one a sentence, up to
/// its end.
///
/// # Panics
/// Where a slice's length disagrees with the words and the width, or a path leaves the bank.
pub fn forward<T: Gate>(
    bank: Bank<T>,
    gates: &[T],
    paths: &[Vec<u32>],
    starts: &[u32],
) -> (Vec<T>, State<T>) {
    let Bank { width, weight, bias } = bank;
    assert_eq!(bias.len(), bank.modules() * 4 * width, "bias [4M, H]");
    assert_eq!(weight.len(), bias.len() * width, "weight [4M, H, H]");
    let order = Order::new(starts);
    let plan = Plan::new(&order, paths, bank.modules(), width);
    let composed = Composed::new(bank, plan.joints());
    let mut drive = Routed::new(bank, &composed, &plan);
    let (h, saved) = in_time(&order, width, gates, &mut drive);
    let inputs = drive.into_inputs();
    (h, State { order, plan, composed, inputs, saved })
}

/// Gradients of [`forward`] for the gradient `dy` [S, H] of the last states.
///
/// # Panics
/// As [`forward`].
pub fn backward<T: Gate>(bank: Bank<T>, state: State<T>, dy: &[T]) -> Gradients<T> {
    let State { order, plan, composed, inputs, saved } = state;
    let mut drive = Routed::returning(bank, &composed, &plan, inputs);
    let passed = through_time(&order, bank.width, saved, dy, &mut drive);
    let maps = drive.gradients();
    let [weight, bias] = composed.backward(bank, plan.joints(), maps);
    Gradients { gates: order.unpack(4 * bank.width, &passed.gates), weight, bias }
}

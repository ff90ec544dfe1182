//! The state's part of the gates, by the maps of each sentence's path.

use crate::kernel::lstm::slices::{Drive, Gate, Rows};
use crate::kernel::product::{Target, View, add_product, product};

use super::Bank;
use super::compose::{Composed, Maps};
use super::route::{Depth, NONE, Plan};

/// Rows of every time step on their way through the depths. The first depth's gates share their
/// input [rows, H]; the others' is [rows, 4H].
pub struct Routed<'a, T> {
    bank: Bank<'a, T>,
    composed: &'a Composed<T>,
    plan: &'a Plan,
    /// What enters each depth, by place
    inputs: Vec<Vec<T>>,
    /// Gradient of what leaves each depth, by place [rows, 4H]; empty on the way forward
    outputs: Vec<Vec<T>>,
    /// Of one step and depth, in the order of blocks. [n, 4H]
    rows: Vec<T>,
}

impl<'a, T: Gate> Routed<'a, T> {
    /// On the way forward.
    pub fn new(bank: Bank<'a, T>, composed: &'a Composed<T>, plan: &'a Plan) -> Self {
        let columns = |depth: usize| if depth == 0 { bank.width } else { 4 * bank.width };
        let input = |(depth, of): (usize, &Depth)| vec![T::default(); of.count * columns(depth)];
        let inputs = plan.depths().iter().enumerate().map(input).collect();
        let rows = vec![T::default(); plan.widest() * 4 * bank.width];
        Self { bank, composed, plan, inputs, outputs: Vec::new(), rows }
    }

    /// What entered each depth.
    pub fn into_inputs(self) -> Vec<Vec<T>> {
        self.inputs
    }

    /// On the way back.
    pub fn returning(
        bank: Bank<'a, T>,
        composed: &'a Composed<T>,
        plan: &'a Plan,
        inputs: Vec<Vec<T>>,
    ) -> Self {
        let output = |of: &Depth| vec![T::default(); of.count * 4 * bank.width];
        let outputs = plan.depths().iter().map(output).collect();
        let rows = vec![T::default(); plan.widest() * 4 * bank.width];
        Self { bank, composed, plan, inputs, outputs, rows }
    }

    /// Gradients of all maps, after the way back.
    pub fn gradients(self) -> Maps<T> {
        let (width, columns) = (self.bank.width, 4 * self.bank.width);
        let maps = self.bank.modules() + self.plan.joints().len();
        let mut weight = vec![T::default(); 4 * maps * width * width];
        let mut bias = vec![T::default(); 4 * maps * width];
        let of = self.inputs.iter().zip(&self.outputs).enumerate();
        for ((depth, (input, output)), level) in of.zip(self.plan.depths()) {
            for (map, places) in level.maps.iter().enumerate().filter(|(_, p)| !p.is_empty()) {
                let dy = &output[places.start * columns..places.end * columns];
                // The four biases of a map are neighbours, as the four gates of a row are.
                let sums = &mut bias[map * columns..][..columns];
                for row in dy.chunks_exact(columns) {
                    sums.iter_mut().zip(row).for_each(|(sum, &value)| *sum += value);
                }
                for gate in 0..4 {
                    let x = entering(input, depth, gate, width, places);
                    let dy = View::strided(&dy[gate * width..], places.len(), width, columns);
                    let to = &mut weight[(4 * map + gate) * width * width..][..width * width];
                    add_product(Target::new(to, width, width), x.t(), dy);
                }
            }
        }
        Maps { weight, bias }
    }
}

/// What enters a gate's map, of a depth's places. [rows, H]
fn entering<'a, T>(
    input: &'a [T],
    depth: usize,
    gate: usize,
    width: usize,
    places: &std::ops::Range<usize>,
) -> View<'a, T> {
    if depth == 0 {
        return View::new(&input[places.start * width..], places.len(), width);
    }
    let first = places.start * 4 * width + gate * width;
    View::strided(&input[first..], places.len(), width, 4 * width)
}

impl<T: Gate> Drive<T> for Routed<'_, T> {
    fn forward(&mut self, of: Rows, h: &[T], gates: &mut [T]) {
        let (width, columns, plan) = (self.bank.width, 4 * self.bank.width, self.plan);
        let Some(first) = plan.depths().first() else {
            pass(width, h, gates, |_| true);
            return;
        };
        let place = |depth: &Depth, row: usize| depth.places[of.first + row];
        if of.step > 0 {
            pass(width, h, gates, |row| place(first, row) == NONE);
            for (row, h) in h.chunks_exact(width.max(1)).enumerate() {
                let place = place(first, row);
                if place != NONE {
                    self.inputs[0][place as usize * width..][..width].copy_from_slice(h);
                }
            }
        }
        for (at, depth) in plan.depths().iter().enumerate() {
            for block in &depth.steps[of.step] {
                let count = block.places.len();
                let rows = &mut self.rows[block.first * columns..][..count * columns];
                for gate in 0..4 {
                    let (weight, bias) = self.composed.map(self.bank, block.map, gate);
                    for row in rows.chunks_exact_mut(columns) {
                        row[gate * width..][..width].copy_from_slice(bias);
                    }
                    // The first states are 0.
                    if at > 0 || of.step > 0 {
                        let x = entering(&self.inputs[at], at, gate, width, &block.places);
                        let to = Target::strided(&mut rows[gate * width..], count, width, columns);
                        add_product(to, x, View::new(weight, width, width));
                    }
                }
            }
            for (row, gates) in gates.chunks_exact_mut(columns.max(1)).enumerate() {
                let local = depth.local[of.first + row];
                if local == NONE {
                    continue;
                }
                let left = &self.rows[local as usize * columns..][..columns];
                match plan.depths().get(at + 1).map_or(NONE, |next| place(next, row)) {
                    NONE => gates.iter_mut().zip(left).for_each(|(gate, &u)| *gate += u),
                    next => {
                        let to = &mut self.inputs[at + 1][next as usize * columns..][..columns];
                        to.copy_from_slice(left);
                    }
                }
            }
        }
    }

    fn backward(&mut self, of: Rows, gates: &[T], dh: &mut [T]) {
        let (width, columns, plan) = (self.bank.width, 4 * self.bank.width, self.plan);
        for (at, depth) in plan.depths().iter().enumerate().rev() {
            // What left this depth is where the next one's gradient just was left, or the gates.
            let next = plan.depths().get(at + 1);
            for (row, gates) in gates.chunks_exact(columns.max(1)).enumerate() {
                let place = depth.places[of.first + row];
                if place == NONE {
                    continue;
                }
                let from = match next.map_or(NONE, |next| next.local[of.first + row]) {
                    NONE => gates,
                    local => &self.rows[local as usize * columns..][..columns],
                };
                self.outputs[at][place as usize * columns..][..columns].copy_from_slice(from);
            }
            if at == 0 && of.step == 0 {
                continue;
            }
            for block in &depth.steps[of.step] {
                let (count, first) = (block.places.len(), block.places.start * columns);
                let rows = &mut self.rows[block.first * columns..][..count * columns];
                for gate in 0..4 {
                    let (weight, _) = self.composed.map(self.bank, block.map, gate);
                    let weight = View::new(weight, width, width);
                    let dy = &self.outputs[at][first + gate * width..];
                    let dy = View::strided(dy, count, width, columns);
                    if at > 0 {
                        let to = Target::strided(&mut rows[gate * width..], count, width, columns);
                        product(to, dy, weight.t());
                    } else if gate == 0 {
                        product(Target::strided(rows, count, width, columns), dy, weight.t());
                    } else {
                        add_product(Target::strided(rows, count, width, columns), dy, weight.t());
                    }
                }
            }
        }
        for (row, dh) in dh.chunks_exact_mut(width.max(1)).enumerate() {
            let local = plan.depths().first().map_or(NONE, |first| first.local[of.first + row]);
            if local != NONE {
                dh.copy_from_slice(&self.rows[local as usize * columns..][..width]);
                continue;
            }
            let gates = &gates[row * columns..][..columns];
            dh.fill(T::default());
            for gate in gates.chunks_exact(width) {
                dh.iter_mut().zip(gate).for_each(|(dh, &value)| *dh += value);
            }
        }
    }
}

/// Adds the states of rows that pass to each of their gates.
fn pass<T: Gate>(width: usize, h: &[T], gates: &mut [T], passes: impl Fn(usize) -> bool) {
    let rows = h.chunks_exact(width.max(1)).zip(gates.chunks_exact_mut((4 * width).max(1)));
    for (_, (h, gates)) in rows.enumerate().filter(|&(row, _)| passes(row)) {
        for gate in gates.chunks_exact_mut(width) {
            gate.iter_mut().zip(h).for_each(|(gate, &h)| *gate += h);
        }
    }
}

//! The way through time and back.

use super::cell::{self, Cells, Drive};
use super::input::Step;
use super::operation::Operation;
use super::order::{Group, Order};
use super::pieces::{Rows, RowsMut};
use super::score;
use super::sizes::{Places, Sizes};
use crate::kernel::functions::widest;
use crate::kernel::product::{Target, View, add_product, product};
use crate::rule::RuleKind;

/// Pre-activations, states and activations of every time step.
///
/// One time step is computed from end to end before the next, so that what its passes share is
/// still in the cache.
#[derive(Clone, Debug, Default)]
pub struct Recurrence {
    /// Of the input, or of both. Each group's are a matrix of their own. [L, K · 4 · H', columns]
    input: Vec<f32>,
    /// Of the state, where scores need them apart. [L, K · 4 · H', columns]
    state: Vec<f32>,
    /// With a last row of ones; from before the first time step on. [L + 1, H' + 1, columns]
    h: Vec<f32>,
    /// [L + 1, H', columns]
    c: Vec<f32>,
    /// h and c of the time step before in the order of this one, where that differs.
    /// [L, H', columns]
    before: [Vec<f32>; 2],
    /// p. [L, K, columns]
    activation: Vec<f32>,
    /// Gradient of the gates' pre-activations. [K · 4 · H', columns]
    gates: Vec<f32>,
    /// ∂p. [K, columns]
    scores: Vec<f32>,
    /// ∂h and ∂c of this time step. [H', columns]
    now: [Vec<f32>; 2],
    /// ∂h and ∂c of the time step before. [H', columns]
    earlier: [Vec<f32>; 2],
}

/// A model's fixed parts.
#[derive(Clone, Copy)]
pub struct Model<'a> {
    pub sizes: &'a Sizes,
    pub places: &'a Places,
    pub parameters: &'a [f32],
}

impl Model<'_> {
    fn cells(&self, columns: usize) -> Cells {
        let Sizes { together, width, gates, .. } = *self.sizes;
        Cells { modules: together, width, columns, gates }
    }

    /// Rows of pre-activations that are computed for a token.
    fn rows(&self) -> usize {
        self.sizes.together * self.sizes.drives()
    }

    /// State-to-hidden weights of a group's modules.
    fn h2h(&self, group: &Group) -> View<'_> {
        let (rows, width) = (self.rows(), self.sizes.width);
        let first = self.places.h2h.start + group.module * self.sizes.drives() * width;
        View::new(&self.parameters[first..], rows, width)
    }

    fn scorer(&self) -> &[f32] {
        self.places.scorer.clone().map_or(&[], |place| &self.parameters[place])
    }
}

impl Recurrence {
    /// Makes room; the state before the first time step is zero.
    pub fn start(&mut self, model: Model, order: &Order) {
        let (length, n, width) = (order.length, order.columns, model.sizes.width);
        let drives = length * model.rows() * n;
        self.input.resize(drives, 0.0);
        self.state.resize(if model.sizes.scored() { drives } else { 0 }, 0.0);
        self.h.resize((length + 1) * (width + 1) * n, 0.0);
        self.h[..(width + 1) * n].fill(0.0);
        self.c.resize((length + 1) * width * n, 0.0);
        self.c[..width * n].fill(0.0);
        let before = if model.sizes.grouped() { length * width * n } else { 0 };
        self.before.iter_mut().for_each(|list| list.resize(before, 0.0));
        self.activation.resize(length * model.sizes.together * n, 0.0);
    }

    /// One time step: pre-activations, activations, states.
    pub fn forward(
        &mut self,
        model: Model,
        order: &Order,
        time: usize,
        Step { encoded, map, .. }: Step,
        operation: &Operation,
    ) {
        let (n, width, rows) = (order.columns, model.sizes.width, model.rows());
        let together = model.sizes.together;
        if model.sizes.grouped() {
            self.gather(order, time, width);
        }
        let activation = &mut self.activation[time * together * n..][..together * n];
        activate(model.sizes, order.contexts(time), operation, activation);
        let (h_before, h) = self.h.split_at_mut((time + 1) * (width + 1) * n);
        let (c_before, c) = self.c.split_at_mut((time + 1) * width * n);
        let (mut h_before, mut c_before) =
            (&h_before[time * (width + 1) * n..], &c_before[time * width * n..]);
        if model.sizes.grouped() {
            h_before = &self.before[0][time * width * n..];
            c_before = &self.before[1][time * width * n..];
            h[..width * n].fill(0.0);
            c[..width * n].fill(0.0);
        }
        h[width * n..(width + 1) * n].fill(1.0);
        for group in order.groups(time) {
            let (first, columns) = (group.first, group.columns);
            let block = (time * n + first) * rows..(time * n + first + columns) * rows;
            let input = &mut self.input[block.clone()];
            let from = View::strided(&encoded[first..], map.input + 1, columns, n);
            let row = group.module * model.sizes.drives();
            map.forward(rows, row, from, Target::new(input, rows, columns));
            let from = View::strided(&h_before[first..], width, columns, n);
            if model.sizes.scored() {
                let state = &mut self.state[block.clone()];
                if time == 0 {
                    state.fill(0.0);
                } else {
                    product(Target::new(state, rows, columns), model.h2h(group), from);
                }
                widest(score::Forward {
                    drives: model.sizes.drives(),
                    columns,
                    input: Rows::new(input, 0, columns, columns),
                    state: Rows::new(state, 0, columns, columns),
                    weights: model.scorer(),
                    activation: RowsMut::new(activation, first, columns, n),
                });
            } else if time > 0 {
                add_product(Target::new(input, rows, columns), model.h2h(group), from);
            }
            let input = Rows::new(input, 0, columns, columns);
            let apart = || Rows::new(&self.state[block.clone()], 0, columns, columns);
            widest(cell::Forward {
                cells: model.cells(columns),
                drive: Drive { input, state: model.sizes.scored().then(apart) },
                activation: Rows::new(activation, first, columns, n),
                before: Rows::new(c_before, first, columns, n),
                c: RowsMut::new(c, first, columns, n),
                h: RowsMut::new(h, first, columns, n),
            });
        }
    }

    /// h after a time step, with a last row of ones. [H' + 1, columns]
    pub fn h(&self, order: &Order, time: usize, width: usize) -> &[f32] {
        let size = (width + 1) * order.columns;
        &self.h[(time + 1) * size..][..size]
    }

    /// p of a time step. [K, columns]
    pub fn activation(&self, order: &Order, time: usize, together: usize) -> &[f32] {
        &self.activation[time * together * order.columns..][..together * order.columns]
    }

    /// ∂p of the time step that went back last. [K, columns]
    pub fn scores(&self) -> &[f32] {
        &self.scores
    }

    /// Forgets the gradients of states, before the last time step.
    pub fn turn(&mut self, model: Model, order: &Order) {
        for list in self.now.iter_mut().chain(&mut self.earlier) {
            list.clear();
            list.resize(model.sizes.width * order.columns, 0.0);
        }
        self.gates.resize(model.rows() * order.columns, 0.0);
    }

    /// One time step back. Reads what the outputs give to ∂h. [H', columns]
    pub fn backward(
        &mut self,
        model: Model,
        order: &Order,
        time: usize,
        Step { encoded, map, gradient: into }: Step,
        outputs: &[f32],
        gradient: &mut [f32],
    ) {
        let (n, sizes, width, rows) = (order.columns, model.sizes, model.sizes.width, model.rows());
        let (together, drives) = (sizes.together, sizes.drives());
        self.now[0].iter_mut().zip(outputs).for_each(|(now, output)| *now += output);
        self.scores.clear();
        self.scores.resize(together * n, 0.0);
        let activation = &self.activation[time * together * n..][..together * n];
        let (mut h_before, mut c_before) =
            (&self.h[time * (width + 1) * n..], &self.c[time * width * n..]);
        if sizes.grouped() {
            h_before = &self.before[0][time * width * n..];
            c_before = &self.before[1][time * width * n..];
            into.fill(0.0);
            self.earlier.iter_mut().for_each(|list| list.fill(0.0));
        }
        for group in order.groups(time) {
            let (first, columns) = (group.first, group.columns);
            let block = (time * n + first) * rows..(time * n + first + columns) * rows;
            let [dh, dc] = &self.now;
            let [earlier_h, earlier_c] = &mut self.earlier;
            let apart = || Rows::new(&self.state[block.clone()], 0, columns, columns);
            let input = Rows::new(&self.input[block.clone()], 0, columns, columns);
            widest(cell::Backward {
                cells: model.cells(columns),
                drive: Drive { input, state: sizes.scored().then(apart) },
                activation: Rows::new(activation, first, columns, n),
                before: Rows::new(c_before, first, columns, n),
                c: Rows::new(dc, first, columns, n),
                h: Rows::new(dh, first, columns, n),
                before_gradient: RowsMut::new(earlier_c, first, columns, n),
                activation_gradient: RowsMut::new(&mut self.scores, first, columns, n),
                gates: RowsMut::new(&mut self.gates, 0, columns, columns),
            });
            let (mut of_input, mut of_state) = (&self.gates[..], &self.gates[..]);
            if sizes.scored() {
                let (input, state) = (&mut self.input[block.clone()], &mut self.state[block]);
                let scorer = model.places.scorer.clone().unwrap_or_default();
                widest(score::Backward {
                    drives,
                    columns,
                    weights: model.scorer(),
                    activation: Rows::new(activation, first, columns, n),
                    activation_gradient: RowsMut::new(&mut self.scores, first, columns, n),
                    gates: Rows::new(&self.gates, 0, columns, columns),
                    input: RowsMut::new(input, 0, columns, columns),
                    state: RowsMut::new(state, 0, columns, columns),
                    weight_gradient: &mut gradient[scorer],
                });
                (of_input, of_state) = (input, state);
            }
            let row = group.module * drives;
            let of_input = View::new(of_input, rows, columns);
            let from = View::strided(&encoded[first..], map.input + 1, columns, n);
            map.collect(rows, row, of_input, from);
            let to = Target::strided(&mut into[first..], map.input, columns, n);
            map.back(rows, row, of_input, to);
            if time > 0 {
                let of_state = View::new(of_state, rows, columns);
                let from = View::strided(&h_before[first..], width, columns, n);
                let weights = &mut gradient[model.places.h2h.start + row * width..];
                add_product(Target::new(weights, rows, width), of_state, from.t());
                let to = Target::strided(&mut earlier_h[first..], width, columns, n);
                product(to, model.h2h(group).t(), of_state);
            }
        }
        if sizes.grouped() {
            self.scatter(order, time, width);
        } else {
            std::mem::swap(&mut self.now, &mut self.earlier);
        }
    }

    /// States of the time step before, in the order of this one.
    fn gather(&mut self, order: &Order, time: usize, width: usize) {
        let n = order.columns;
        let states = [&self.h[time * (width + 1) * n..], &self.c[time * width * n..]];
        for (into, from) in self.before.iter_mut().zip(states) {
            let into = &mut into[time * width * n..][..width * n];
            for (into, from) in into.chunks_exact_mut(n.max(1)).zip(from.chunks_exact(n.max(1))) {
                let columns = into.iter_mut().zip(order.before(time));
                columns.for_each(|(into, &before)| *into = from[before as usize]);
            }
        }
    }

    /// The gradients of the time step before, in its own order.
    fn scatter(&mut self, order: &Order, time: usize, width: usize) {
        let n = order.columns;
        for (into, from) in self.now.iter_mut().zip(&self.earlier) {
            let rows = into.chunks_exact_mut(n.max(1)).zip(from.chunks_exact(n.max(1)));
            for (into, from) in rows.take(width) {
                let columns = from.iter().zip(order.before(time));
                columns.for_each(|(from, &before)| into[before as usize] = *from);
            }
        }
    }
}

/// Activations that are known before the pre-activations are. [K, columns]
fn activate(sizes: &Sizes, contexts: &[u32], operation: &Operation, into: &mut [f32]) {
    match sizes.kind {
        RuleKind::Modular => {}
        RuleKind::Monolithic | RuleKind::GtModular => into.fill(1.0),
        RuleKind::Random => into.fill(1.0 / sizes.modules as f32),
        RuleKind::ModularOp => {
            for (module, row) in into.chunks_exact_mut(contexts.len().max(1)).enumerate() {
                for (p, &context) in row.iter_mut().zip(contexts) {
                    *p = operation.table[context as usize * sizes.modules + module];
                }
            }
        }
    }
}

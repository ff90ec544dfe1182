//! The arithmetic of the grouped linear layer on slices: sort rows by action, one product per
//! group, scatter back. Nothing here knows of tensors or gradients' graphs.

use crate::kernel::gemm::{Matrix, Real, multiply};

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

/// The rows of a batch in the order of the module that they chose.
///
/// Rows whose action is not a module (skip, terminated) come last and pass unchanged.
#[derive(Clone, Debug)]
pub struct Grouping {
    /// Row numbers, sorted by action, stable.
    order: Vec<u32>,
    /// Group m is `order[start[m]..start[m + 1]]`; the rows after `start[M]` pass through.
    start: Vec<u32>,
    /// True where `order` is 0, 1, 2, …: then no row has to be moved.
    in_place: bool,
}

impl Grouping {
    /// Sorts by counting: two passes over R actions, M + 1 counters.
    pub fn new(actions: impl Iterator<Item = usize> + Clone, modules: usize) -> Self {
        let mut start = vec![0u32; modules + 2];
        for action in actions.clone() {
            start[action.min(modules) + 1] += 1;
        }
        for group in 0..=modules {
            start[group + 1] += start[group];
        }
        let mut next = start.clone();
        let mut order = vec![0u32; start[modules + 1] as usize];
        for (row, action) in actions.enumerate() {
            let place = &mut next[action.min(modules)];
            order[*place as usize] = row as u32;
            *place += 1;
        }
        start.truncate(modules + 1);
        let in_place = order.iter().enumerate().all(|(place, &row)| place == row as usize);
        Self { order, start, in_place }
    }

    /// Number of rows that some module transforms.
    fn routed(&self) -> usize {
        self.start[self.start.len() - 1] as usize
    }

    /// (module, first sorted place, last sorted place) of every group that has rows.
    fn groups(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        self.start.windows(2).enumerate().filter_map(|(module, bounds)| {
            let (from, to) = (bounds[0] as usize, bounds[1] as usize);
            (from < to).then_some((module, from, to))
        })
    }

    /// Copies the routed rows of `rows` into sorted order.
    fn gather<E: Real>(&self, rows: &[E], width: usize) -> Vec<E> {
        let mut sorted = Vec::with_capacity(self.routed() * width);
        for &row in &self.order[..self.routed()] {
            sorted.extend_from_slice(&rows[row as usize * width..][..width]);
        }
        sorted
    }

    /// Puts sorted rows back where they came from, and passes the unrouted rows of `from` along.
    fn scatter<E: Real>(&self, sorted: Vec<E>, width: usize, passed: &[E]) -> Vec<E> {
        if self.in_place && self.routed() == self.order.len() {
            return sorted;
        }
        let mut rows = vec![E::ZERO; self.order.len() * width];
        for (place, &row) in self.order[..self.routed()].iter().enumerate() {
            rows[row as usize * width..][..width]
                .copy_from_slice(&sorted[place * width..][..width]);
        }
        for &row in &self.order[self.routed()..] {
            let at = row as usize * width;
            rows[at..at + width].copy_from_slice(&passed[at..at + width]);
        }
        rows
    }
}

/// What the backward pass needs of the forward pass.
#[derive(Clone, Debug)]
pub struct Saved<E> {
    /// Inputs in sorted order; empty where the rows already were in order.
    sorted_input: Vec<E>,
    /// Where the activation is ReLU, whether each sorted output was positive.
    positive: Vec<bool>,
}

/// Result of [`backward`].
pub struct Gradients<E> {
    /// [R, input]
    pub input: Vec<E>,
    /// [M, input, output], zero for modules without rows.
    pub weight: Vec<E>,
    /// [M, output], zero for modules without rows.
    pub bias: Vec<E>,
}

/// y_r = f(x_r · W_{a_r} + b_{a_r}) for routed rows, y_r = x_r for the others.
///
/// `x` [R, input], `weight` [M, input, output], `bias` [M, output] → y [R, output].
pub fn forward<E: Real>(
    shape: Shape,
    grouping: &Grouping,
    x: &[E],
    weight: &[E],
    bias: &[E],
    relu: bool,
) -> (Vec<E>, Saved<E>) {
    let Shape { input, output, .. } = shape;
    let sorted_input = if grouping.in_place { Vec::new() } else { grouping.gather(x, input) };
    let rows: &[E] = if grouping.in_place { x } else { &sorted_input };
    let mut sorted = Vec::with_capacity(grouping.routed() * output);
    for (module, from, to) in grouping.groups() {
        let bias = &bias[module * output..][..output];
        for _ in from..to {
            sorted.extend_from_slice(bias);
        }
        multiply(
            &mut sorted[from * output..to * output],
            true,
            Matrix::new(&rows[from * input..to * input], to - from, input),
            Matrix::new(&weight[module * input * output..][..input * output], input, output),
        );
    }
    let mut positive = Vec::new();
    if relu {
        // Written so that NaN passes: only values that are known not to be positive are cut.
        let cut = |value: E| value <= E::ZERO;
        positive.extend(sorted.iter().map(|&value| !cut(value)));
        for value in &mut sorted {
            *value = if cut(*value) { E::ZERO } else { *value };
        }
    }
    (grouping.scatter(sorted, output, x), Saved { sorted_input, positive })
}

/// Gradients of [`forward`] for the output gradient `dy` [R, output].
pub fn backward<E: Real>(
    shape: Shape,
    grouping: &Grouping,
    x: &[E],
    weight: &[E],
    saved: &Saved<E>,
    dy: &[E],
) -> Gradients<E> {
    let Shape { modules, input, output } = shape;
    let rows: &[E] = if grouping.in_place { x } else { &saved.sorted_input };
    let mut sorted_dy = grouping.gather(dy, output);
    for (gradient, &positive) in sorted_dy.iter_mut().zip(&saved.positive) {
        *gradient = if positive { *gradient } else { E::ZERO };
    }
    let mut d_sorted = vec![E::ZERO; grouping.routed() * input];
    let mut d_bias = vec![E::ZERO; modules * output];
    // The stacked gradient is large: it is written once, block by block, out of a small one.
    let block = input * output;
    let mut d_weight = Vec::with_capacity(modules * block);
    let mut d_block = vec![E::ZERO; block];
    for (module, from, to) in grouping.groups() {
        let x = Matrix::new(&rows[from * input..to * input], to - from, input);
        let dy = &sorted_dy[from * output..to * output];
        let w = Matrix::new(&weight[module * block..][..block], input, output);
        let d = Matrix::new(dy, to - from, output);
        multiply(&mut d_sorted[from * input..to * input], false, d, w.t());
        multiply(&mut d_block, false, x.t(), d);
        d_weight.resize(module * block, E::ZERO);
        d_weight.extend_from_slice(&d_block);
        let d_bias = &mut d_bias[module * output..][..output];
        for row in dy.chunks_exact(output) {
            for (sum, &gradient) in d_bias.iter_mut().zip(row) {
                *sum += gradient;
            }
        }
    }
    d_weight.resize(modules * block, E::ZERO);
    Gradients { input: grouping.scatter(d_sorted, input, dy), weight: d_weight, bias: d_bias }
}

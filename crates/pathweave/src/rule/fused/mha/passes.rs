//! Elementwise passes over row-major matrices, compiled for the machine's vectors.

use crate::kernel::functions::{Pass, mul_add, widest};

/// Adds a bias, one for all rows or one a context, and leaves out what is negative if asked.
/// NaN stays.
struct Activate<'a> {
    values: &'a mut [f32],
    bias: &'a [f32],
    context: Option<(&'a [u32], usize)>,
    relu: bool,
}

impl Pass for Activate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let columns = self.context.map_or(self.bias.len(), |(_, columns)| columns);
        for (t, row) in self.values.chunks_exact_mut(columns.max(1)).enumerate() {
            let bias = match self.context {
                Some((context, _)) => &self.bias[context[t] as usize * columns..][..columns],
                None => self.bias,
            };
            if self.relu {
                for (value, bias) in row.iter_mut().zip(bias) {
                    let sum = *value + bias;
                    *value = if sum <= 0.0 { 0.0 } else { sum };
                }
            } else {
                row.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
            }
        }
    }
}

/// Rows + bias. [rows, C], [C]
pub fn add_bias(values: &mut [f32], bias: &[f32]) {
    widest(Activate { values, bias, context: None, relu: false });
}

/// ReLU of rows + bias. [rows, C], [C]
pub fn relu_bias(values: &mut [f32], bias: &[f32]) {
    widest(Activate { values, bias, context: None, relu: true });
}

/// ReLU of rows + the table's row of each one's context. [rows, C], [R + 1, C], [rows]
pub fn relu_context(values: &mut [f32], table: &[f32], columns: usize, context: &[u32]) {
    widest(Activate { values, bias: table, context: Some((context, columns)), relu: true });
}

struct Mask<'a>(&'a mut [f32], &'a [f32]);

impl Pass for Mask<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (gradient, &value) in self.0.iter_mut().zip(self.1) {
            *gradient = if value <= 0.0 { 0.0 } else { *gradient };
        }
    }
}

/// No gradient where a ReLU gave 0.
pub fn mask(gradient: &mut [f32], activated: &[f32]) {
    widest(Mask(gradient, activated));
}

struct Sum<'a> {
    into: &'a mut [f32],
    values: &'a [f32],
    columns: usize,
    context: Option<&'a [u32]>,
}

impl Pass for Sum<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let columns = self.columns;
        for (t, row) in self.values.chunks_exact(columns.max(1)).enumerate() {
            let at = self.context.map_or(0, |context| context[t] as usize * columns);
            let into = &mut self.into[at..at + columns];
            into.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
    }
}

/// Adds all rows to one. [C], [rows, C]
pub fn add_rows(into: &mut [f32], values: &[f32]) {
    let columns = into.len();
    widest(Sum { into, values, columns, context: None });
}

/// Adds each row to the table's row of its context. [R + 1, C], [rows, C], [rows]
pub fn add_rows_by(into: &mut [f32], values: &[f32], columns: usize, context: &[u32]) {
    widest(Sum { into, values, columns, context: Some(context) });
}

struct Dots<'a> {
    into: &'a mut [f32],
    x: &'a [f32],
    y: &'a [f32],
    columns: usize,
}

/// x · y in sixteen partial sums.
#[inline(always)]
fn dot<const FUSED: bool>(x: &[f32], y: &[f32]) -> f32 {
    let mut sums = [0.0f32; 16];
    let (chunks, others) = (x.chunks_exact(16), y.chunks_exact(16));
    let rest = chunks.remainder().iter().zip(others.remainder());
    let rest: f32 = rest.map(|(x, y)| x * y).sum();
    for (x, y) in chunks.zip(others) {
        for i in 0..16 {
            sums[i] = mul_add::<FUSED>(x[i], y[i], sums[i]);
        }
    }
    let mut width = 8;
    while width > 0 {
        for i in 0..width {
            sums[i] += sums[i + width];
        }
        width /= 2;
    }
    sums[0] + rest
}

impl Pass for Dots<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let columns = self.columns.max(1);
        let others = self.y.chunks_exact(columns).cycle();
        for ((into, x), y) in self.into.iter_mut().zip(self.x.chunks_exact(columns)).zip(others) {
            *into += dot::<FUSED>(x, y);
        }
    }
}

/// Adds to each number the product of a row of x and one of y, whose rows start again when they
/// end. [n], [n, C], [k, C]
pub fn add_dots(into: &mut [f32], x: &[f32], y: &[f32], columns: usize) {
    widest(Dots { into, x, y, columns });
}

struct Weigh<'a> {
    into: &'a mut [f32],
    values: &'a [f32],
    weights: &'a [f32],
    columns: usize,
}

impl Pass for Weigh<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let columns = self.columns.max(1);
        let rows = self.into.chunks_exact_mut(columns).zip(self.values.chunks_exact(columns));
        for ((into, row), weight) in rows.zip(self.weights) {
            into.iter_mut().zip(row).for_each(|(into, value)| *into = weight * value);
        }
    }
}

/// Each row times its weight. [n, C], [n, C], [n]
pub fn weigh(into: &mut [f32], values: &[f32], weights: &[f32], columns: usize) {
    widest(Weigh { into, values, weights, columns });
}

/// Back through weights, scores and ReLU of the groups' hidden layers.
pub struct Hidden<'a> {
    /// ∂ of the weighted hidden layer, then ∂ before ReLU. [T · G, I]
    pub gradient: &'a mut [f32],
    /// The hidden layer. [T · G, I]
    pub hidden: &'a [f32],
    /// p; none: 1. [T · G]
    pub weights: Option<&'a [f32]>,
    /// ∂ of the scores and what makes them: [T · G], [G, I], ∂ [G, I]
    pub scores: Option<(&'a [f32], &'a [f32], &'a mut [f32])>,
    /// ∂ of the bias, added to. [G, I]
    pub bias: &'a mut [f32],
    pub inner: usize,
}

impl Pass for Hidden<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(mut self) {
        let inner = self.inner.max(1);
        let groups = (self.bias.len() / inner).max(1);
        let rows = self.gradient.chunks_exact_mut(inner).zip(self.hidden.chunks_exact(inner));
        for (n, (gradient, hidden)) in rows.enumerate() {
            let at = n % groups * inner..(n % groups + 1) * inner;
            let p = self.weights.map_or(1.0, |weights| weights[n]);
            let bias = &mut self.bias[at.clone()];
            if let Some((ds, weight, into)) = &mut self.scores {
                let (ds, weight, into) = (ds[n], &weight[at.clone()], &mut into[at]);
                for i in 0..inner {
                    let (h, g) = (hidden[i], mul_add::<FUSED>(ds, weight[i], p * gradient[i]));
                    into[i] = mul_add::<FUSED>(ds, h, into[i]);
                    let g = if h <= 0.0 { 0.0 } else { g };
                    bias[i] += g;
                    gradient[i] = g;
                }
            } else {
                for i in 0..inner {
                    let g = if hidden[i] <= 0.0 { 0.0 } else { p * gradient[i] };
                    bias[i] += g;
                    gradient[i] = g;
                }
            }
        }
    }
}

struct Leading<'a> {
    values: &'a mut [f32],
    row: usize,
    bias: &'a [f32],
}

impl Pass for Leading<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for row in self.values.chunks_exact_mut(self.row) {
            row.iter_mut().zip(self.bias).for_each(|(value, bias)| *value += bias);
        }
    }
}

/// Adds a bias to the first columns of rows. [rows, `row`], [C]
pub fn add_leading(values: &mut [f32], row: usize, bias: &[f32]) {
    widest(Leading { values, row, bias });
}

/// Runs a pass.
pub fn go<P: Pass>(pass: P) -> P::Output {
    widest(pass)
}

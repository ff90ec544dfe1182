//! A layer of rectified units of one number, followed by a matrix, as what it is: a function that
//! is linear between the places where units switch.
//!
//! f(x) = Σ_e relu(w_e x + b_e) A_e. Unit e switches at −b_e / w_e; between two neighbouring places
//! f(x) = S x + I with constant rows S and I. There are E + 1 such stretches, so a row of a batch
//! costs two multiplications a column, whatever E is. Gradients go back the same way: the rows
//! of a stretch are summed first, and each unit then takes the stretches in which it is active.

use crate::kernel::functions::{Pass, mul_add, widest};

/// Numbers that are summed side by side.
const LANES: usize = 16;

/// E rectified units of one number, followed by an [E, N] matrix.
#[derive(Clone, Debug)]
pub struct Curve {
    units: usize,
    width: usize,
    /// Units in the order in which they switch. \[E\]
    order: Vec<u32>,
    /// Where they switch, ascending; +∞ fills the last chunk. \[E\]
    switches: Vec<f32>,
    /// S and I of each stretch. [E + 1, 2, N]
    table: Vec<f32>,
    /// Sums over a stretch's rows of x · ∂f and ∂f. [E + 1, 2, N]
    sums: Vec<f32>,
    /// [2, N]
    running: Vec<f32>,
}

/// The units' weights, and the rows of the matrix, `stride` numbers apart.
#[derive(Clone, Copy, Debug)]
pub struct Units<'a> {
    /// \[E\]
    pub weight: &'a [f32],
    /// \[E\]
    pub bias: &'a [f32],
    /// [E, N]
    pub matrix: &'a [f32],
    /// Numbers from one row of the matrix to the next
    pub stride: usize,
}

impl Units<'_> {
    /// Whether unit e is active beyond its switch; else before it. What never switches counts as
    /// switched at −∞ or, where it never is active, at +∞.
    #[inline(always)]
    fn rises(&self, e: usize) -> bool {
        let negative = self.weight[e] < 0.0;
        !negative
    }

    fn switch(&self, e: usize) -> f32 {
        let (w, b) = (self.weight[e], self.bias[e]);
        let place = -b / w;
        if w == 0.0 && b <= 0.0 {
            f32::INFINITY
        } else if w == 0.0 || place.is_nan() {
            f32::NEG_INFINITY
        } else {
            place
        }
    }
}

impl Curve {
    /// Of E units and N columns.
    pub fn new(units: usize, width: usize) -> Self {
        Self {
            units,
            width,
            order: (0..units as u32).collect(),
            switches: vec![f32::INFINITY; units.next_multiple_of(LANES)],
            table: vec![0.0; (units + 1) * 2 * width],
            sums: vec![0.0; (units + 1) * 2 * width],
            running: vec![0.0; 2 * width],
        }
    }

    /// Lays out the stretches of these units.
    pub fn lay(&mut self, units: Units) {
        let key = |e: &u32| units.switch(*e as usize);
        self.order.sort_unstable_by(|a, b| key(a).total_cmp(&key(b)).then(a.cmp(b)));
        for (switch, e) in self.switches.iter_mut().zip(&self.order) {
            *switch = key(e);
        }
        widest(Lay { curve: self, units });
    }

    /// The stretches, S and I of each, and where rows add x · ∂f and ∂f to theirs.
    /// [E + 1, 2, N], [E + 1, 2, N]
    pub fn parts(&mut self) -> (&[f32], &mut [f32]) {
        (&self.table, &mut self.sums)
    }

    /// Forgets the sums of the last batch.
    pub fn clear(&mut self) {
        self.sums.fill(0.0);
    }

    /// The stretch in which x lies.
    #[inline(always)]
    pub fn stretch(&self, x: f32) -> u32 {
        let mut counts = [0u32; LANES];
        for chunk in self.switches.as_chunks::<LANES>().0 {
            for (count, switch) in counts.iter_mut().zip(chunk) {
                *count += u32::from(x > *switch);
            }
        }
        counts.iter().sum()
    }

    /// From the sums to the gradients of matrix (overwritten, rows as far apart as the matrix's),
    /// weights and biases (added to).
    pub fn backward(&mut self, units: Units, into: Into) {
        widest(Backward { curve: self, units, into });
    }
}

struct Lay<'a> {
    curve: &'a mut Curve,
    units: Units<'a>,
}

impl Pass for Lay<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { curve, units } = self;
        let n = curve.width;
        let (first, mut rest) = curve.table.split_at_mut(2 * n);
        first.fill(0.0);
        for e in (0..curve.units).filter(|e| !units.rises(*e)) {
            let (s, i) = first.split_at_mut(n);
            let (w, b) = (units.weight[e], units.bias[e]);
            let row = &units.matrix[e * units.stride..][..n];
            for ((s, i), a) in s.iter_mut().zip(i).zip(row) {
                *s = mul_add::<FUSED>(w, *a, *s);
                *i = mul_add::<FUSED>(b, *a, *i);
            }
        }
        let mut before: &[f32] = first;
        for e in &curve.order {
            let e = *e as usize;
            let (now, later) = rest.split_at_mut(2 * n);
            // A unit that rises comes in here, any other one leaves.
            let sign = if units.rises(e) { 1.0 } else { -1.0 };
            let (w, b) = (sign * units.weight[e], sign * units.bias[e]);
            let row = &units.matrix[e * units.stride..][..n];
            let (s, i) = now.split_at_mut(n);
            let (s_before, i_before) = before.split_at(n);
            for ((s, before), a) in s.iter_mut().zip(s_before).zip(row) {
                *s = mul_add::<FUSED>(w, *a, *before);
            }
            for ((i, before), a) in i.iter_mut().zip(i_before).zip(row) {
                *i = mul_add::<FUSED>(b, *a, *before);
            }
            before = now;
            rest = later;
        }
    }
}

/// Where a curve's gradients go.
#[derive(Debug)]
pub struct Into<'a> {
    /// [E, N], rows as far apart as the matrix's
    pub matrix: &'a mut [f32],
    /// \[E\]
    pub weight: &'a mut [f32],
    /// \[E\]
    pub bias: &'a mut [f32],
}

struct Backward<'a> {
    curve: &'a mut Curve,
    units: Units<'a>,
    into: Into<'a>,
}

impl Backward<'_> {
    /// Adds a stretch to the running sums.
    #[inline(always)]
    fn add(&mut self, stretch: usize) {
        let Curve { running, sums, width, .. } = &mut *self.curve;
        let sums = &sums[stretch * 2 * *width..][..2 * *width];
        running.iter_mut().zip(sums).for_each(|(running, sum)| *running += sum);
    }

    /// Gives a unit the running sums.
    #[inline(always)]
    fn give<const FUSED: bool>(&mut self, e: usize) {
        let (n, at) = (self.curve.width, e * self.units.stride);
        let (w, b) = (self.units.weight[e], self.units.bias[e]);
        let (scaled, plain) = self.curve.running.split_at(n);
        let to = &mut self.into.matrix[at..][..n];
        for ((to, x), one) in to.iter_mut().zip(scaled).zip(plain) {
            *to = mul_add::<FUSED>(w, *x, b * one);
        }
        let row = &self.units.matrix[at..][..n];
        self.into.weight[e] += dot::<FUSED>(scaled, row);
        self.into.bias[e] += dot::<FUSED>(plain, row);
    }
}

impl Pass for Backward<'_> {
    type Output = ();

    /// Two sweeps, so that a unit's sum holds the rows for which it is active and no others: what
    /// was added is never taken away again, and a unit that no row activates has gradient 0.
    #[inline(always)]
    fn run<const FUSED: bool>(mut self) {
        self.curve.running.fill(0.0);
        for rank in (0..self.curve.units).rev() {
            self.add(rank + 1);
            let e = self.curve.order[rank] as usize;
            if self.units.rises(e) {
                self.give::<FUSED>(e);
            }
        }
        self.curve.running.fill(0.0);
        for rank in 0..self.curve.units {
            self.add(rank);
            let e = self.curve.order[rank] as usize;
            if !self.units.rises(e) {
                self.give::<FUSED>(e);
            }
        }
    }
}

/// Σ a b, in sixteen sums that are added up in one order.
#[inline(always)]
pub fn dot<const FUSED: bool>(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum = mul_add::<FUSED>(*a, *b, *sum);
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    fold(sums) + rest
}

/// The sum of some lanes, folded in the middle.
#[inline(always)]
pub fn fold<const L: usize>(mut sums: [f32; L]) -> f32 {
    let mut half = L / 2;
    while half > 0 {
        let (low, high) = sums.split_at_mut(half);
        low.iter_mut().zip(&*high).for_each(|(low, high)| *low += high);
        half /= 2;
    }
    sums[0]
}

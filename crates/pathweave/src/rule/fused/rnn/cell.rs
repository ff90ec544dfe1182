//! Cells that share one state, gate by gate: M section 3 with LSTM cells as modules.
//!
//! Columns are samples, so that every loop runs along them.

use super::pieces::{PIECE, Piece, Rows, RowsMut};
use crate::kernel::functions::{Pass, mul_add, sigmoid_of, tanh_of};

/// Sizes of cells that are computed together.
#[derive(Clone, Copy)]
pub struct Cells {
    /// Modules
    pub modules: usize,
    /// H', width of the shared state
    pub width: usize,
    /// Samples
    pub columns: usize,
    /// Where i, f, o and g lie among the four gates
    pub gates: [usize; 4],
}

impl Cells {
    /// Row of a gate's pre-activation of a module's unit.
    #[inline(always)]
    fn row(&self, module: usize, gate: usize, unit: usize) -> usize {
        (module * 4 + self.gates[gate]) * self.width + unit
    }
}

/// Pre-activations: of the input, and of the state where that is kept apart; else one is the sum.
#[derive(Clone, Copy)]
pub struct Drive<'a> {
    /// [modules · 4 · H', columns]
    pub input: Rows<'a>,
    /// [modules · 4 · H', columns]
    pub state: Option<Rows<'a>>,
}

impl Drive<'_> {
    /// Columns from `at` on of a row.
    #[inline(always)]
    fn piece(&self, row: usize, at: usize) -> Piece {
        let mut sum = self.input.piece(row, at);
        if let Some(state) = &self.state {
            for (sum, state) in sum.iter_mut().zip(&state.piece(row, at)) {
                *sum += state;
            }
        }
        sum
    }
}

/// Gates of one unit of one module, and what they make of the cell state.
struct Opened {
    i: Piece,
    f: Piece,
    o: Piece,
    g: Piece,
    c: Piece,
    /// tanh c
    t: Piece,
}

#[inline(always)]
fn open<const FUSED: bool>(
    cells: &Cells,
    drive: &Drive,
    before: &Piece,
    [module, unit, at]: [usize; 3],
) -> Opened {
    let [i, f, o, g] = [0, 1, 2, 3].map(|gate| cells.row(module, gate, unit));
    let (mut i, mut f) = (drive.piece(i, at), drive.piece(f, at));
    let (mut o, mut g) = (drive.piece(o, at), drive.piece(g, at));
    let (mut c, mut t) = ([0.0; PIECE], [0.0; PIECE]);
    for lane in 0..PIECE {
        i[lane] = sigmoid_of::<FUSED>(i[lane]);
        f[lane] = sigmoid_of::<FUSED>(f[lane]);
        o[lane] = sigmoid_of::<FUSED>(o[lane]);
        g[lane] = tanh_of::<FUSED>(g[lane]);
        c[lane] = mul_add::<FUSED>(f[lane], before[lane], i[lane] * g[lane]);
        t[lane] = tanh_of::<FUSED>(c[lane]);
    }
    Opened { i, f, o, g, c, t }
}

/// c = Σ_m p_m c_m and h = Σ_m p_m h_m, c_m = f c' + i g, h_m = o tanh c_m.
pub struct Forward<'a> {
    pub cells: Cells,
    pub drive: Drive<'a>,
    /// p. [modules, columns]
    pub activation: Rows<'a>,
    /// c'. [H', columns]
    pub before: Rows<'a>,
    /// c. [H', columns]
    pub c: RowsMut<'a>,
    /// h. [H', columns]
    pub h: RowsMut<'a>,
}

impl Pass for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(mut self) {
        let cells = self.cells;
        for unit in 0..cells.width {
            for at in (0..cells.columns).step_by(PIECE) {
                let before = self.before.piece(unit, at);
                let (mut c, mut h) = ([0.0; PIECE], [0.0; PIECE]);
                for module in 0..cells.modules {
                    let p = self.activation.piece(module, at);
                    let open = open::<FUSED>(&cells, &self.drive, &before, [module, unit, at]);
                    for lane in 0..PIECE {
                        c[lane] = mul_add::<FUSED>(p[lane], open.c[lane], c[lane]);
                        let own = open.o[lane] * open.t[lane];
                        h[lane] = mul_add::<FUSED>(p[lane], own, h[lane]);
                    }
                }
                self.c.put(unit, at, &c);
                self.h.put(unit, at, &h);
            }
        }
    }
}

/// The way back; gates are computed again rather than kept.
pub struct Backward<'a> {
    pub cells: Cells,
    pub drive: Drive<'a>,
    /// p. [modules, columns]
    pub activation: Rows<'a>,
    /// c'. [H', columns]
    pub before: Rows<'a>,
    /// ∂c. [H', columns]
    pub c: Rows<'a>,
    /// ∂h. [H', columns]
    pub h: Rows<'a>,
    /// ∂c', written. [H', columns]
    pub before_gradient: RowsMut<'a>,
    /// ∂p, added to. [modules, columns]
    pub activation_gradient: RowsMut<'a>,
    /// Gradient of the pre-activations, written. [modules · 4 · H', columns]
    pub gates: RowsMut<'a>,
}

impl Pass for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(mut self) {
        let cells = self.cells;
        for unit in 0..cells.width {
            for at in (0..cells.columns).step_by(PIECE) {
                let before = self.before.piece(unit, at);
                let (dc, dh) = (self.c.piece(unit, at), self.h.piece(unit, at));
                let mut back = [0.0; PIECE];
                for module in 0..cells.modules {
                    let p = self.activation.piece(module, at);
                    let Opened { mut i, mut f, mut o, mut g, c, t } =
                        open::<FUSED>(&cells, &self.drive, &before, [module, unit, at]);
                    let mut dp = [0.0; PIECE];
                    for lane in 0..PIECE {
                        let (di, df, d_o, dg) = (i[lane], f[lane], o[lane], g[lane]);
                        dp[lane] = mul_add::<FUSED>(dh[lane], d_o * t[lane], dc[lane] * c[lane]);
                        let own = p[lane] * dh[lane];
                        let slope = d_o * (1.0 - t[lane] * t[lane]);
                        let cell = mul_add::<FUSED>(own, slope, p[lane] * dc[lane]);
                        back[lane] = mul_add::<FUSED>(cell, df, back[lane]);
                        o[lane] = own * t[lane] * (d_o * (1.0 - d_o));
                        i[lane] = cell * dg * (di * (1.0 - di));
                        g[lane] = cell * di * (1.0 - dg * dg);
                        f[lane] = cell * before[lane] * (df * (1.0 - df));
                    }
                    self.activation_gradient.add(module, at, &dp);
                    for (gate, value) in [i, f, o, g].iter().enumerate() {
                        self.gates.put(cells.row(module, gate, unit), at, value);
                    }
                }
                self.before_gradient.put(unit, at, &back);
            }
        }
    }
}

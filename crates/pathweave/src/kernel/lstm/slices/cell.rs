//! The cells of a time step, row by row.

use crate::kernel::functions::{self, Pass};
use crate::kernel::lanes::Real;

/// Element types whose gates can be computed.
pub trait Gate: Real {
    /// 1 / (1 + e^−x); `FUSED` where multiplication and addition are one instruction.
    fn sigmoid<const FUSED: bool>(self) -> Self;

    /// tanh x.
    fn tanh<const FUSED: bool>(self) -> Self;
}

impl Gate for f32 {
    #[inline(always)]
    fn sigmoid<const FUSED: bool>(self) -> Self {
        functions::sigmoid_of::<FUSED>(self)
    }

    #[inline(always)]
    fn tanh<const FUSED: bool>(self) -> Self {
        functions::tanh_of::<FUSED>(self)
    }
}

impl Gate for f64 {
    #[inline(always)]
    fn sigmoid<const FUSED: bool>(self) -> Self {
        1.0 / (1.0 + (-self).exp())
    }

    #[inline(always)]
    fn tanh<const FUSED: bool>(self) -> Self {
        Self::tanh(self)
    }
}

/// Columns that are computed together.
const PIECE: usize = 16;

/// Where the state of a row goes, of packed rows `first..` of the next step and of results.
#[derive(Clone, Copy)]
pub struct Places<'a> {
    /// Packed row, or `words` plus sentence, of each row of the step. \[n\]
    pub next: &'a [u32],
    /// First packed row of the next step.
    pub first: usize,
    /// N
    pub words: usize,
}

/// A row of the next step, or of the results.
enum Place {
    Next(usize),
    Result(usize),
}

impl Places<'_> {
    #[inline(always)]
    fn of(&self, row: usize) -> Place {
        let next = self.next[row] as usize;
        match next.checked_sub(self.words) {
            Some(sentence) => Place::Result(sentence),
            None => Place::Next(next - self.first),
        }
    }
}

/// Gates of a step from sums to activations, and the states they make.
pub struct Forward<'a, T> {
    /// H
    pub width: usize,
    pub places: Places<'a>,
    /// [n, 4H], in place
    pub gates: &'a mut [T],
    /// Cell states before, none at the first step. [n, H]
    pub before: Option<&'a [T]>,
    /// tanh c, written. [n, H]
    pub tanh: &'a mut [T],
    /// h and c of the next step's rows, written where a sentence goes on. [n', H] each
    pub after: [&'a mut [T]; 2],
    /// h of the sentences that end. [S, H]
    pub results: &'a mut [T],
}

impl<T: Gate> Pass for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(mut self) {
        let width = self.width;
        for row in 0..self.places.next.len() {
            for at in (0..width).step_by(PIECE) {
                self.piece::<FUSED>(row, at);
            }
        }
    }
}

impl<T: Gate> Forward<'_, T> {
    #[inline(always)]
    fn piece<const FUSED: bool>(&mut self, row: usize, at: usize) {
        let width = self.width;
        let gates = &mut self.gates[row * 4 * width..][..4 * width];
        let [mut i, mut f, mut g, mut o] = [0, 1, 2, 3].map(|k| load(gates, k * width, width, at));
        let before = match self.before {
            Some(before) => load(before, row * width, width, at),
            None => [T::default(); PIECE],
        };
        let (mut c, mut t, mut h) = (before, before, before);
        for lane in 0..PIECE {
            i[lane] = i[lane].sigmoid::<FUSED>();
            f[lane] = f[lane].sigmoid::<FUSED>();
            g[lane] = g[lane].tanh::<FUSED>();
            o[lane] = o[lane].sigmoid::<FUSED>();
            c[lane] = f[lane] * before[lane] + i[lane] * g[lane];
            t[lane] = c[lane].tanh::<FUSED>();
            h[lane] = o[lane] * t[lane];
        }
        for (k, gate) in [i, f, g, o].iter().enumerate() {
            store(gates, k * width, width, at, gate);
        }
        store(self.tanh, row * width, width, at, &t);
        match self.places.of(row) {
            Place::Next(next) => {
                store(self.after[0], next * width, width, at, &h);
                store(self.after[1], next * width, width, at, &c);
            }
            Place::Result(sentence) => store(self.results, sentence * width, width, at, &h),
        }
    }
}

/// Gradients of a step's gates from those of the states.
pub struct Backward<'a, T> {
    /// H
    pub width: usize,
    pub places: Places<'a>,
    /// Activated gates, replaced by the gradients of their sums. [n, 4H]
    pub gates: &'a mut [T],
    /// Cell states before, none at the first step. [n, H]
    pub before: Option<&'a [T]>,
    /// tanh c. [n, H]
    pub tanh: &'a [T],
    /// ∂h and ∂c of the next step's rows. [n', H] each
    pub after: [&'a [T]; 2],
    /// ∂h of the sentences' results. [S, H]
    pub results: &'a [T],
    /// ∂c of the states before, written. [n, H]
    pub dc: &'a mut [T],
}

impl<T: Gate> Pass for Backward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(mut self) {
        for row in 0..self.places.next.len() {
            for at in (0..self.width).step_by(PIECE) {
                self.piece(row, at);
            }
        }
    }
}

impl<T: Gate> Backward<'_, T> {
    #[inline(always)]
    fn piece(&mut self, row: usize, at: usize) {
        let (width, one, zero) = (self.width, T::from_f64(1.0), [T::default(); PIECE]);
        let (dh, dc) = match self.places.of(row) {
            Place::Next(next) => {
                let [dh, dc] = self.after.map(|after| load(after, next * width, width, at));
                (dh, dc)
            }
            Place::Result(sentence) => (load(self.results, sentence * width, width, at), zero),
        };
        let gates = &mut self.gates[row * 4 * width..][..4 * width];
        let [mut i, mut f, mut g, mut o] = [0, 1, 2, 3].map(|k| load(gates, k * width, width, at));
        let t = load(self.tanh, row * width, width, at);
        let before = match self.before {
            Some(before) => load(before, row * width, width, at),
            None => zero,
        };
        let mut back = zero;
        for lane in 0..PIECE {
            let (input, forget, new, output) = (i[lane], f[lane], g[lane], o[lane]);
            let cell = dh[lane] * output * (one - t[lane] * t[lane]) + dc[lane];
            i[lane] = cell * new * (input * (one - input));
            f[lane] = cell * before[lane] * (forget * (one - forget));
            g[lane] = cell * input * (one - new * new);
            o[lane] = dh[lane] * t[lane] * (output * (one - output));
            back[lane] = cell * forget;
        }
        for (k, gate) in [i, f, g, o].iter().enumerate() {
            store(gates, k * width, width, at, gate);
        }
        store(self.dc, row * width, width, at, &back);
    }
}

/// Columns from `at` on of the row that begins at `first`; zeros behind its end.
#[inline(always)]
fn load<T: Copy + Default>(from: &[T], first: usize, width: usize, at: usize) -> [T; PIECE] {
    let row = &from[first..first + width][at..];
    match row.first_chunk::<PIECE>() {
        Some(whole) => *whole,
        None => {
            let mut piece = [T::default(); PIECE];
            piece[..row.len()].copy_from_slice(row);
            piece
        }
    }
}

/// Writes columns from `at` on of the row that begins at `first`, as many as it has.
#[inline(always)]
fn store<T: Copy>(to: &mut [T], first: usize, width: usize, at: usize, piece: &[T; PIECE]) {
    let row = &mut to[first..first + width][at..];
    match row.first_chunk_mut::<PIECE>() {
        Some(whole) => *whole = *piece,
        None => row.copy_from_slice(&piece[..row.len()]),
    }
}

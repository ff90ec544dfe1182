//! Attention of the tokens of a sample to one another: scalar products and weighted sums of short
//! vectors, head by head, where they lie.

use super::mix::Mix;
use super::soften::{Back, Scale, Shift};
use crate::kernel::functions::{exp, widest};
use crate::kernel::lanes::{Kernel, LANES, Lanes, Level, Real};

/// Where the heads' vectors lie in the rows of a matrix.
#[derive(Clone, Copy, Debug)]
pub struct Heads {
    /// Numbers a row
    pub row: usize,
    /// The first head's first number
    pub first: usize,
    /// From a group to the next
    pub group: usize,
    /// From a head to the next of its group
    pub step: usize,
}

/// Sizes of the attention.
#[derive(Clone, Copy, Debug)]
pub struct Core {
    level: Level,
    /// Tokens of a sample
    pub length: usize,
    /// Heads
    pub heads: usize,
    /// Heads of a group; groups say only where heads lie
    pub per: usize,
    /// Width of a head
    pub width: usize,
}

impl Core {
    pub fn new(heads: usize, per: usize, width: usize) -> Self {
        Self { level: Level::available()[0], length: 1, heads, per, width }
    }

    /// All heads side by side from a column on.
    pub fn flat(&self, row: usize, first: usize) -> Heads {
        Heads { row, first, group: self.per * self.width, step: self.width }
    }

    pub fn at(&self, heads: Heads, head: usize) -> usize {
        heads.first + head / self.per * heads.group + head % self.per * heads.step
    }

    /// Numbers of a row of weights: one a token and head.
    pub fn row(&self) -> usize {
        self.length * self.heads
    }

    /// out\[i, j, h\] = x\[i, h\] · y\[j, h\] for tokens i, j of the same sample.
    pub fn dots(&self, out: &mut [f32], x: (&[f32], Heads), y: (&[f32], Heads)) {
        let samples = self.samples(out.len());
        self.check(samples, x.0.len(), x.1);
        self.check(samples, y.0.len(), y.1);
        run(self.level, Dots { core: *self, samples, out, x, y });
    }

    /// out\[i, h\] = Σ_j w\[i, j, h\] x\[j, h\], or with w\[j, i, h\].
    pub fn mix<const BACK: bool>(
        &self,
        out: (&mut [f32], Heads),
        weights: &[f32],
        x: (&[f32], Heads),
    ) {
        let samples = self.samples(weights.len());
        self.check(samples, out.0.len(), out.1);
        self.check(samples, x.0.len(), x.1);
        run(self.level, Mix::<BACK> { core: *self, samples, out, weights, x });
    }

    /// Scores to weights: softmax over the sample's other tokens, in place. Zero where there are
    /// none.
    pub fn soften(&self, scores: &mut [f32]) {
        widest(Shift { core: self, scores });
        exp(scores);
        widest(Scale { core: self, weights: scores });
    }

    /// ∂weights to ∂scores, in place.
    pub fn soften_backward(&self, weights: &[f32], gradient: &mut [f32]) {
        widest(Back { core: self, weights, gradient });
    }

    fn samples(&self, weights: usize) -> usize {
        weights / (self.length * self.row()).max(1)
    }

    fn check(&self, samples: usize, len: usize, at: Heads) {
        let rows = samples * self.length;
        if rows > 0 && self.heads > 0 {
            let last =
                (0..self.heads).map(|head| self.at(at, head)).max().unwrap_or(0) + self.width;
            assert!((rows - 1) * at.row + last <= len, "too few numbers for {rows} rows");
        }
    }
}

fn run<T: Real, K: Kernel<T>>(level: Level, kernel: K) {
    // SAFETY: the level is one of `Level::available`.
    unsafe { T::dispatch(level, kernel) };
}

struct Dots<'a> {
    core: Core,
    samples: usize,
    out: &'a mut [f32],
    x: (&'a [f32], Heads),
    y: (&'a [f32], Heads),
}

impl Kernel<f32> for Dots<'_> {
    #[inline(always)]
    fn run<V: Lanes<f32>>(self) {
        match self.core.width {
            16 => self.by::<V, 1, false>(),
            32 => self.by::<V, 2, false>(),
            64 => self.by::<V, 4, false>(),
            _ => self.by::<V, 0, true>(),
        }
    }
}

impl Dots<'_> {
    /// `CHUNKS` vectors a head, or any width.
    #[inline(always)]
    fn by<V: Lanes<f32>, const CHUNKS: usize, const ANY: bool>(self) {
        let Core { length, heads, per, width, .. } = self.core;
        let rows = self.samples * length;
        for i in 0..rows {
            let first = i / length * length;
            let out = &mut self.out[i * length * heads..][..length * heads];
            let mut sums = [V::splat(0.0); LANES];
            let (mut filled, mut done) = (0, 0);
            for j in first..first + length {
                let (x, y) = (i * self.x.1.row + self.x.1.first, j * self.y.1.row + self.y.1.first);
                for (group, head) in (0..heads / per).flat_map(|g| (0..per).map(move |h| (g, h))) {
                    // SAFETY: `Core::check` found every head of every row inside.
                    sums[filled] = unsafe {
                        let x = x + group * self.x.1.group + head * self.x.1.step;
                        let y = y + group * self.y.1.group + head * self.y.1.step;
                        let (x, y) = (self.x.0.as_ptr().add(x), self.y.0.as_ptr().add(y));
                        dot::<V, CHUNKS, ANY>(x, y, width)
                    };
                    filled += 1;
                    if filled == LANES {
                        let out = &mut out[done..done + LANES];
                        // SAFETY: sixteen values are left.
                        unsafe { V::sums(&sums).store(out.as_mut_ptr()) };
                        done += LANES;
                        filled = 0;
                    }
                }
            }
            let out = &mut out[done..];
            if filled > 0 {
                // SAFETY: as many values are left as are filled.
                unsafe { V::sums(&sums).store_first(out.as_mut_ptr(), filled) };
            }
        }
    }
}

/// x · y, still in lanes.
///
/// # Safety
///
/// `width` values must be readable at both; it is 16 · `CHUNKS` unless `ANY`.
#[inline(always)]
unsafe fn dot<V: Lanes<f32>, const CHUNKS: usize, const ANY: bool>(
    x: *const f32,
    y: *const f32,
    width: usize,
) -> V {
    let mut sum = V::splat(0.0);
    // SAFETY: the caller vouches for the values.
    unsafe {
        let chunks = if ANY { width / LANES } else { CHUNKS };
        for chunk in 0..chunks {
            let at = chunk * LANES;
            sum = V::load(x.add(at)).mul_add(V::load(y.add(at)), sum);
        }
        if ANY && !width.is_multiple_of(LANES) {
            let (at, rest) = (chunks * LANES, width % LANES);
            let (x, y) = (V::load_first(x.add(at), rest), V::load_first(y.add(at), rest));
            sum = x.mul_add(y, sum);
        }
    }
    sum
}

//! Sixteen lanes of one vector: the unit in which channels are stored.

use super::real::Real;

/// Channels in one vector.
pub const LANES: usize = 16;

/// One vector of plain values.
pub type Block<T> = [T; LANES];

/// Sixteen values in registers.
///
/// Written out, since the compiler does not reliably find these registers in loops over arrays.
pub trait Lanes<T>: Copy {
    /// Whether 32 registers of 16 lanes exist; the tiles are chosen by it.
    const WIDE: bool;

    /// One truth a lane.
    type Mask: Copy;

    /// Every lane the same.
    fn splat(value: T) -> Self;

    /// # Safety
    ///
    /// Sixteen values must be readable at `from`; no alignment is needed.
    unsafe fn load(from: *const T) -> Self;

    /// # Safety
    ///
    /// Sixteen values must be writable at `to`; no alignment is needed.
    unsafe fn store(self, to: *mut T);

    /// The block's values.
    #[inline(always)]
    fn get(from: &Block<T>) -> Self {
        // SAFETY: a block is sixteen values.
        unsafe { Self::load(from.as_ptr()) }
    }

    /// Writes the block.
    #[inline(always)]
    fn put(self, to: &mut Block<T>) {
        // SAFETY: a block is sixteen values.
        unsafe { self.store(to.as_mut_ptr()) }
    }

    /// Small whole numbers, each from a byte.
    fn get_bytes(from: &[u8; LANES]) -> Self;

    /// Small whole numbers, each to a byte.
    fn put_bytes(self, to: &mut [u8; LANES]);

    /// `self + other`.
    fn add(self, other: Self) -> Self;

    /// `self − other`.
    fn sub(self, other: Self) -> Self;

    /// `self · other`.
    fn mul(self, other: Self) -> Self;

    /// `self · factor + sum`, rounded once where the machine can.
    fn mul_add(self, factor: Self, sum: Self) -> Self;

    /// `self > other`, or `self` is NaN.
    fn above(self, other: Self) -> Self::Mask;

    /// `self <= other`; not for NaN.
    fn at_most(self, other: Self) -> Self::Mask;

    /// `self == other`.
    fn equals(self, other: Self) -> Self::Mask;

    /// `yes` where the mask is true, else `no`.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
}

/// The fallback for every machine, and the only one for `f64`.
#[derive(Clone, Copy)]
pub struct Portable<T>(Block<T>);

impl<T: Real> Portable<T> {
    #[inline(always)]
    fn zip<U: Copy>(self, other: Self, op: impl Fn(T, T) -> U, zero: U) -> [U; LANES] {
        let mut out = [zero; LANES];
        for (out, (&a, &b)) in out.iter_mut().zip(self.0.iter().zip(&other.0)) {
            *out = op(a, b);
        }
        out
    }
}

impl<T: Real> Lanes<T> for Portable<T> {
    const WIDE: bool = false;

    type Mask = [bool; LANES];

    #[inline(always)]
    fn splat(value: T) -> Self {
        Self([value; LANES])
    }

    #[inline(always)]
    unsafe fn load(from: *const T) -> Self {
        // SAFETY: the caller vouches for sixteen values; an array has its element's alignment.
        Self(unsafe { from.cast::<Block<T>>().read() })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        // SAFETY: as in `load`.
        unsafe { to.cast::<Block<T>>().write(self.0) }
    }

    #[inline(always)]
    fn get_bytes(from: &[u8; LANES]) -> Self {
        Self(from.map(T::from_byte))
    }

    #[inline(always)]
    fn put_bytes(self, to: &mut [u8; LANES]) {
        *to = self.0.map(T::to_byte);
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(self.zip(other, |a, b| a + b, T::default()))
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(self.zip(other, |a, b| a - b, T::default()))
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(self.zip(other, |a, b| a * b, T::default()))
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, sum: Self) -> Self {
        let mut out = sum.0;
        for (out, (a, &b)) in out.iter_mut().zip(self.0.iter().zip(&factor.0)) {
            *out = a.fused(b, *out);
        }
        Self(out)
    }

    #[inline(always)]
    fn above(self, other: Self) -> Self::Mask {
        self.zip(other, |a, b| a > b || a.is_nan(), false)
    }

    #[inline(always)]
    fn at_most(self, other: Self) -> Self::Mask {
        self.zip(other, |a, b| a <= b, false)
    }

    #[inline(always)]
    fn equals(self, other: Self) -> Self::Mask {
        self.zip(other, |a, b| a == b, false)
    }

    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        let mut out = no.0;
        for (out, (mask, &yes)) in out.iter_mut().zip(mask.iter().zip(&yes.0)) {
            *out = if *mask { yes } else { *out };
        }
        Self(out)
    }
}

/// A loop that is compiled once for each kind of vector.
pub trait Kernel<T> {
    /// Runs it; implementations are `#[inline(always)]`, or the machine's wide instructions would
    /// not reach them.
    fn run<V: Lanes<T>>(self);
}

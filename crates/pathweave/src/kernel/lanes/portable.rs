//! Vectors as plain arrays.

use super::{Block, LANES, Lanes, Real};

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
    unsafe fn load_first(from: *const T, count: usize) -> Self {
        let mut out = [T::default(); LANES];
        for (lane, out) in out.iter_mut().enumerate().take(count) {
            // SAFETY: the caller vouches for `count` values.
            *out = unsafe { from.add(lane).read() };
        }
        Self(out)
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut T, count: usize) {
        for (lane, &value) in self.0.iter().enumerate().take(count) {
            // SAFETY: the caller vouches for `count` values.
            unsafe { to.add(lane).write(value) };
        }
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

    #[inline(always)]
    fn sums(of: &[Self; LANES]) -> Self {
        Self(of.map(|Self(mut fold)| {
            for half in [8, 4, 2, 1] {
                let (low, high) = fold.split_at_mut(half);
                for (low, &high) in low.iter_mut().zip(&*high) {
                    *low += high;
                }
            }
            fold[0]
        }))
    }
}

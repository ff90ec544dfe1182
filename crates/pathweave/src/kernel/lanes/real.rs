//! The element types and the choice of instructions.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Mul, Sub};

use super::{Kernel, Portable};

/// The instructions a kernel is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// What the build's target promises.
    Portable,
    /// AVX2 with fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512 F, BW, DQ, VL.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// The first of [`Self::available`], without a list.
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            let wide = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl");
            return if wide { Self::Avx512 } else { Self::Avx2 };
        }
        Self::Portable
    }

    /// The levels this machine can run, the best first.
    pub fn available() -> Vec<Self> {
        let mut levels = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            if avx2
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
            {
                levels.push(Self::Avx512);
            }
            if avx2 {
                levels.push(Self::Avx2);
            }
        }
        levels.push(Self::Portable);
        levels
    }
}

/// Runs a kernel with the best instructions of the machine.
pub fn run_at_best<T: Real, K: Kernel<T>>(kernel: K) {
    // SAFETY: the level was found on this machine.
    unsafe { T::dispatch(Level::best(), kernel) }
}

/// What only this crate implements.
pub trait Sealed: Sized {
    /// Runs a kernel at `level`, or at the nearest this type has.
    ///
    /// # Safety
    ///
    /// The machine must have `level`'s instructions: `level` comes from [`Level::available`].
    unsafe fn dispatch<K: Kernel<Self>>(level: Level, kernel: K);

    /// `self · factor + sum`, rounded once where the build's target can do so at speed.
    fn fused(self, factor: Self, sum: Self) -> Self;

    /// Whether this is not a number.
    fn is_nan(&self) -> bool;

    /// The byte's value.
    fn from_byte(value: u8) -> Self;

    /// The value as a byte.
    fn to_byte(self) -> u8;
}

/// An element type of the kernels: `f32`, and `f64` for the checks of gradients.
pub trait Real:
    Sealed
    + Copy
    + Debug
    + Default
    + PartialOrd
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + Mul<Output = Self>
    + 'static
{
    /// The nearest value of this type.
    fn from_f64(value: f64) -> Self;

    /// The value, exactly.
    fn to_f64(self) -> f64;
}

/// Without the instruction, `mul_add` is a call into the C library, twenty times slower.
const FUSED: bool = cfg!(any(target_feature = "fma", target_arch = "aarch64"));

impl Sealed for f32 {
    #[inline(always)]
    unsafe fn dispatch<K: Kernel<Self>>(level: Level, kernel: K) {
        match level {
            Level::Portable => kernel.run::<Portable<Self>>(),
            // SAFETY: the caller vouches that the machine has the level.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { super::x86::with_avx2(kernel) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { super::x86::with_avx512(kernel) },
        }
    }

    #[inline(always)]
    fn fused(self, factor: Self, sum: Self) -> Self {
        if FUSED { self.mul_add(factor, sum) } else { self * factor + sum }
    }

    #[inline(always)]
    fn is_nan(&self) -> bool {
        f32::is_nan(*self)
    }

    #[inline(always)]
    fn from_byte(value: u8) -> Self {
        Self::from(value)
    }

    #[inline(always)]
    fn to_byte(self) -> u8 {
        self as u8
    }
}

impl Real for f32 {
    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        value as Self
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}

impl Sealed for f64 {
    #[inline(always)]
    unsafe fn dispatch<K: Kernel<Self>>(_: Level, kernel: K) {
        kernel.run::<Portable<Self>>();
    }

    #[inline(always)]
    fn fused(self, factor: Self, sum: Self) -> Self {
        if FUSED { self.mul_add(factor, sum) } else { self * factor + sum }
    }

    #[inline(always)]
    fn is_nan(&self) -> bool {
        f64::is_nan(*self)
    }

    #[inline(always)]
    fn from_byte(value: u8) -> Self {
        Self::from(value)
    }

    #[inline(always)]
    fn to_byte(self) -> u8 {
        self as u8
    }
}

impl Real for f64 {
    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
}

//! Sixteen lanes of one vector, the unit in which our kernels compute, and the choice of the
//! machine's instructions for them at run time.

mod portable;
mod real;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use portable::Portable;
pub use real::{Level, Real, run_at_best};

/// Values in one vector.
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

    /// The first `count` lanes from memory, zero in the others.
    ///
    /// # Safety
    ///
    /// `count` values must be readable at `from`, and `count` be at most sixteen.
    unsafe fn load_first(from: *const T, count: usize) -> Self;

    /// The first `count` lanes to memory.
    ///
    /// # Safety
    ///
    /// `count` values must be writable at `to`, and `count` be at most sixteen.
    unsafe fn store_first(self, to: *mut T, count: usize);

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

    /// Lane i is the sum of all lanes of vector i, folded in the middle four times.
    fn sums(of: &[Self; LANES]) -> Self;
}

/// A loop that is compiled once for each kind of vector.
pub trait Kernel<T> {
    /// Runs it; implementations are `#[inline(always)]`, or the machine's wide instructions would
    /// not reach them.
    fn run<V: Lanes<T>>(self);
}

//! The wide instructions of x86-64.

mod avx2;
mod avx512;

pub use avx2::with_avx2;
pub use avx512::with_avx512;

//! Slices by vectors: the last one is filled with zeros, and only its part is written.
//!
//! Written out, since loops over chunks of slices are compiled to gathers where they follow each
//! other at a fixed distance.

use crate::kernel::lanes::{LANES, Lanes};

/// Sixteen numbers from `at` on, or those that are left.
#[inline(always)]
pub fn get<V: Lanes<f32>>(from: &[f32], at: usize) -> V {
    let from = &from[at..];
    match from.first_chunk() {
        Some(block) => V::get(block),
        // SAFETY: fewer than sixteen values, and as many as the slice has.
        None => unsafe { V::load_first(from.as_ptr(), from.len()) },
    }
}

/// Writes sixteen numbers from `at` on, or as many as have a place.
#[inline(always)]
pub fn put<V: Lanes<f32>>(value: V, to: &mut [f32], at: usize) {
    let to = &mut to[at..];
    match to.first_chunk_mut() {
        Some(block) => value.put(block),
        // SAFETY: fewer than sixteen values, and as many as the slice has.
        None => unsafe { value.store_first(to.as_mut_ptr(), to.len()) },
    }
}

/// to += factor · from
#[inline(always)]
pub fn add_scaled<V: Lanes<f32>>(to: &mut [f32], from: &[f32], factor: V) {
    assert_eq!(to.len(), from.len(), "as many numbers");
    for at in (0..to.len()).step_by(LANES) {
        put(factor.mul_add(get(from, at), get(to, at)), to, at);
    }
}

/// to_i += Σ_j a_ij b_ij; row i of b lies at i · `stride`, which is 0 where all rows are one.
/// [rows, width], [rows, width], \[rows\]
#[inline(always)]
pub fn add_dots<V: Lanes<f32>>(a: &[f32], b: &[f32], width: usize, stride: usize, to: &mut [f32]) {
    for first in (0..to.len()).step_by(LANES) {
        let count = LANES.min(to.len() - first);
        let mut sums = [V::splat(0.0); LANES];
        for (row, sum) in sums.iter_mut().enumerate().take(count) {
            let a = &a[(first + row) * width..][..width];
            let b = &b[(first + row) * stride..][..width];
            for at in (0..width).step_by(LANES) {
                *sum = get::<V>(a, at).mul_add(get(b, at), *sum);
            }
        }
        let to = &mut to[first..][..count];
        put(V::sums(&sums).add(get(to, 0)), to, 0);
    }
}

/// ∂ times its factor where the ReLU let a value through, else 0.
#[inline(always)]
pub fn cut<V: Lanes<f32>>(d: &mut [f32], values: &[f32], factors: &[f32]) {
    let zero = V::splat(0.0);
    for at in (0..d.len()).step_by(LANES) {
        let through = get::<V>(values, at).above(zero);
        put(V::select(through, get::<V>(factors, at).mul(get(d, at)), zero), d, at);
    }
}

/// One number a module, to each of its `unit` columns. \[M\], [M · unit]
#[inline(always)]
pub fn spread<V: Lanes<f32>>(numbers: &[f32], unit: usize, to: &mut [f32]) {
    match unit {
        2 => return spread_narrow::<2>(numbers, to),
        4 => return spread_narrow::<4>(numbers, to),
        8 => return spread_narrow::<8>(numbers, to),
        _ => {}
    }
    for (number, to) in numbers.iter().zip(to.chunks_exact_mut(unit)) {
        for at in (0..unit).step_by(LANES) {
            put(V::splat(*number), to, at);
        }
    }
}

/// In whole vectors: what is written in parts is slow to read back as a whole.
#[inline(always)]
fn spread_narrow<const UNIT: usize>(numbers: &[f32], to: &mut [f32]) {
    let (blocks, rest) = to.as_chunks_mut::<LANES>();
    for (to, numbers) in blocks.iter_mut().zip(numbers.chunks_exact(LANES / UNIT)) {
        *to = std::array::from_fn(|lane| numbers[lane / UNIT]);
    }
    let done = numbers.len() - rest.len() / UNIT;
    for (lane, to) in rest.iter_mut().enumerate() {
        *to = numbers[done + lane / UNIT];
    }
}

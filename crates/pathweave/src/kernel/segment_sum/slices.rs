//! The arithmetic of sums of selected rows on slices.

use crate::kernel::lanes::{Kernel, LANES, Lanes, Real, run_at_best};

/// Panics where the sentences are not ranges of the words, or a word has no row.
pub fn check(rows: usize, index: &[u32], starts: &[u32]) {
    let rises = starts.first() == Some(&0) && starts.is_sorted();
    let ends = starts.last().is_some_and(|&last| last as usize == index.len());
    assert!(rises && ends, "starts [S + 1] must rise from 0 to the number of words");
    assert!(index.iter().all(|&row| (row as usize) < rows), "a word's row must be below U");
}

/// Sums of x's rows, sentence by sentence. `x` [U, D] → [S, D], D = `width`.
///
/// # Panics
/// As [`check`], for the rows that `x` has.
pub fn forward<T: Real>(width: usize, x: &[T], index: &[u32], starts: &[u32]) -> Vec<T> {
    check(x.len() / width.max(1), index, starts);
    let mut sums = vec![T::default(); (starts.len() - 1) * width];
    run_at_best(Sum { width, x, index, starts, sums: &mut sums });
    sums
}

/// Gradient of [`forward`] by `x`, which has `rows` rows. `dy` [S, D] → [U, D].
///
/// # Panics
/// As [`check`], or where `dy` is not as long as the sums.
pub fn backward<T: Real>(
    [rows, width]: [usize; 2],
    dy: &[T],
    index: &[u32],
    starts: &[u32],
) -> Vec<T> {
    check(rows, index, starts);
    assert_eq!(dy.len(), (starts.len() - 1) * width, "dy [S, D]");
    let mut dx = vec![T::default(); rows * width];
    run_at_best(Spread { width, dy, index, starts, dx: &mut dx });
    dx
}

struct Sum<'a, T> {
    width: usize,
    x: &'a [T],
    index: &'a [u32],
    starts: &'a [u32],
    sums: &'a mut [T],
}

impl<T: Real> Kernel<T> for Sum<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let sums = self.sums.chunks_exact_mut(self.width.max(1));
        for (bounds, sum) in self.starts.windows(2).zip(sums) {
            for &row in &self.index[bounds[0] as usize..bounds[1] as usize] {
                add::<T, V>(sum, &self.x[row as usize * self.width..][..self.width]);
            }
        }
    }
}

struct Spread<'a, T> {
    width: usize,
    dy: &'a [T],
    index: &'a [u32],
    starts: &'a [u32],
    dx: &'a mut [T],
}

impl<T: Real> Kernel<T> for Spread<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let dy = self.dy.chunks_exact(self.width.max(1));
        for (bounds, dy) in self.starts.windows(2).zip(dy) {
            for &row in &self.index[bounds[0] as usize..bounds[1] as usize] {
                add::<T, V>(&mut self.dx[row as usize * self.width..][..self.width], dy);
            }
        }
    }
}

/// to += from
#[inline(always)]
fn add<T: Real, V: Lanes<T>>(to: &mut [T], from: &[T]) {
    for (to, from) in to.chunks_mut(LANES).zip(from.chunks(LANES)) {
        match (to.first_chunk_mut::<LANES>(), from.first_chunk::<LANES>()) {
            (Some(to), Some(from)) => V::get(to).add(V::get(from)).put(to),
            _ => to.iter_mut().zip(from).for_each(|(to, &from)| *to += from),
        }
    }
}

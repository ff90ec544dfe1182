//! The output's gradient before the activation.

use crate::kernel::lanes::{Kernel, LANES, Lanes, Real};

/// `dz[i] = dy[rows[i]]`, zero where ReLU cut the output, and `d_bias = Σ_i dz[i]`.
pub struct OutputGradient<'a, T> {
    /// The module's rows.
    pub rows: &'a [u32],
    /// `[R, output]`, or none without ReLU.
    pub activated: Option<&'a [T]>,
    /// `[R, output]`.
    pub dy: &'a [T],
    /// `[output]`.
    pub d_bias: &'a mut [T],
    /// `[rows, output]`.
    pub dz: &'a mut [T],
}

impl<T: Real> Kernel<T> for OutputGradient<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let output = self.d_bias.len();
        let zero = V::splat(T::default());
        for first in (0..output).step_by(LANES) {
            let count = LANES.min(output - first);
            let mut sum = zero;
            for (&row, to) in self.rows.iter().zip(self.dz.chunks_exact_mut(output)) {
                let from = row as usize * output + first;
                let mut value = load::<T, V>(&self.dy[from..][..count]);
                if let Some(activated) = self.activated {
                    // NaN counts as positive: its row shows it in every gradient.
                    let positive = load::<T, V>(&activated[from..][..count]).above(zero);
                    value = V::select(positive, value, zero);
                }
                sum = sum.add(value);
                store(value, &mut to[first..][..count]);
            }
            store(sum, &mut self.d_bias[first..][..count]);
        }
    }
}

#[inline(always)]
fn load<T: Real, V: Lanes<T>>(from: &[T]) -> V {
    match from.first_chunk() {
        Some(block) => V::get(block),
        // SAFETY: fewer than sixteen values, and as many as the slice has.
        None => unsafe { V::load_first(from.as_ptr(), from.len()) },
    }
}

#[inline(always)]
fn store<T: Real, V: Lanes<T>>(value: V, to: &mut [T]) {
    match to.first_chunk_mut() {
        Some(block) => value.put(block),
        // SAFETY: as in `load`.
        None => unsafe { value.store_first(to.as_mut_ptr(), to.len()) },
    }
}

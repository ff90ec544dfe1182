//! Forward pass with the running averages.

use super::convolve::Convolve;
use super::forward::{load_params, pack_group};
use super::params::{Averages, Params};
use super::pool::window;
use super::shape::Shape;
use super::state::{Scratch, groups, output_raster};
use crate::kernel::lanes::{Kernel, LANES, Lanes, Real};

/// One block in evaluation: normalisation by the running averages is folded
/// into filters and bias, so that the convolution's output is ReLU's input.
///
/// `x [N, C, H, W]` and `y [N, F, H/2, W/2]` in the shape's layouts. NaN in `x` stays in the windows
/// that see it.
///
/// # Panics
///
/// If a slice has not the shape's length.
pub fn forward_eval<T: Real>(
    shape: &Shape,
    x: &[T],
    params: &Params<'_, T>,
    running: &Averages<'_, T>,
    y: &mut [T],
    scratch: &mut Scratch<T>,
) {
    assert_eq!(x.len(), shape.input_len(), "length of the input");
    assert_eq!(y.len(), shape.output_len(), "length of the output");
    params.check(shape);
    running.check(shape);
    scratch.prepare(shape);
    load_params(shape, params, scratch);
    fold(params, running, shape.filter_lanes(), scratch);

    let image = shape.image_pixels() * shape.filter_lanes();
    let pooled = shape.pooled_pixels() * shape.filter_lanes();
    let raster = output_raster(shape);
    for (first, images) in groups(shape) {
        pack_group(shape, x, first, images, &mut scratch.x);
        let z = &mut scratch.z[..images * image];
        // SAFETY: the level is one of `Level::available`.
        unsafe {
            T::dispatch(
                scratch.level,
                Convolve {
                    x: &scratch.x,
                    starts: &scratch.starts[..images * shape.image_pixels()],
                    row: (shape.width() + 2) * shape.channels(),
                    depth: shape.channels(),
                    filters: &scratch.filters,
                    bias: &scratch.bias,
                    out: z,
                },
            );
        }
        let y = y[first * raster.outer_len()..].chunks_exact_mut(raster.outer_len());
        for (z, y) in z.chunks_exact(image).zip(y) {
            let direct = raster.is_plain(shape.output());
            let inner = if direct { &mut *y } else { &mut scratch.y[..pooled] };
            let pool =
                ActivePool { z, width: shape.width(), lanes: shape.filter_lanes(), y: inner };
            // SAFETY: as above.
            unsafe { T::dispatch(scratch.level, pool) };
            if !direct {
                raster.unpack(shape.output(), &scratch.y[..pooled], y);
            }
        }
    }
}

/// Replaces filters and bias by `weight · s` and `(bias − mean) · s + β`, s = γ / √(var + ε).
fn fold<T: Real>(
    params: &Params<'_, T>,
    running: &Averages<'_, T>,
    lanes: usize,
    s: &mut Scratch<T>,
) {
    for (f, gamma) in params.gamma.iter().enumerate() {
        let scale = gamma.to_f64() / (running.var[f].to_f64() + params.epsilon).sqrt();
        let bias = s.bias[f].to_f64() - running.mean[f].to_f64();
        s.bias[f] = T::from_f64(bias * scale + params.beta[f].to_f64());
        for row in s.filters.chunks_exact_mut(lanes) {
            row[f] = T::from_f64(row[f].to_f64() * scale);
        }
    }
}

/// ReLU of the greatest value of each window of one image.
struct ActivePool<'a, T> {
    z: &'a [T],
    width: usize,
    lanes: usize,
    y: &'a mut [T],
}

impl<T: Real> Kernel<T> for ActivePool<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let blocks = self.lanes / LANES;
        let z = self.z.as_chunks::<LANES>().0;
        let y = self.y.as_chunks_mut::<LANES>().0;
        for (index, y) in y.chunks_exact_mut(blocks).enumerate() {
            let at = window(index, self.width / 2, self.width);
            for (b, y) in y.iter_mut().enumerate() {
                let mut best = V::splat(T::default());
                for pixel in at {
                    let value = V::get(&z[pixel * blocks + b]);
                    best = V::select(value.above(best), value, best);
                }
                best.put(y);
            }
        }
    }
}

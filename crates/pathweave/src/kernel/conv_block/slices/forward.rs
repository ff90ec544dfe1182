//! Forward pass with batch statistics.

use super::convolve::Convolve;
use super::pack::filters_forward;
use super::params::{Params, Running};
use super::pool::{Activate, Peak};
use super::shape::Shape;
use super::state::{Saved, Scratch, fill_lanes, groups, input_raster, output_raster};
use crate::kernel::lanes::Real;

/// One block in training: `y[n, f] = maxpool(relu(γ_f · (z − mean_f) / √(var_f + ε) + β_f))` with
/// `z = conv(x)` and the batch's mean and biased variance.
///
/// `x [N, C, H, W]` and `y [N, F, H/2, W/2]` in the shape's layouts. The running averages move by
/// the momentum towards the batch's mean and unbiased variance; an empty batch moves nothing.
/// NaN goes where it goes in PyTorch: one in `x` makes every output of the batch NaN.
///
/// # Panics
///
/// If a slice has not the shape's length.
pub fn forward_train<T: Real>(
    shape: &Shape,
    x: &[T],
    params: &Params<'_, T>,
    running: &mut Running<'_, T>,
    y: &mut [T],
    saved: &mut Saved<T>,
    scratch: &mut Scratch<T>,
) {
    assert_eq!(x.len(), shape.input_len(), "length of the input");
    assert_eq!(y.len(), shape.output_len(), "length of the output");
    params.check(shape);
    running.check(shape);
    saved.prepare(shape);
    scratch.prepare(shape);
    load_params(shape, params, scratch);
    scratch.moments.reset(shape.filter_lanes());

    let (image, pooled) =
        (shape.image_pixels() * shape.filter_lanes(), shape.pooled_pixels() * shape.filter_lanes());
    for (first, images) in groups(shape) {
        let z = if shape.keeps_convolution() {
            &mut saved.z[first * image..][..images * image]
        } else {
            &mut scratch.z[..images * image]
        };
        pack_group(shape, x, first, images, &mut scratch.x);
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
            T::dispatch(scratch.level, scratch.moments.gather(z));
        }
        scratch.moments.merge(images * shape.image_pixels());
        for (i, z) in z.chunks_exact(image).enumerate() {
            let at = (first + i) * pooled..(first + i + 1) * pooled;
            // SAFETY: as above.
            unsafe {
                T::dispatch(
                    scratch.level,
                    Peak {
                        z,
                        width: shape.width(),
                        sign: &scratch.sign,
                        peak: &mut saved.peak[at.clone()],
                        place: &mut saved.place[at],
                    },
                );
            }
        }
    }
    if shape.batch() == 0 {
        return;
    }
    finish_statistics(shape, params, running, saved, scratch);

    let raster = output_raster(shape);
    for (peak, y) in saved.peak.chunks_exact(pooled).zip(y.chunks_exact_mut(raster.outer_len())) {
        let direct = raster.is_plain(shape.output());
        let inner = if direct { &mut *y } else { &mut scratch.y[..pooled] };
        // SAFETY: as above.
        unsafe {
            T::dispatch(scratch.level, Activate { peak, norm: &saved.norm, y: inner });
        }
        if !direct {
            raster.unpack(shape.output(), &scratch.y[..pooled], y);
        }
    }
}

/// Filters, bias and the sign of γ into lanes.
pub(super) fn load_params<T: Real>(shape: &Shape, params: &Params<'_, T>, s: &mut Scratch<T>) {
    filters_forward(params.weight, shape.channels(), shape.filter_lanes(), &mut s.filters);
    match params.bias {
        Some(bias) => fill_lanes(&mut s.bias, bias),
        None => s.bias.fill(T::default()),
    }
    for (sign, &gamma) in s.sign.iter_mut().zip(params.gamma) {
        let g = gamma.to_f64();
        *sign = T::from_f64(if g > 0.0 {
            1.0
        } else if g < 0.0 {
            -1.0
        } else {
            g
        });
    }
}

/// A group of inputs into their bordered places.
pub(super) fn pack_group<T: Real>(
    shape: &Shape,
    x: &[T],
    first: usize,
    images: usize,
    to: &mut [T],
) {
    let raster = input_raster(shape);
    let from = x[first * raster.outer_len()..].chunks_exact(raster.outer_len());
    for (to, from) in to.chunks_exact_mut(raster.inner_len()).zip(from).take(images) {
        raster.pack(shape.input(), from, to);
    }
}

fn finish_statistics<T: Real>(
    shape: &Shape,
    params: &Params<'_, T>,
    running: &mut Running<'_, T>,
    saved: &mut Saved<T>,
    scratch: &Scratch<T>,
) {
    let moments = &scratch.moments;
    let count = moments.count as f64;
    let momentum = running.momentum;
    let average = |old: &mut T, new: f64| {
        *old = T::from_f64((1.0 - momentum) * old.to_f64() + momentum * new);
    };
    for f in 0..shape.filters() {
        let (mean, deviation) = (moments.mean[f], moments.deviation[f]);
        let inverse = 1.0 / (deviation / count + params.epsilon).sqrt();
        saved.inverse_deviation[f] = inverse;
        saved.norm.mean[f] = T::from_f64(mean);
        saved.norm.scale[f] = T::from_f64(params.gamma[f].to_f64() * inverse);
        average(&mut running.mean[f], mean);
        // An image has at least four pixels, so there is never a division by 0.
        average(&mut running.var[f], deviation / (count - 1.0));
    }
    fill_lanes(&mut saved.norm.beta, params.beta);
}

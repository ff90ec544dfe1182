//! Backward pass of a block in training.

use super::convolve::Convolve;
use super::filter_gradient::FilterGradient;
use super::forward::{load_params, pack_group};
use super::pack::{filters_backward, filters_outer};
use super::params::{Gradients, Params};
use super::pool::Deactivate;
use super::scatter::Scatter;
use super::shape::Shape;
use super::state::{Saved, Scratch, gradient_raster, groups, output_raster};
use crate::kernel::lanes::Real;

/// All gradients of one block, from `dy [N, F, H/2, W/2]` in the layout of the output, and the `x`
/// and `params` that [`forward_train`](super::forward_train) had when it filled `saved`.
///
/// With g the gradient behind ReLU and pooling, x̂ the normalised value, n = N·H·W:
/// `dβ = Σ g`, `dγ = Σ g·x̂`, `dz = γ / √(var + ε) · (g − dβ/n − x̂ · dγ/n)`
/// (Ioffe and Szegedy, 2015, section 3), and the convolution's own gradients of dz.
///
/// # Panics
///
/// If a slice has not the shape's length, or `saved` is not of this shape.
pub fn backward<T: Real>(
    shape: &Shape,
    x: &[T],
    params: &Params<'_, T>,
    saved: &Saved<T>,
    dy: &[T],
    mut gradients: Gradients<'_, T>,
    scratch: &mut Scratch<T>,
) {
    assert_eq!(x.len(), shape.input_len(), "length of the input");
    assert_eq!(dy.len(), shape.output_len(), "length of the gradient");
    assert!(saved.shape.as_ref() == Some(shape), "the saved state is of another shape");
    params.check(shape);
    gradients.check(shape);
    scratch.prepare(shape);
    load_params(shape, params, scratch);
    if gradients.x.is_some() {
        filters_backward(
            params.weight,
            shape.channels(),
            shape.filter_lanes(),
            shape.channel_lanes(),
            &mut scratch.turned,
        );
    }
    affine_gradients(shape, saved, dy, &mut gradients, scratch);
    coefficients(shape, saved, scratch);

    scratch.gradient.fill(T::default());
    for (first, images) in groups(shape) {
        pack_group(shape, x, first, images, &mut scratch.x);
        convolution_gradient(shape, saved, first, images, scratch);
        let padded = images * shape.padded_pixels();
        let filter_gradient = FilterGradient {
            x: &scratch.x[..padded * shape.channels()],
            dz: &scratch.dz[..padded * shape.filter_lanes()],
            images,
            height: shape.height(),
            width: shape.width(),
            depth: shape.channels(),
            lanes: shape.filter_lanes(),
            out: &mut scratch.gradient,
        };
        // SAFETY: the level is one of `Level::available`.
        unsafe { T::dispatch(scratch.level, filter_gradient) };
        if let Some(dx) = &mut gradients.x {
            input_gradient(shape, first, images, scratch, dx);
        }
    }
    filters_outer(&scratch.gradient, shape.channels(), shape.filter_lanes(), gradients.weight);
}

/// Takes the gradient behind ReLU into `scratch.y`, and the gradients of γ, β and bias.
fn affine_gradients<T: Real>(
    shape: &Shape,
    saved: &Saved<T>,
    dy: &[T],
    gradients: &mut Gradients<'_, T>,
    scratch: &mut Scratch<T>,
) {
    let raster = output_raster(shape);
    let pooled = shape.pooled_pixels() * shape.filter_lanes();
    for total in &mut scratch.totals {
        total.fill(0.0);
    }
    for ((g, dy), peak) in scratch
        .y
        .chunks_exact_mut(pooled)
        .zip(dy.chunks_exact(raster.outer_len()))
        .zip(saved.peak.chunks_exact(pooled))
    {
        let dy = if raster.is_plain(shape.output()) {
            dy
        } else {
            let inner = &mut scratch.z[..pooled];
            raster.pack(shape.output(), dy, inner);
            inner
        };
        let [sum, product, ..] = &mut scratch.rows;
        let deactivate = Deactivate { peak, norm: &saved.norm, dy, gradient: g, sum, product };
        // SAFETY: the level is one of `Level::available`.
        unsafe { T::dispatch(scratch.level, deactivate) };
        for (totals, row) in scratch.totals.iter_mut().zip(&scratch.rows) {
            for (total, value) in totals.iter_mut().zip(row) {
                *total += value.to_f64();
            }
        }
    }
    for f in 0..shape.filters() {
        let (sum, product) = (scratch.totals[0][f], scratch.totals[1][f]);
        gradients.beta[f] = T::from_f64(sum);
        gradients.gamma[f] = T::from_f64(product * saved.inverse_deviation[f]);
        if let Some(bias) = &mut gradients.bias {
            // Normalisation subtracts the bias again; NaN remains visible.
            bias[f] = T::from_f64(0.0 * sum);
        }
    }
}

/// Offset (row 2) and slope (row 3) of the part of dz that comes through the statistics.
fn coefficients<T: Real>(shape: &Shape, saved: &Saved<T>, scratch: &mut Scratch<T>) {
    let count = (shape.batch() * shape.image_pixels()) as f64;
    for f in 0..shape.filters() {
        let inverse = saved.inverse_deviation[f];
        let scale = saved.norm.scale[f].to_f64() / count;
        scratch.rows[2][f] = T::from_f64(-scale * scratch.totals[0][f]);
        scratch.rows[3][f] = T::from_f64(-scale * scratch.totals[1][f] * inverse * inverse);
    }
}

/// The gradient of a group's convolution output into `scratch.dz`.
fn convolution_gradient<T: Real>(
    shape: &Shape,
    saved: &Saved<T>,
    first: usize,
    images: usize,
    scratch: &mut Scratch<T>,
) {
    let lanes = shape.filter_lanes();
    let image = shape.image_pixels() * lanes;
    let z = if shape.keeps_convolution() {
        &saved.z[first * image..][..images * image]
    } else {
        let z = &mut scratch.z[..images * image];
        let convolve = Convolve {
            x: &scratch.x,
            starts: &scratch.starts[..images * shape.image_pixels()],
            row: (shape.width() + 2) * shape.channels(),
            depth: shape.channels(),
            filters: &scratch.filters,
            bias: &scratch.bias,
            out: z,
        };
        // SAFETY: the level is one of `Level::available`.
        unsafe { T::dispatch(scratch.level, convolve) };
        &*z
    };
    let pooled = shape.pooled_pixels() * lanes;
    let outputs = scratch
        .dz
        .chunks_exact_mut(shape.padded_pixels() * lanes)
        .zip(z.chunks_exact(image))
        .enumerate();
    for (i, (dz, z)) in outputs {
        let at = (first + i) * pooled..(first + i + 1) * pooled;
        let scatter = Scatter {
            z,
            height: shape.height(),
            width: shape.width(),
            gradient: &scratch.y[at.clone()],
            place: &saved.place[at],
            norm: &saved.norm,
            offset: &scratch.rows[2],
            slope: &scratch.rows[3],
            dz,
        };
        // SAFETY: the level is one of `Level::available`.
        unsafe { T::dispatch(scratch.level, scatter) };
    }
}

/// The gradient of a group's inputs: dz convolved with the turned filters.
fn input_gradient<T: Real>(
    shape: &Shape,
    first: usize,
    images: usize,
    scratch: &mut Scratch<T>,
    dx: &mut [T],
) {
    let image = shape.image_pixels() * shape.channel_lanes();
    let raster = gradient_raster(shape);
    let outer = raster.outer_len();
    let dx = &mut dx[first * outer..][..images * outer];
    let direct = raster.is_plain(shape.input());
    let out = if direct { &mut *dx } else { &mut scratch.z[..images * image] };
    let convolve = Convolve {
        x: &scratch.dz,
        starts: &scratch.starts_dz[..images * shape.image_pixels()],
        row: (shape.width() + 2) * shape.filter_lanes(),
        depth: shape.filter_lanes(),
        filters: &scratch.turned,
        bias: &scratch.zeros,
        out,
    };
    // SAFETY: the level is one of `Level::available`.
    unsafe { T::dispatch(scratch.level, convolve) };
    if !direct {
        let inner = scratch.z.chunks_exact(image);
        for (inner, dx) in inner.zip(dx.chunks_exact_mut(outer)) {
            raster.unpack(shape.input(), inner, dx);
        }
    }
}

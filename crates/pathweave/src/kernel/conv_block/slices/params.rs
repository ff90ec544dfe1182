//! Parameters, running averages and gradients of one block, borrowed from their owner.

use super::shape::Shape;

/// ε of batch normalisation, as in PyTorch.
pub const EPSILON: f64 = 1e-5;

/// Momentum of the running averages, as in PyTorch.
pub const MOMENTUM: f64 = 0.1;

/// Trained parameters of one block.
#[derive(Clone, Copy, Debug)]
pub struct Params<'a, T> {
    /// Filters, `[F, C, 3, 3]`.
    pub weight: &'a [T],
    /// Bias of the convolution, `[F]`, or none.
    pub bias: Option<&'a [T]>,
    /// Scale after normalisation, γ `[F]`.
    pub gamma: &'a [T],
    /// Shift after normalisation, β `[F]`.
    pub beta: &'a [T],
    /// Added to the variance before the root; [`EPSILON`] is usual.
    pub epsilon: f64,
}

impl<T> Params<'_, T> {
    pub(super) fn check(&self, shape: &Shape) {
        assert_eq!(self.weight.len(), shape.weight_len(), "length of weight");
        assert_eq!(self.gamma.len(), shape.filters(), "length of gamma");
        assert_eq!(self.beta.len(), shape.filters(), "length of beta");
        if let Some(bias) = self.bias {
            assert_eq!(bias.len(), shape.filters(), "length of bias");
        }
    }
}

/// Running averages of batch normalisation.
#[derive(Debug)]
pub struct Running<'a, T> {
    /// Mean of the convolution's output, `[F]`.
    pub mean: &'a mut [T],
    /// Variance of the convolution's output, unbiased, `[F]`.
    pub var: &'a mut [T],
    /// Share of this batch in the new average; [`MOMENTUM`] is usual.
    pub momentum: f64,
}

impl<T> Running<'_, T> {
    pub(super) fn check(&self, shape: &Shape) {
        assert_eq!(self.mean.len(), shape.filters(), "length of running mean");
        assert_eq!(self.var.len(), shape.filters(), "length of running variance");
    }
}

/// Running averages as evaluation reads them.
#[derive(Clone, Copy, Debug)]
pub struct Averages<'a, T> {
    /// Mean of the convolution's output, `[F]`.
    pub mean: &'a [T],
    /// Variance of the convolution's output, `[F]`.
    pub var: &'a [T],
}

impl<T> Averages<'_, T> {
    pub(super) fn check(&self, shape: &Shape) {
        assert_eq!(self.mean.len(), shape.filters(), "length of running mean");
        assert_eq!(self.var.len(), shape.filters(), "length of running variance");
    }
}

/// Where [`backward`](super::backward) writes; what was there is overwritten.
#[derive(Debug)]
pub struct Gradients<'a, T> {
    /// Of the input, in its layout; none saves a third of the work where nothing is upstream.
    pub x: Option<&'a mut [T]>,
    /// Of the filters, `[F, C, 3, 3]`.
    pub weight: &'a mut [T],
    /// Of the bias, `[F]`; the exact 0.
    pub bias: Option<&'a mut [T]>,
    /// Of γ, `[F]`.
    pub gamma: &'a mut [T],
    /// Of β, `[F]`.
    pub beta: &'a mut [T],
}

impl<T> Gradients<'_, T> {
    pub(super) fn check(&self, shape: &Shape) {
        if let Some(x) = &self.x {
            assert_eq!(x.len(), shape.input_len(), "length of the input's gradient");
        }
        if let Some(bias) = &self.bias {
            assert_eq!(bias.len(), shape.filters(), "length of the bias's gradient");
        }
        let weight = self.weight.len();
        assert_eq!(weight, shape.weight_len(), "length of the weight's gradient");
        assert_eq!(self.gamma.len(), shape.filters(), "length of gamma's gradient");
        assert_eq!(self.beta.len(), shape.filters(), "length of beta's gradient");
    }
}

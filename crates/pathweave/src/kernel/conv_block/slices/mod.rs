//! The convolution block of the vision base (T 5.2.2) as one fused kernel: 3×3 convolution with
//! padding 1 and stride 1, batch normalisation, ReLU, 2×2 max pooling with stride 2.
//!
//! Pure functions on slices. Axis letters: N images, C input channels, H and W the input's rows and
//! columns, F filters; the output has H/2 rows and W/2 columns, rounded down.
//!
//! | function | does |
//! |---|---|
//! | [`forward_train`] | one block with batch statistics; moves the running averages |
//! | [`forward_eval`] | one block with the running averages folded into the filters |
//! | [`backward`] | all gradients of `forward_train` |
//!
//! # How it is fast
//!
//! - Inside, channels are last and padded to 16 lanes, so that every sum runs down the lanes of a
//!   register and none across them; a tile of pixels times 32 filters stays in registers, and no
//!   im2col matrix is built.
//! - Images go through in small groups, so that what one group writes is read again from cache.
//! - γ's sign says before the statistics are known which pixel of a window pooling will choose. The
//!   forward pass therefore normalises a quarter of the pixels and never reads the convolution's
//!   output from memory again; with few input channels it does not even store it, since to
//!   recompute it in the backward pass costs less than to load it.
//!
//! # Deviations
//!
//! - Ties in a max-pooling window go to the first pixel in scan order, as in PyTorch, but are
//!   judged on the convolution's output: two different values that normalisation rounds to the
//!   same number are a tie in PyTorch and none here.
//! - A bias before batch normalisation changes nothing but the running mean. It is accepted for
//!   models that carry one, and its gradient is the exact 0.
//! - Sums run in an order that depends on the shape alone. Machines with fused multiply-add give
//!   the same bytes whatever their register width; x86 without it differs in the last bits.

mod backward;
mod convolve;
mod eval;
mod filter_gradient;
mod forward;
mod moments;
mod pack;
mod params;
mod pool;
mod scatter;
mod shape;
mod state;
#[cfg(test)]
mod tests;

pub use crate::kernel::lanes::Real;
pub use backward::backward;
pub use eval::forward_eval;
pub use forward::forward_train;
pub use params::{Averages, EPSILON, Gradients, MOMENTUM, Params, Running};
pub use shape::{Layout, Shape, ShapeError};
pub use state::{Saved, Scratch};

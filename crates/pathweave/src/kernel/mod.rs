//! Operations with a backward pass of their own, each beside its plain-tensor twin; and what they
//! share with the fused models of the rule benchmark: products and functions over slices.

pub mod causal_attention;
pub mod conv_block;
#[cfg(feature = "flex")]
mod flex;
pub mod functions;
pub mod gates;
pub mod grouped_linear;
pub(crate) mod lanes;
pub mod lstm;
pub mod product;
pub mod routed_lstm;
pub mod segment_sum;

/// True where the device's backend has our kernels; other devices run the plain twins.
#[cfg(feature = "flex")]
pub(crate) fn has_kernels(device: &burn::tensor::Device) -> bool {
    // Equality looks through the autodiff wrapper.
    *device == burn::tensor::Device::flex()
}

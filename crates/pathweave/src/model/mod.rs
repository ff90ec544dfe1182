//! Whole networks.

mod build;
mod conv_base;
mod cross_stitch;
mod image_network;
mod soft_mixture;

pub use build::BuildError;
pub use conv_base::{ConvBase, VisionBlock};
pub use cross_stitch::CrossStitch;
pub use image_network::{Forward, ImageNetwork, Trunk, cross_entropy};
pub use soft_mixture::SoftMixture;

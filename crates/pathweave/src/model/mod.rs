//! Whole networks.

mod build;
mod build_router;
mod conv_base;
mod cross_stitch;
mod input;
mod network;
mod soft_mixture;
mod sparse_mixture;
mod switch;
pub mod text;
mod top_k;

pub use build::BuildError;
pub use conv_base::{ConvBase, VisionBlock};
pub use cross_stitch::CrossStitch;
pub use input::{Features, Input, Told};
pub use network::{Forward, Network, Trunk, cross_entropy};
pub use soft_mixture::SoftMixture;
pub use sparse_mixture::{Gating, SparseMixture, SparseOutput};
pub use switch::{Statistics, SwitchSpec};
pub use top_k::TopKSpec;

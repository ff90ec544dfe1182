//! Routed neural networks on Burn: models whose layers are composed per sample, by a router, out of
//! trainable blocks.
//!
//! The library does no IO, prints nothing, reads no environment and no clock. See
//! `ARCHITECTURE.md` for the map and the walk of one training step.

mod shape;

pub mod bank;
pub mod block;
pub mod decision;
pub mod dispatcher;
pub mod estimator;
pub mod explore;
pub mod init;
pub mod intervention;
pub mod kernel;
pub mod model;
pub mod noise;
pub mod policy;
pub mod reward;
pub mod routed_layer;
pub mod router;
pub mod rule;
pub mod spec;
pub mod toy;
pub mod train;
pub mod trajectory;

//! The rule benchmark (M): models of increasing modularity on data whose rules are known.

mod build;
mod engine;
pub mod fused;
mod layout;
pub mod network;
mod plain;
mod shape;
mod store;

pub use build::build;
pub use engine::{Engine, EngineState, Prediction, Update};
pub use layout::{Layout, Slot};
pub use plain::PlainEngine;
pub use shape::{RuleKind, RuleShape};

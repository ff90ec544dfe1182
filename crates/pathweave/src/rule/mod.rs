//! The rule benchmark (M): models of increasing modularity on data whose rules are known.

mod engine;
pub mod fused;
mod layout;
pub(crate) mod shape;

pub use engine::{Engine, EngineState, Prediction, Update};
pub use layout::{Layout, Slot};
pub use shape::{RuleKind, RuleShape};

//! The rule benchmark (M): models of increasing modularity on data whose rules are known.

mod build;
mod engine;
mod evaluate;
mod finals;
pub mod fused;
mod import;
mod layout;
pub mod network;
mod plain;
mod routed;
mod run;
mod shape;
mod store;
mod test_sets;
mod watch;

pub use build::build;
pub use engine::{Engine, EngineState, Prediction, Update};
pub use evaluate::{Evaluator, RuleEvaluation, RuleScore};
pub use finals::RuleFinals;
pub use import::{ImportError, ImportFault, import};
pub use layout::{Layout, Slot};
pub use plain::PlainEngine;
pub use routed::RoutedEngine;
pub use run::{run, run_engine};
pub use shape::{HEADS, RuleKind, RuleShape};
pub use test_sets::{TestSet, test_sets};
pub use watch::{
    Best, RuleComplete, RuleCounters, RuleFinished, RuleMoment, RuleRunError, RuleSnapshot,
    Unwatched, Watch,
};

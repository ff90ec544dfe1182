//! Training: the step, the loop around it, evaluation, snapshots.

mod dispatch;
mod drive;
mod epochs;
mod evaluate;
mod expectation;
pub mod optimizer;
mod paths;
mod replay;
mod run;
mod snapshot;
mod trainer;

pub use evaluate::{Evaluation, TaskScore, evaluate, evaluate_driven};
pub use paths::{Paths, Routes};
pub use replay::{Decided, Replay, ReplayError};
pub use run::{Complete, Control, Finished, Moment, Observe, RunError, run, run_driven};
pub use snapshot::{Counters, NamedArray, RestoreError, Snapshot, arrays, load, parameters};
pub use trainer::{StepError, StepReport, Trainer};

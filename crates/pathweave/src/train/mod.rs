//! Training: the step, the loop around it, evaluation, snapshots.

mod curriculum;
mod diagnose;
mod dispatch;
mod drive;
mod epochs;
mod evaluate;
mod expectation;
mod fault;
mod lesson;
pub mod optimizer;
mod paths;
mod replay;
mod run;
pub(crate) mod shares;
mod snapshot;
mod trainer;

pub use curriculum::{Curriculum, order};
pub use diagnose::Place;
pub use evaluate::{Evaluation, TaskScore, evaluate, evaluate_driven};
pub use fault::StepError;
pub use paths::{Paths, Routes};
pub use replay::{Decided, Replay, ReplayError};
pub use run::{Complete, Control, Finished, Moment, Observe, RunError, run, run_driven};
pub use shares::{ModuleSplit, Shares};
pub use snapshot::{Counters, NamedArray, RestoreError, Snapshot, arrays, load, parameters};
pub use trainer::{StepReport, Trainer};

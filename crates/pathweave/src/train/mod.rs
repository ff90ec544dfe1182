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
mod outcome;
mod paths;
pub mod pretrain;
mod replay;
mod run;
mod run_error;
pub(crate) mod shares;
mod snapshot;
mod start;
mod trainer;
mod update;

pub use curriculum::{Curriculum, order};
pub use diagnose::Place;
pub(crate) use evaluate::BATCH;
pub use evaluate::{Evaluation, TaskScore, evaluate, evaluate_driven};
pub use fault::StepError;
pub(crate) use outcome::outcome;
pub use paths::{Paths, Routes};
pub use replay::{Decided, Replay, ReplayError};
pub use run::{Complete, Control, Finished, Moment, Observe, run, run_driven, run_from};
pub use run_error::RunError;
pub use shares::{ModuleSplit, Shares};
pub use snapshot::{Counters, NamedArray, RestoreError, Snapshot, arrays, load, parameters};
pub use start::Start;
pub use trainer::{StepReport, Trainer};

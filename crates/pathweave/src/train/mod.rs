//! Training: the step, the loop around it, evaluation, snapshots.

mod epochs;
mod evaluate;
pub mod optimizer;
mod run;
mod snapshot;
mod trainer;

pub use evaluate::{Evaluation, TaskScore, evaluate};
pub use run::{Complete, Control, Finished, Moment, Observe, RunError, run};
pub use snapshot::{Counters, NamedArray, RestoreError, Snapshot, arrays, load, parameters};
pub use trainer::{StepError, StepReport, Trainer};

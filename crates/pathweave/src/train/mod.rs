//! Training: the step, the loop around it, evaluation, snapshots.

mod curriculum;
mod diagnose;
mod evaluate;
mod fault;
pub mod optimizer;
mod run;
pub(crate) mod shares;
mod snapshot;
mod trainer;

pub use curriculum::{Curriculum, order};
pub use diagnose::Place;
pub use evaluate::{Evaluation, TaskScore, evaluate};
pub use fault::StepError;
pub use run::{Complete, Control, Finished, Moment, Observe, RunError, run};
pub use shares::{ModuleSplit, Shares};
pub use snapshot::{Counters, NamedArray, RestoreError, Snapshot, arrays, load, parameters};
pub use trainer::{StepReport, Trainer};

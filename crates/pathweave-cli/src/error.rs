//! What ends a command early, and the exit codes.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | internal error: a file could not be written, or a fault of the program |
//! | 2 | wrong command line |
//! | 3 | bad spec |
//! | 4 | bad data: a data set's files or settings |
//! | 5 | a run failed |
//! | 6 | a run could not be repeated to the bit |
//! | 7 | an alarm stopped a run, which has a checkpoint |
//! | 8 | a scheduler is not there, or refuses |
//! | 130 | interrupted; start again to resume |

use std::fmt::Display;
use std::path::Path;

use serde_json::{Value, json};
use thiserror::Error;

/// The table of exit codes as help texts show it.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    internal error: a file could not be written, or a fault of the program
  2    wrong command line
  3    bad spec
  4    bad data: a data set's files or settings
  5    a run failed
  6    a run could not be repeated to the bit
  7    an alarm stopped a run; start again to go on all the same
  8    a scheduler is not there, or refuses
  130  interrupted; start again to resume";

/// What ends a command early. The text is whole: it is printed as it is.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CliError {
    /// A file could not be read or written, or a fault of the program.
    #[error("{0}")]
    Internal(String),
    /// The command line asks for something that there is not.
    #[error("{0}")]
    Usage(String),
    /// A spec is faulty; one line a fault.
    #[error("{}", .0.join("\n"))]
    Spec(Vec<String>),
    /// The data cannot be used; one line a fault.
    #[error("{0}")]
    Data(String),
    /// Runs failed; a line for each.
    #[error("{0}")]
    RunFailed(String),
    /// A run was repeated with other bits.
    #[error("{0}")]
    Differs(String),
    /// An alarm whose action is to stop ended runs; a line for each.
    #[error("{0}")]
    Alarmed(String),
    /// A scheduler's command is not there, cannot reach it, or refuses.
    #[error("{0}")]
    Scheduler(String),
    /// The user or the system asked to stop; says how to go on.
    #[error("{0}")]
    Interrupted(String),
}

impl From<pathweave_store::StoreError> for CliError {
    fn from(error: pathweave_store::StoreError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl CliError {
    /// The process's exit code; see the table above.
    pub fn code(&self) -> u8 {
        match self {
            Self::Internal(_) => 1,
            Self::Usage(_) => 2,
            Self::Spec(_) => 3,
            Self::Data(_) => 4,
            Self::RunFailed(_) => 5,
            Self::Differs(_) => 6,
            Self::Alarmed(_) => 7,
            Self::Scheduler(_) => 8,
            Self::Interrupted(_) => 130,
        }
    }

    /// A failure at a file or folder.
    pub fn file(path: &Path, error: impl Display) -> Self {
        Self::Internal(format!("{}: {error}", path.display()))
    }

    /// What `--json` prints: `{"error": {"code", "message", "faults"}}`.
    pub fn to_json(&self) -> Value {
        let faults = match self {
            Self::Spec(faults) => faults.clone(),
            other => other.to_string().lines().map(str::to_owned).collect(),
        };
        json!({"error": {"code": self.code(), "message": self.to_string(), "faults": faults}})
    }
}

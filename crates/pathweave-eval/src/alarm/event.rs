//! An alarm that rang.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Action;

/// An alarm that rang.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// Training steps made when it rang
    pub step: u64,
    /// The depth
    pub depth: u32,
    /// Steps of the window
    pub steps: u64,
    /// What was found
    #[serde(flatten)]
    pub cause: Cause,
    /// What is done about it
    pub action: Action,
}

/// What an alarm found in its window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "alarm", rename_all = "kebab-case")]
pub enum Cause {
    /// No row chose these modules.
    Unused {
        /// Those that had not been told before
        modules: Vec<u32>,
    },
    /// One choice took nearly all decisions.
    Share {
        /// Its number: a module, or skip or end behind the modules
        choice: u32,
        /// Whether it is a module
        module: bool,
        /// Its share
        share: f64,
    },
    /// The entropy of the choices fell, in nats.
    Entropy {
        /// The highest before
        from: f64,
        /// Now
        to: f64,
    },
}

impl Cause {
    /// The alarm's name, as specs write it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unused { .. } => "unused",
            Self::Share { .. } => "share",
            Self::Entropy { .. } => "entropy",
        }
    }
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, depth, steps, .. } = self;
        write!(f, "step {step}, depth {depth}: ")?;
        match &self.cause {
            Cause::Unused { modules } => {
                let names: Vec<String> = modules.iter().map(ToString::to_string).collect();
                let (what, was) = if names.len() == 1 { ("", "was") } else { ("s", "were") };
                write!(f, "module{what} {} {was} chosen by no row", names.join(", "))?;
            }
            Cause::Share { choice, module, share } => {
                let percent = 100.0 * share;
                match module {
                    true => write!(f, "module {choice} took {percent:.1} % of the decisions")?,
                    false => write!(f, "{percent:.1} % of the decisions applied no module")?,
                }
            }
            Cause::Entropy { from, to } => {
                write!(f, "the selection entropy fell from {from:.3} to {to:.3} nats")?;
            }
        }
        write!(f, " (window of {steps} steps)")
    }
}

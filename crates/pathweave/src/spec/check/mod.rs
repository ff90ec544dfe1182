//! Checks a spec as a whole; all faults are reported together.

mod model;
mod router;
mod rules;
mod text;
mod train;

use std::fmt;

use crate::model::text::RoutedPart;
use crate::spec::{ModelKind, RunSpec};

/// One thing wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecFault {
    /// Dotted key, for example `train.batch`
    pub key: String,
    /// The value found
    pub found: String,
    /// What would be allowed
    pub allowed: String,
}

impl fmt::Display for SpecFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: found {}, allowed: {}", self.key, self.found, self.allowed)
    }
}

/// Everything wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecFaults(pub Vec<SpecFault>);

impl fmt::Display for SpecFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SpecFaults {}

/// A spec whose settings agree with each other. Made by [`RunSpec::check`] only.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedSpec(RunSpec);

impl CheckedSpec {
    /// The spec itself.
    pub fn spec(&self) -> &RunSpec {
        &self.0
    }
}

impl std::ops::Deref for CheckedSpec {
    type Target = RunSpec;

    fn deref(&self) -> &RunSpec {
        &self.0
    }
}

struct Faults(Vec<SpecFault>);

impl Faults {
    fn add(&mut self, key: &str, found: impl fmt::Display, allowed: &str) {
        let (key, found, allowed) = (key.into(), found.to_string(), allowed.into());
        self.0.push(SpecFault { key, found, allowed });
    }

    fn unless(&mut self, good: bool, key: &str, found: impl fmt::Display, allowed: &str) {
        if !good {
            self.add(key, found, allowed);
        }
    }
}

impl RunSpec {
    /// Checks every setting and the settings against each other.
    ///
    /// # Errors
    /// All faults at once, each with its key, the value found and what is allowed.
    pub fn check(self) -> Result<CheckedSpec, SpecFaults> {
        let mut faults = Faults(Vec::new());
        self.check_train(&mut faults);
        self.check_model(&mut faults);
        self.check_sparse(&mut faults);
        self.check_record(&mut faults);
        self.check_rules(&mut faults);
        self.check_text(&mut faults);
        self.check_router(&mut faults);
        self.check_algorithms(&mut faults);
        self.check_dispatch(&mut faults);
        for (key, found, allowed) in self.reward.faults() {
            faults.add(&format!("reward.{key}"), found, allowed);
        }
        for (key, found, allowed) in self.exploration.faults() {
            faults.add(&format!("exploration.{key}"), found, allowed);
        }
        for (key, found, allowed) in self.alarms.faults() {
            faults.add(&format!("alarms.{key}"), found, allowed);
        }
        if faults.0.is_empty() { Ok(CheckedSpec(self)) } else { Err(SpecFaults(faults.0)) }
    }

    /// Whether the routed layer stands in the encoder of sentences.
    pub fn routes_encoder(&self) -> bool {
        let m = &self.model;
        let text = self.data.is_text();
        text && m.kind == ModelKind::Routed && m.text.routed != RoutedPart::Classifier
    }

    /// Whether some action leaves a row as it is.
    pub fn rows_may_pass(&self) -> bool {
        self.model.kind == ModelKind::Routed && (self.router.skip || self.router.terminate)
    }
}

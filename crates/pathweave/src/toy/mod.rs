//! Routed networks small enough to look into: lines of one dimension (T 4.3, 4.4) and formulas of
//! growing length (Chang et al. 2019, T 2.7).

pub mod formula;
pub mod lines;

use thiserror::Error;

/// What stops a toy.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ToyError {
    /// Settings that mean nothing, all of them.
    #[error("{}", .0.join("; "))]
    Settings(Vec<String>),
    /// The loss is NaN or infinite; nothing was changed by this step.
    #[error("step {step}: the {which} loss is {value}: training diverged")]
    Diverged {
        /// Number of the step, from 0
        step: u64,
        /// module or router
        which: &'static str,
        /// NaN or infinity
        value: f32,
    },
}

impl ToyError {
    /// An error of the faults of settings, each (key, found, allowed), where there are some.
    pub(crate) fn check(
        faults: impl IntoIterator<Item = (&'static str, String, &'static str)>,
    ) -> Result<(), Self> {
        let told = |(key, found, allowed)| format!("{key}: found {found}, allowed is {allowed}");
        let faults: Vec<String> = faults.into_iter().map(told).collect();
        if faults.is_empty() { Ok(()) } else { Err(Self::Settings(faults)) }
    }

    fn finite(step: u64, which: &'static str, value: f32) -> Result<f32, Self> {
        if value.is_finite() { Ok(value) } else { Err(Self::Diverged { step, which, value }) }
    }
}

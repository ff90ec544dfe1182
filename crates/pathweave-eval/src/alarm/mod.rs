//! Alarms of a router that collapses while it trains (T 4.3).
//!
//! A [`Detector`] is fed with how often each choice was made at each depth in each training step,
//! exploration included: what counts is which modules were trained. It looks at one window after the
//! other. A window ends once it has [`AlarmSpec::window`] steps and [`DECISIONS_PER_CHOICE`] decisions
//! a choice, whichever comes later. At its end three questions are asked of each depth that has at
//! least two choices:
//!
//! - `unused`: did no row choose some module?
//! - `share`: did one choice take more than `above` of all decisions?
//! - `entropy`: did the entropy of the choices fall, from the highest of all windows, by more than
//!   `drop` of what it can be at most, ln A?
//!
//! Skip and end are choices, but no modules. Each alarm rings once, and again after its cause went
//! away and came back; an unused module is back once it takes a tenth of an even share.
//!
//! # Thresholds
//!
//! With the defaults, neither uniform routing nor routing by task rings, with tasks in equal shares
//! and at least as many of them as modules. A window has n ≥ 100 A decisions.
//!
//! - `unused`: uniform routing misses a module with probability (1 − 1/M)ⁿ ≤ e⁻¹⁰⁰. By task, a module
//!   has at least one of fewer than 2M tasks, so it is missed with at most e⁻⁵⁰ ≈ 2·10⁻²².
//! - `share` above 0.9: the largest share that routing by task can have is 2/3 (three tasks, two
//!   modules). By Chernoff's bound, n ≥ 200 decisions show more than 0.9 with at most
//!   exp(−n KL(0.9 ‖ 2/3)) ≈ 2·10⁻¹³; uniform routing (1/2) with less than 10⁻³².
//! - `entropy` drop of 0.5: uniform routing shows n decisions with an entropy of ln A − x with at
//!   most (n+1)ᴬ exp(−n x) (method of types), for x = ½ ln A less than 10⁻²⁵. Routing by task has a
//!   constant entropy H of its own, and its windows lie as closely around it.
//!
//! Times windows times depths (a run of a million steps has 10⁴ windows), false alarms stay below one
//! in a million runs. A test draws such runs. Where tasks come in unequal shares, where a curriculum
//! shows one task at a time, or where there are more modules than tasks, routing by task leaves
//! modules without rows, and the alarms say so: give such runs a longer window, or turn them off.
//!
//! # Deviations
//!
//! - T 4.3 describes collapse and names no measure of it; these three and their thresholds are ours.
//! - Windows do not overlap: a module is surely told after twice the window without rows, and may be
//!   after once.

mod detector;
mod event;
mod load;
#[cfg(test)]
mod tests;

pub use detector::{DECISIONS_PER_CHOICE, Detector, DetectorState};
pub use event::{Alarm, Cause};
pub use load::{LoadFinding, of_shares};
use serde::{Deserialize, Serialize};

/// What an alarm does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Nothing; the question is not asked
    Off,
    /// Says so, and goes on
    #[default]
    Warn,
    /// Also keeps a checkpoint of this moment
    Checkpoint,
    /// Keeps a checkpoint and ends the run
    Stop,
}

/// A module that no row chose.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct UnusedSpec {
    /// What to do
    pub action: Action,
}

/// A choice that takes nearly all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ShareSpec {
    /// Rings where the largest share is above this, in (0, 1)
    pub above: f64,
    /// What to do
    pub action: Action,
}

impl Default for ShareSpec {
    fn default() -> Self {
        Self { above: 0.9, action: Action::default() }
    }
}

/// A selection entropy that falls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct EntropySpec {
    /// Rings where it fell by more than this part of ln A, in (0, 1)
    pub drop: f64,
    /// What to do
    pub action: Action,
}

impl Default for EntropySpec {
    fn default() -> Self {
        Self { drop: 0.5, action: Action::default() }
    }
}

/// Which alarms there are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AlarmSpec {
    /// Least number of training steps in a window
    pub window: u32,
    /// A module that no row chose in a window
    pub unused: UnusedSpec,
    /// A choice with nearly all decisions of a window
    pub share: ShareSpec,
    /// A selection entropy far below that of an earlier window
    pub entropy: EntropySpec,
}

impl Default for AlarmSpec {
    fn default() -> Self {
        Self {
            window: 100,
            unused: UnusedSpec::default(),
            share: ShareSpec::default(),
            entropy: EntropySpec::default(),
        }
    }
}

impl AlarmSpec {
    /// Everything wrong with it: key, found, allowed.
    pub fn faults(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut faults = Vec::new();
        if self.window == 0 {
            faults.push(("window", "0".to_owned(), "a whole number of at least 1"));
        }
        for (key, part) in [("share.above", self.share.above), ("entropy.drop", self.entropy.drop)]
        {
            if !(part > 0.0 && part < 1.0) {
                faults.push((key, part.to_string(), "a number above 0, below 1"));
            }
        }
        faults
    }

    /// Whether no alarm can ring.
    pub fn is_off(&self) -> bool {
        [self.unused.action, self.share.action, self.entropy.action] == [Action::Off; 3]
    }
}

//! Specs: what a run is, as data. Pure values; files and overrides are the program's business.

mod check;
mod model;
mod place;
mod settings;
mod train;

pub use check::{CheckedSpec, SpecFault, SpecFaults};
pub use model::{
    Banks, BaseSpec, EntropySpec, ModelKind, ModelSpec, Output, RouterSpec, RuleModelSpec,
    SubRouters,
};
use pathweave_data::dataset::DatasetSpec;
use pathweave_eval::alarm::AlarmSpec;
pub use place::Place;
use serde::{Deserialize, Serialize};
pub use train::{OptimizerKind, TrainSpec};

use crate::explore::Exploration;
use crate::reward::RewardSpec;

/// Everything that determines a run's numbers, and a label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RunSpec {
    /// Label in tables and figures; not part of the run's identity
    #[serde(default)]
    pub name: String,
    /// Data set and its settings
    pub data: DatasetSpec,
    /// Layers
    #[serde(default)]
    pub model: ModelSpec,
    /// Who chooses the modules
    #[serde(default)]
    pub router: RouterSpec,
    /// What the router is rewarded for
    #[serde(default)]
    pub reward: RewardSpec,
    /// How it explores
    #[serde(default)]
    pub exploration: Exploration,
    /// Optimisation
    #[serde(default)]
    pub train: TrainSpec,
    /// When a collapsing router is told
    #[serde(default)]
    pub alarms: AlarmSpec,
}

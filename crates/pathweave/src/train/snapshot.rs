//! The whole state of a run between two steps, as named host arrays.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::paths::Paths;
use super::{StepError, Trainer};
use crate::reward::Windows;

/// One named array of 32-bit floats.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedArray {
    /// Path in the network, or of an optimizer moment
    pub name: String,
    /// Dimensions
    pub shape: Vec<usize>,
    /// Values, row-major
    pub values: Vec<f32>,
}

/// What is not an array.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counters {
    /// Steps made
    pub step: u64,
    /// Updates a module of a parameter has had, by parameter path
    pub updates: BTreeMap<String, Vec<u32>>,
    /// Memory of the collaboration reward, (sub-router, agent) and so on
    pub windows: Windows,
    /// Compositions that the E-step kept, by sample
    #[serde(default)]
    pub kept: Paths,
}

/// A run between two steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Parameters and running averages, prefix-free
    pub network: Vec<NamedArray>,
    /// Optimizer moments, `path#slot`
    pub optimizer: Vec<NamedArray>,
    /// The rest
    pub counters: Counters,
}

/// A snapshot that does not fit the network.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RestoreError {
    /// A parameter is missing.
    #[error("the checkpoint has no array named {0}")]
    Missing(String),
    /// A parameter has another shape.
    #[error("array {name}: found shape {found:?}, expected {expected:?}")]
    Shape {
        /// Its path
        name: String,
        /// In the checkpoint
        found: Vec<usize>,
        /// In the network
        expected: Vec<usize>,
    },
}

/// Every parameter and running average of a module, by path.
pub fn arrays<M: Module>(module: &M) -> Vec<NamedArray> {
    let mut collector = Collector::default();
    module.visit(&mut collector);
    collector.arrays
}

/// Number of trainable numbers.
pub fn parameters<M: Module>(module: &M) -> u64 {
    let mut collector = Collector { count_only: true, ..Collector::default() };
    module.visit(&mut collector);
    collector.trainable
}

/// Puts arrays back by path.
///
/// # Errors
/// The first array that is missing or has another shape; the module is then lost.
pub fn load<M: Module>(
    module: M,
    arrays: &[NamedArray],
    device: &Device,
) -> Result<M, RestoreError> {
    let by_name = arrays.iter().map(|array| (array.name.as_str(), array)).collect();
    let mut loader = Loader { path: Vec::new(), by_name, device, error: None };
    let module = module.map(&mut loader);
    loader.error.map_or(Ok(module), Err)
}

impl Trainer {
    /// The state between two steps.
    pub fn snapshot(&self) -> Snapshot {
        let mut optimizer = Vec::new();
        for (path, slots) in &self.optimizer.slots {
            for (index, slot) in slots.iter().enumerate() {
                optimizer.push(NamedArray {
                    name: format!("{path}#{index}"),
                    shape: slot.dims().to_vec(),
                    values: slot.to_data().iter::<f32>().collect(),
                });
            }
        }
        Snapshot {
            network: arrays(&self.network),
            optimizer,
            counters: Counters {
                step: self.step,
                updates: self.optimizer.counts.clone(),
                windows: self.rewards.windows.clone(),
                kept: self.kept.clone(),
            },
        }
    }

    /// The state between two steps, for a checkpoint that a run can go on from.
    ///
    /// # Errors
    /// Where the last update left numbers in the network that are not finite.
    pub fn good_snapshot(&self) -> Result<Snapshot, StepError> {
        let snapshot = self.snapshot();
        let bad = |array: &&NamedArray| !array.values.iter().all(|value| value.is_finite());
        match snapshot.network.iter().find(bad) {
            Some(array) => Err(StepError::Update { step: self.step, array: array.name.clone() }),
            None => Ok(snapshot),
        }
    }

    /// Goes back to a snapshot, to the bit.
    ///
    /// # Errors
    /// Where the snapshot is of another network.
    pub fn restore(mut self, snapshot: &Snapshot, device: &Device) -> Result<Self, RestoreError> {
        let device = device.clone().autodiff();
        self.network = load(self.network, &snapshot.network, &device)?;
        self.optimizer.slots.clear();
        for array in &snapshot.optimizer {
            let (path, _) = array.name.rsplit_once('#').unwrap_or((&array.name, ""));
            let shape = [array.shape[0], array.shape[1]];
            let data = TensorData::new(array.values.clone(), shape);
            let slot = Tensor::from_data(data, &device.clone().inner());
            self.optimizer.slots.entry(path.into()).or_default().push(slot);
        }
        self.optimizer.counts = snapshot.counters.updates.clone();
        self.rewards.windows = snapshot.counters.windows.clone();
        self.kept = snapshot.counters.kept.clone();
        self.step = snapshot.counters.step;
        Ok(self)
    }
}

#[derive(Default)]
struct Collector {
    path: Vec<String>,
    arrays: Vec<NamedArray>,
    trainable: u64,
    count_only: bool,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        if tensor.is_require_grad() {
            self.trainable += tensor.shape().num_elements() as u64;
        }
        if self.count_only {
            return;
        }
        self.arrays.push(NamedArray {
            name: self.path.join("."),
            shape: tensor.dims().to_vec(),
            values: tensor.to_data().iter::<f32>().collect(),
        });
    }
}

struct Loader<'a> {
    path: Vec<String>,
    by_name: BTreeMap<&'a str, &'a NamedArray>,
    device: &'a Device,
    error: Option<RestoreError>,
}

impl ModuleMapper for Loader<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.join(".");
        let expected = param.dims().to_vec();
        let array = match self.by_name.get(name.as_str()) {
            Some(array) if array.shape == expected => *array,
            found => {
                self.error.get_or_insert(match found {
                    Some(array) => {
                        RestoreError::Shape { name, found: array.shape.clone(), expected }
                    }
                    None => RestoreError::Missing(name),
                });
                return param;
            }
        };
        let trainable = param.is_require_grad();
        let data = TensorData::new(array.values.clone(), expected);
        let value = Tensor::from_data(data, self.device);
        param.map(|_| value.set_require_grad(trainable))
    }
}

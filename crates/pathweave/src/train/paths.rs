//! Compositions on the host: which actions a sample took, depth by depth.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::routed_layer::RoutedLayer;
use crate::trajectory::{Instead, Rows, Trajectory};

/// The actions of some samples, depth by depth; a path ends where ⊥ was chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Paths(pub BTreeMap<u64, Vec<u32>>);

/// The actions that a network has at each depth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routes {
    /// Modules at each depth; actions below that number choose one. \[T\]
    pub modules: Vec<usize>,
    /// The next action skips
    pub skip: bool,
    /// The last action terminates
    pub terminate: bool,
}

impl fmt::Display for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { modules, skip, terminate } = self;
        write!(f, "modules {modules:?}, skip {skip}, terminate {terminate}")
    }
}

impl Routes {
    /// Of a layer.
    pub fn of(layer: &RoutedLayer) -> Self {
        let extra = layer.extra();
        Self {
            modules: (0..layer.depths()).map(|depth| layer.bank(depth).modules()).collect(),
            skip: extra.skip,
            terminate: extra.terminate,
        }
    }

    /// Number of actions at a depth.
    pub fn actions(&self, depth: usize) -> u32 {
        let extra = usize::from(self.skip) + usize::from(self.terminate);
        (self.modules[depth] + extra) as u32
    }

    /// The depth at which a path is not one of this network: it has no such action there, ends too
    /// early, or goes on too long. `None` for a sound path.
    pub fn fault(&self, path: &[u32]) -> Option<usize> {
        for (depth, &action) in path.iter().enumerate() {
            if depth >= self.modules.len() || action >= self.actions(depth) {
                return Some(depth);
            }
            if self.terminate && action + 1 == self.actions(depth) {
                return (depth + 1 < path.len()).then_some(depth + 1);
            }
        }
        (path.len() < self.modules.len()).then_some(path.len())
    }
}

/// Path of each row. \[R\]
pub(super) fn paths_of(trajectory: &Trajectory) -> Vec<Vec<u32>> {
    let mut paths = vec![Vec::new(); trajectory.agents.len()];
    for step in &trajectory.steps {
        let decided = step.actions.iter().zip(&step.alive);
        for (path, (&action, _)) in paths.iter_mut().zip(decided).filter(|(_, (_, alive))| **alive)
        {
            path.push(action);
        }
    }
    paths
}

/// Samples without a path, or past its end, follow the sub-router.
impl Instead for Paths {
    fn actions(&self, depth: usize, rows: &Rows, greedy: &[u32]) -> Vec<u32> {
        let of = |sample: &u64| self.0.get(sample).and_then(|path| path.get(depth)).copied();
        rows.samples.iter().zip(greedy).map(|(sample, &own)| of(sample).unwrap_or(own)).collect()
    }
}

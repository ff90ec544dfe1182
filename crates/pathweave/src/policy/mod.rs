//! Policies: from what a sub-router sees to a row of numbers an action.

mod mark;
mod mlp;
mod tabular;

use burn::module::Module;
use burn::tensor::Tensor;
pub(crate) use mark::mark;
pub use mlp::MlpPolicy;
use serde::{Deserialize, Serialize};
pub use tabular::TabularPolicy;
pub(crate) use tabular::table_rows;

use crate::init::Init;
use crate::trajectory::{Heads, Site};

/// Kinds of policies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PolicyKind {
    /// One row of numbers for every agent and depth
    #[default]
    Tabular,
    /// A two-layer perceptron on the activation
    Mlp,
}

/// Sizes of a sub-router's policy.
#[derive(Clone, Copy, Debug)]
pub struct PolicyShape {
    /// Table or perceptron
    pub kind: PolicyKind,
    /// G, agents
    pub agents: usize,
    /// Depths that the sub-router serves
    pub slots: usize,
    /// S, width of the state; void for tables
    pub state: usize,
    /// Hidden width of the perceptron; void for tables
    pub hidden: usize,
    /// A, actions
    pub actions: usize,
}

/// A policy of any kind.
#[derive(Module, Debug)]
pub enum Policy {
    /// Sees (agent, depth)
    Tabular(TabularPolicy),
    /// Sees the activation, the context and the depth
    Mlp(MlpPolicy),
}

impl Policy {
    /// With `columns` numbers a row.
    pub fn new(shape: &PolicyShape, columns: usize, init: &Init) -> Self {
        match shape.kind {
            PolicyKind::Tabular => {
                Self::Tabular(TabularPolicy::new(shape.agents, shape.slots, columns, init))
            }
            PolicyKind::Mlp => {
                Self::Mlp(MlpPolicy::new(shape.agents, shape.state, shape.hidden, columns, init))
            }
        }
    }

    /// [R, columns]
    pub fn forward(&self, site: &Site) -> Tensor<2> {
        match self {
            Self::Tabular(policy) => policy.forward(site),
            Self::Mlp(policy) => policy.forward(site),
        }
    }

    /// The first `actions` columns as action head, the next one, if any, as critic.
    pub fn heads(&self, site: &Site, actions: usize) -> Heads {
        let columns = self.forward(site);
        let [rows, width] = columns.dims();
        if width == actions {
            return Heads { action: columns, critic: None };
        }
        let critic = part(&columns, actions, 1).reshape([rows]);
        Heads { action: part(&columns, 0, actions), critic: Some(critic) }
    }
}

/// Columns `from..from + count`. A slice without rows would leave the graph, and a loss of no rows
/// could not be differentiated. [R, columns] → [R, count]
pub(crate) fn part(columns: &Tensor<2>, from: usize, count: usize) -> Tensor<2> {
    match columns.dims()[0] {
        0 => columns.clone().sum_dim(1) + Tensor::zeros([0, count], &columns.device()),
        _ => columns.clone().narrow(1, from, count),
    }
}

//! A table of numbers for every agent and depth (T 5.1, 5.2.2).

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use crate::init::Init;
use crate::trajectory::Site;

/// Sees (agent, depth) only. Row `slot · G + agent` belongs to an agent at a depth.
#[derive(Module, Debug)]
pub struct TabularPolicy {
    /// [slots · G, columns]
    pub table: Param<Tensor<2>>,
    agents: usize,
    slots: usize,
}

impl TabularPolicy {
    /// Starts at zero. `slots` is the number of depths that the sub-router serves.
    pub fn new(agents: usize, slots: usize, columns: usize, init: &Init) -> Self {
        Self { table: init.full([agents * slots, columns], 0.0), agents, slots }
    }

    /// The table's row of each batch row. [R, columns]
    pub fn forward(&self, site: &Site) -> Tensor<2> {
        self.table.val().select(0, table_rows(site, self.agents, self.slots))
    }
}

/// Row of a table over (slot, agent) for each batch row. \[R\]
pub(crate) fn table_rows(site: &Site, agents: usize, slots: usize) -> Tensor<1, burn::tensor::Int> {
    let slot = if slots > 1 { site.depth } else { 0 };
    site.agents.clone().add_scalar((slot * agents) as i64)
}

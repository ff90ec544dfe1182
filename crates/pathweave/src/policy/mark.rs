//! Which agents' parameters a batch's decisions can train.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

use crate::train::optimizer::Used;

/// Notes which rows of tables and which agents' perceptrons decided, for the optimizer: an agent
/// without a row in the batch has a zero gradient, with which momentum would move it all the same.
///
/// `of` is a sub-router or a gate with policies somewhere in it. `at` = (slot, slots): which of the
/// depths that its tables serve. `agents` are those that decided.
pub(crate) fn mark<M: Module>(of: &M, at: (usize, usize), agents: &[u32], used: &mut Used) {
    let (slot, slots) = at;
    of.visit(&mut Marker { containers: Vec::new(), slot, slots, agents, used });
}

struct Marker<'a> {
    containers: Vec<String>,
    slot: usize,
    slots: usize,
    agents: &'a [u32],
    used: &'a mut Used,
}

impl ModuleVisitor for Marker<'_> {
    fn enter_module(&mut self, _name: &str, container: &str) {
        self.containers.push(container.into());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.containers.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let inside = |name: &str| self.containers.iter().any(|container| container == name);
        let groups = param.dims()[0];
        let first = if inside("Struct:TabularPolicy") {
            self.slot * (groups / self.slots)
        } else if inside("Struct:MlpPolicy") {
            0
        } else {
            return;
        };
        let flags = self.used.entry(param.id).or_insert_with(|| vec![false; groups]);
        for &agent in self.agents {
            flags[first + agent as usize] = true;
        }
    }
}

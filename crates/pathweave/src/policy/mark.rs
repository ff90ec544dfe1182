//! Which agents' parameters a batch's decisions can train.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

use crate::train::optimizer::Used;

/// Names that visitors are told for [`super::TabularPolicy`] and [`super::MlpPolicy`].
const TABLE: &str = "Struct:TabularPolicy";
const PERCEPTRON: &str = "Struct:MlpPolicy";

/// Notes which rows of tables and which agents' perceptrons decided, for the optimizer: an agent
/// without a row in the batch has a zero gradient, with which momentum would move it all the same.
///
/// `of` is a sub-router or a gate with policies somewhere in it. `at` = (slot, slots): which of the
/// depths that its tables serve. `agents` are those that decided.
pub(crate) fn mark<M: Module>(of: &M, at: (usize, usize), agents: &[u32], used: &mut Used) {
    let (slot, slots) = at;
    of.visit(&mut Marker { tables: 0, perceptrons: 0, slot, slots, agents, used });
}

struct Marker<'a> {
    /// How many tables we are inside of
    tables: u32,
    /// How many perceptrons we are inside of
    perceptrons: u32,
    slot: usize,
    slots: usize,
    agents: &'a [u32],
    used: &'a mut Used,
}

impl ModuleVisitor for Marker<'_> {
    fn enter_module(&mut self, _name: &str, container: &str) {
        self.tables += u32::from(container == TABLE);
        self.perceptrons += u32::from(container == PERCEPTRON);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.tables -= u32::from(container == TABLE);
        self.perceptrons -= u32::from(container == PERCEPTRON);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let groups = param.dims()[0];
        let first = match (self.tables, self.perceptrons) {
            (0, 0) => return,
            (0, _) => 0,
            _ => self.slot * (groups / self.slots),
        };
        let flags = self.used.entry(param.id).or_insert_with(|| vec![false; groups]);
        for &agent in self.agents {
            flags[first + agent as usize] = true;
        }
    }
}

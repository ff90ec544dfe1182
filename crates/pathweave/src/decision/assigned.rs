//! The module is given by the context: a control, and the task-specific baselines of T 5.2.3.

use burn::module::Module;
use burn::tensor::Tensor;

use super::DecisionAlgorithm;
use crate::noise::Noise;
use crate::trajectory::{Choice, Heads, Mode, Seen, Site};

/// Row with context m takes module m mod M. One module makes an unrouted layer.
#[derive(Module, Debug)]
pub struct Assigned {
    modules: usize,
    actions: usize,
}

impl Assigned {
    /// Chooses among the first `modules` of `actions` actions.
    pub fn new(modules: usize, actions: usize) -> Self {
        Self { modules, actions }
    }
}

impl DecisionAlgorithm for Assigned {
    fn heads(&self, site: &Site) -> Heads {
        super::no_heads(site, self.actions)
    }

    fn choose(&self, _heads: &Heads, site: &Site, _mode: Mode, _noise: &Noise) -> Choice {
        let modules = self.modules as u32;
        super::given(site, site.rows.contexts.iter().map(|context| context % modules))
    }

    fn loss(&self, _now: &Heads, _next: Option<&Heads>, _seen: &Seen) -> Option<Tensor<1>> {
        None
    }
}

//! A module by a hash of the sample: a control that is fixed, balanced and means nothing.

use burn::module::Module;
use burn::tensor::Tensor;

use super::DecisionAlgorithm;
use crate::noise::Noise;
use crate::trajectory::{Choice, Heads, Mode, Seen, Site};

/// A sample takes the same module whenever it is seen, at each depth another.
#[derive(Module, Debug)]
pub struct Hashed {
    modules: usize,
    actions: usize,
}

impl Hashed {
    /// Chooses among the first `modules` of `actions` actions.
    pub fn new(modules: usize, actions: usize) -> Self {
        Self { modules, actions }
    }
}

impl DecisionAlgorithm for Hashed {
    fn heads(&self, site: &Site) -> Heads {
        super::no_heads(site, self.actions)
    }

    fn choose(&self, _heads: &Heads, site: &Site, _mode: Mode, _noise: &Noise) -> Choice {
        super::given(site, super::hashes(site, self.modules))
    }

    fn loss(&self, _now: &Heads, _next: Option<&Heads>, _seen: &Seen) -> Option<Tensor<1>> {
        None
    }
}

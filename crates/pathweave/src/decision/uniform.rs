//! A module at random: a control.

use burn::module::Module;
use burn::tensor::Tensor;

use super::{DecisionAlgorithm, choose};
use crate::noise::Noise;
use crate::trajectory::{Choice, Heads, Mode, Seen, Site};

/// Every module with probability 1/M, in training; in evaluation a hash of the sample decides, so
/// that an evaluation repeats.
#[derive(Module, Debug)]
pub struct Uniform {
    modules: usize,
    actions: usize,
}

impl Uniform {
    /// Chooses among the first `modules` of `actions` actions.
    pub fn new(modules: usize, actions: usize) -> Self {
        Self { modules, actions }
    }
}

impl DecisionAlgorithm for Uniform {
    fn heads(&self, site: &Site) -> Heads {
        super::no_heads(site, self.actions)
    }

    fn choose(&self, heads: &Heads, site: &Site, mode: Mode, noise: &Noise) -> Choice {
        match mode {
            Mode::Train { .. } => {
                let modules = heads.action.clone().narrow(1, 0, self.modules);
                choose::sample(modules, &super::stream(site), noise)
            }
            Mode::Greedy => super::given(site, super::hashes(site, self.modules)),
        }
    }

    fn loss(&self, _now: &Heads, _next: Option<&Heads>, _seen: &Seen) -> Option<Tensor<1>> {
        None
    }
}

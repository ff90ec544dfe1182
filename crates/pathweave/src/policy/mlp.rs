//! A two-layer perceptron for every agent (T 5.2.2).

use burn::module::Module;
use burn::tensor::Tensor;

use crate::bank::LinearBank;
use crate::block::Activation;
use crate::init::Init;
use crate::trajectory::Site;

/// Sees h ⧺ one-hot(m) ⧺ one-hot(t). The agents' weights are stacked and run as one grouped
/// product, so the cost does not grow with the number of agents.
#[derive(Module, Debug)]
pub struct MlpPolicy {
    first: LinearBank,
    second: LinearBank,
}

impl MlpPolicy {
    /// `state` → `hidden` (ReLU) → `columns`, for each of `agents`.
    pub fn new(agents: usize, state: usize, hidden: usize, columns: usize, init: &Init) -> Self {
        let first = LinearBank::new(agents, state, hidden, Activation::Relu, &init.at("first"));
        let second =
            LinearBank::new(agents, hidden, columns, Activation::Identity, &init.at("second"));
        Self { first, second }
    }

    /// [R, S] in the site → [R, columns]
    pub fn forward(&self, site: &Site) -> Tensor<2> {
        let state = site.state.clone().expect("an approximated policy is given its state");
        self.second.apply(self.first.apply(state, &site.agents), &site.agents)
    }
}

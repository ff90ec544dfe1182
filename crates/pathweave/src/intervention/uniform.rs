//! Chance names the module.

use pathweave_data::Streams;

use crate::trajectory::{Instead, Rows};

/// Every module with probability 1/M, drawn for each sample and depth from a stream of its own: the
/// draws do not depend on how samples are batched.
#[derive(Clone, Debug)]
pub struct Uniform {
    /// M at each depth \[T\]
    pub modules: Vec<usize>,
    /// Of the draws
    pub seed: u64,
}

impl Instead for Uniform {
    fn actions(&self, depth: usize, rows: &Rows, _greedy: &[u32]) -> Vec<u32> {
        let streams = Streams::new(self.seed);
        let name = format!("intervention/uniform/{depth}");
        let draw = |&sample: &u64| streams.stream(&name, sample).below(self.modules[depth]) as u32;
        rows.samples.iter().map(draw).collect()
    }
}

//! One path for all.

use crate::trajectory::{Instead, Rows};

/// Every row takes the same module at each depth.
#[derive(Clone, Debug)]
pub struct Constant {
    /// One a depth \[T\]
    pub modules: Vec<usize>,
}

impl Constant {
    /// The module that most rows use at each depth, ties to the first; `used[t][m]` as
    /// [`super::usage`] gives it.
    pub fn most_used(used: &[Vec<u64>]) -> Self {
        let most = |of_depth: &Vec<u64>| {
            (0..of_depth.len()).fold(0, |best, module| match of_depth[module] > of_depth[best] {
                true => module,
                false => best,
            })
        };
        Self { modules: used.iter().map(most).collect() }
    }
}

impl Instead for Constant {
    fn actions(&self, depth: usize, rows: &Rows, _greedy: &[u32]) -> Vec<u32> {
        vec![self.modules[depth] as u32; rows.len()]
    }
}

//! A hash of the sample names the module.

use crate::decision::hashed_modules;
use crate::trajectory::{Instead, Rows};

/// Balanced, fixed and without meaning, as the control `hashed`.
#[derive(Clone, Debug)]
pub struct Hashed {
    /// M at each depth \[T\]
    pub modules: Vec<usize>,
}

impl Instead for Hashed {
    fn actions(&self, depth: usize, rows: &Rows, _greedy: &[u32]) -> Vec<u32> {
        hashed_modules(&rows.samples, depth, self.modules[depth]).collect()
    }
}

//! The context names the module.

use crate::trajectory::{Instead, Rows};

/// A row of context m takes module m mod M at every depth, as the control `assigned` does.
#[derive(Clone, Debug)]
pub struct ByContext {
    /// M at each depth \[T\]
    pub modules: Vec<usize>,
}

impl Instead for ByContext {
    fn actions(&self, depth: usize, rows: &Rows, _greedy: &[u32]) -> Vec<u32> {
        let modules = self.modules[depth] as u32;
        rows.contexts.iter().map(|context| context % modules).collect()
    }
}

//! Two modules change places.

use crate::trajectory::{Instead, Rows};

/// At one depth, rows that would take module a take b, and the other way round: as if the modules'
/// parameters were exchanged and the router did not know.
#[derive(Clone, Copy, Debug)]
pub struct Swap {
    /// Where
    pub depth: usize,
    /// Modules a and b
    pub modules: [usize; 2],
}

impl Instead for Swap {
    fn actions(&self, depth: usize, _rows: &Rows, greedy: &[u32]) -> Vec<u32> {
        let [a, b] = self.modules.map(|module| module as u32);
        let exchange = |&action: &u32| match action {
            action if action == a => b,
            action if action == b => a,
            action => action,
        };
        match depth == self.depth {
            true => greedy.iter().map(exchange).collect(),
            false => greedy.to_vec(),
        }
    }
}

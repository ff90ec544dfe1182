//! Every row takes one module at one depth.

use crate::spec::Place;
use crate::trajectory::{Instead, Rows};

/// At its depth every row takes the module; elsewhere the router decides. Rows that had ended
/// before stay as they are.
#[derive(Clone, Copy, Debug)]
pub struct Force(
    /// The depth and its module
    pub Place,
);

impl Instead for Force {
    fn actions(&self, depth: usize, rows: &Rows, greedy: &[u32]) -> Vec<u32> {
        match depth == self.0.depth {
            true => vec![self.0.module as u32; rows.len()],
            false => greedy.to_vec(),
        }
    }
}

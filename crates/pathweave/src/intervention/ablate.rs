//! One module is taken away.

use crate::spec::Place;
use crate::trajectory::{Instead, Rows};

/// Rows that would take the module take another one; all others go as before.
///
/// # Deviations
/// - The documents do not say what becomes of a row whose module is taken away. It takes the module
///   that the router uses most of the others at that depth; not the row's own second choice, which
///   policies learned by projection or by table do not rank in earnest.
#[derive(Clone, Copy, Debug)]
pub struct Ablate {
    /// What is taken away
    pub place: Place,
    /// What is taken in its stead
    pub instead: usize,
}

impl Ablate {
    /// `used[t][m]` says how many rows use module m at depth t, see [`super::usage`]. Where no row
    /// uses another module, the next one in number stands in.
    ///
    /// # Panics
    /// Where the depth or module does not exist.
    pub fn new(place: Place, used: &[Vec<u64>]) -> Self {
        let of_depth = &used[place.depth];
        assert!(place.module < of_depth.len(), "module {place} exists");
        let next = (place.module + 1) % of_depth.len();
        let others = (0..of_depth.len()).filter(|&module| module != place.module);
        let instead = others.fold(next, |best, module| match of_depth[module] > of_depth[best] {
            true => module,
            false => best,
        });
        Self { place, instead }
    }
}

impl Instead for Ablate {
    fn actions(&self, depth: usize, _rows: &Rows, greedy: &[u32]) -> Vec<u32> {
        let replace = |&action: &u32| match action as usize == self.place.module {
            true => self.instead as u32,
            false => action,
        };
        match depth == self.place.depth {
            true => greedy.iter().map(replace).collect(),
            false => greedy.to_vec(),
        }
    }
}

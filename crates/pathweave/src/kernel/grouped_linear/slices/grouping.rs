//! The order in which the rows of a batch are worked on.

/// The rows of a batch in the order of the module that they chose.
///
/// Rows whose action is not a module (skip, terminated) come last and pass unchanged.
#[derive(Clone, Debug)]
pub struct Grouping {
    /// Row numbers, sorted by action, stable.
    order: Vec<u32>,
    /// Group m is `order[start[m]..start[m + 1]]`; the rows after `start\[M\]` pass through.
    start: Vec<u32>,
}

impl Grouping {
    /// Sorts by counting: two passes over R actions, M + 1 counters.
    pub fn new(actions: impl Iterator<Item = usize> + Clone, modules: usize) -> Self {
        let mut start = vec![0u32; modules + 2];
        for action in actions.clone() {
            start[action.min(modules) + 1] += 1;
        }
        for group in 0..=modules {
            start[group + 1] += start[group];
        }
        let mut next = start.clone();
        let mut order = vec![0u32; start[modules + 1] as usize];
        for (row, action) in actions.enumerate() {
            let place = &mut next[action.min(modules)];
            order[*place as usize] = row as u32;
            *place += 1;
        }
        start.truncate(modules + 1);
        Self { order, start }
    }

    /// R.
    pub(super) fn rows(&self) -> usize {
        self.order.len()
    }

    /// M.
    pub(super) fn modules(&self) -> usize {
        self.start.len() - 1
    }

    /// The rows of each module, none for modules that nobody chose. Each is below
    /// [`rows`](Self::rows), and no row occurs twice.
    pub(super) fn groups(&self) -> impl DoubleEndedIterator<Item = &[u32]> + ExactSizeIterator {
        self.start.windows(2).map(|bounds| &self.order[bounds[0] as usize..bounds[1] as usize])
    }

    /// The rows that pass unchanged: those that no group has.
    pub(super) fn passed(&self) -> &[u32] {
        &self.order[self.start[self.modules()] as usize..]
    }
}

//! Where the columns and rows of a routing map stand.

use super::routing_map::{Path, RoutingMap, Stop};
use super::text;

pub(crate) const MARGIN: f64 = 20.0;
pub(crate) const SIZE: f64 = 12.0;
/// Longest drawn width of a task's name.
pub(crate) const TASK_LIMIT: f64 = 170.0;

/// The columns of the picture.
pub(crate) struct Grid {
    pub(crate) left: f64,
    pub(crate) room: f64,
    pub(crate) width: f64,
    /// Height between two rows, larger where more lines cross.
    pub(crate) gap: f64,
    /// Height of the tasks' names.
    pub(crate) names: f64,
    pub(crate) slanted: bool,
    /// Columns of each row, one more than its modules where a task skips.
    pub(crate) columns: Vec<usize>,
    modules: Vec<usize>,
}

impl Grid {
    pub(crate) fn new(map: &RoutingMap) -> Self {
        let mut modules = Vec::new();
        let mut columns = Vec::new();
        for (depth, row) in map.rows.iter().enumerate() {
            let stops = || (0..map.paths.len()).filter_map(|t| map.stop(t, depth));
            let named = stops().filter_map(|s| match s {
                Stop::Module(m) => Some(m + 1),
                Stop::Skip | Stop::End => None,
            });
            let count = named.max().unwrap_or(0).max(row.modules);
            modules.push(count);
            columns.push(count + usize::from(stops().any(|s| s == Stop::Skip)));
        }
        let most = columns.iter().copied().chain([map.paths.len(), 1]).max().unwrap_or(1);
        let cell = match most {
            0..=6 => 84.0,
            7..=12 => 64.0,
            _ => 48.0,
        };
        let room = most as f64 * cell;
        let longest = map.paths.iter().map(|p| text::width(&p.task, SIZE)).fold(0.0, f64::max);
        let longest = longest.min(TASK_LIMIT);
        let slanted = longest > room / map.paths.len().max(1) as f64 - 6.0;
        let rows = map.rows.iter().map(|r| text::width(&r.label, SIZE)).fold(0.0, f64::max);
        let left = MARGIN + rows.min(120.0) + 16.0;
        // Slanted names run on to the right of the last task; "skip" stands beside its column.
        let past = |(task, path): (usize, &Path)| {
            let x = (task as f64 + 0.5) * room / map.paths.len() as f64;
            x + 3.0 + text::width(&path.task, SIZE).min(TASK_LIMIT) * 0.766 - room
        };
        let right = map.paths.iter().enumerate().map(past).filter(|_| slanted).fold(24.0, f64::max);
        let names = if slanted { longest * 0.643 + 22.0 } else { 24.0 };
        let gap = if map.paths.len() > 12 { 108.0 } else { 84.0 };
        let width = left + room + right + MARGIN;
        Self { left, room, width, gap, names, slanted, columns, modules }
    }

    pub(crate) fn box_width(&self, depth: usize) -> f64 {
        (0.72 * self.room / self.columns[depth] as f64).min(96.0)
    }

    pub(crate) fn skip(&self, depth: usize) -> Option<usize> {
        (self.columns[depth] > self.modules[depth]).then_some(self.modules[depth])
    }

    pub(crate) fn column(&self, depth: usize, stop: Option<Stop>) -> Option<usize> {
        match stop? {
            Stop::Module(m) => Some(m),
            Stop::Skip => self.skip(depth),
            Stop::End => None,
        }
    }

    pub(crate) fn center(&self, depth: usize, column: usize) -> f64 {
        self.left + (column as f64 + 0.5) * self.room / self.columns[depth] as f64
    }
}

//! One agent for all rows (T 3.4.2, figures 3.4 a and b).

use crate::trajectory::Rows;

/// Agent 0 for each row. \[R\]
pub fn assign(rows: &Rows) -> Vec<u32> {
    vec![0; rows.len()]
}

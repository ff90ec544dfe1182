//! One agent for each context, as given with the samples (T 5.1; T 6.2.1, "Signatures").

use crate::trajectory::Rows;

/// The context of each row. \[R\]
pub fn assign(rows: &Rows) -> Vec<u32> {
    rows.contexts.clone()
}

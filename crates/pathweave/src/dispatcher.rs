//! Dispatchers: which agent decides for a row (T 3.4.2, figure 3.4 c).

use serde::{Deserialize, Serialize};

use crate::trajectory::Rows;

/// Assigns rows to agents before any module is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dispatcher {
    /// One agent for all rows
    Single,
    /// One agent for each context: multi-agent routing by task (T 5.1)
    #[default]
    Meta,
}

impl Dispatcher {
    /// Every dispatcher with a line of explanation.
    pub const ALL: &'static [(Dispatcher, &'static str, &'static str)] = &[
        (Self::Single, "single", "one agent decides for every sample"),
        (Self::Meta, "meta", "one agent for each context (task): multi-agent routing, T 5.1"),
    ];

    /// G, number of agents among which it distributes.
    pub fn agents(self, contexts: usize) -> usize {
        match self {
            Self::Single => 1,
            Self::Meta => contexts,
        }
    }

    /// Agent of each row. \[R\]
    pub fn assign(self, rows: &Rows) -> Vec<u32> {
        match self {
            Self::Single => vec![0; rows.len()],
            Self::Meta => rows.contexts.clone(),
        }
    }
}

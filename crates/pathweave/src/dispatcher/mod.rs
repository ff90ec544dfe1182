//! Dispatchers: which agent, that is which set of sub-routers, decides for a row (T 3.4.2,
//! figure 3.4 c; T 6).
//!
//! Three families, as T 6.2 has them. By given labels: [`single`] and [`meta`]. Offline by
//! clustering the inputs before training: [`offline`]. Online, learned from rewards: [`online`],
//! with an objective of its own besides the rewards: [`autoencoder`].
//!
//! # Deviations
//! - T 6.2.1 dispatches by any human annotation. The only given labels here are the contexts
//!   (tasks): a finer label of a sample, such as its class, would tell the network its answer.

pub mod autoencoder;
pub mod encoding;
pub mod meta;
pub mod offline;
pub mod online;
mod settings;
pub mod single;

use serde::{Deserialize, Serialize};
pub use settings::DispatchSpec;

use crate::trajectory::Rows;

/// Assigns rows to agents before any module is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Dispatcher {
    /// One agent for all rows
    Single,
    /// One agent for each context: multi-agent routing by task (T 5.1)
    #[default]
    Meta,
    /// The nearest of K means of the inputs (T 6.2.1)
    KMeans,
    /// The cluster of the nearest input, merged bottom up (T 6.2.1)
    Agglomerative,
    /// The cluster of the nearest input, grown through dense regions (T 6.2.1)
    Dbscan,
    /// A policy on the activation or the premise, trained on the routed network's returns (T 6.2.2)
    Online,
    /// As online, its decision also being the bottleneck of an autoencoder (T 6.2.3)
    Autoencoder,
}

impl Dispatcher {
    /// Every dispatcher with a line of explanation.
    pub const ALL: &'static [(Dispatcher, &'static str, &'static str)] = &[
        (Self::Single, "single", "one agent decides for every sample"),
        (Self::Meta, "meta", "one agent for each context (task): multi-agent routing, T 5.1"),
        (Self::KMeans, "k-means", "offline: the nearest of K means of the inputs, T 6.2.1"),
        (Self::Agglomerative, "agglomerative", "offline: Ward's clusters of the inputs, T 6.2.1"),
        (Self::Dbscan, "dbscan", "offline: dense regions of the inputs, T 6.2.1"),
        (
            Self::Online,
            "online",
            "a policy on the activation or the premise, trained on returns, T 6.2.2",
        ),
        (
            Self::Autoencoder,
            "autoencoder",
            "online, also rewarded for reconstructing what it saw through a routed bottleneck, \
             T 6.2.3",
        ),
    ];

    /// As specs write it.
    pub fn name(self) -> &'static str {
        let row = Self::ALL.iter().find(|(kind, _, _)| *kind == self);
        row.expect("every dispatcher is listed").1
    }

    /// G, number of agents among which it distributes; `asked` = 0 means one for each context.
    pub fn agents(self, contexts: usize, asked: usize) -> usize {
        match self {
            Self::Single => 1,
            Self::Meta => contexts,
            _ if asked == 0 => contexts,
            _ => asked,
        }
    }

    /// Agent of each row \[R\]; `None` where the samples themselves must be seen.
    pub fn assign(self, rows: &Rows) -> Option<Vec<u32>> {
        match self {
            Self::Single => Some(single::assign(rows)),
            Self::Meta => Some(meta::assign(rows)),
            _ => None,
        }
    }

    /// Whether it clusters the inputs before training.
    pub fn is_offline(self) -> bool {
        matches!(self, Self::KMeans | Self::Agglomerative | Self::Dbscan)
    }

    /// Whether it learns from rewards.
    pub fn is_online(self) -> bool {
        matches!(self, Self::Online | Self::Autoencoder)
    }
}

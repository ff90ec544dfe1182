//! Interventions on a trained network: somebody else decides in the place of the sub-routers, one
//! way a file. What a network loses by it tells how much its routing matters.
//!
//! An intervention chooses among modules and, where it keeps a decision of the router, leaves skip
//! and ⊥ as they were.

mod ablate;
mod average;
mod by_context;
mod constant;
mod examine;
mod force;
mod freeze;
mod hashed;
mod swap;
mod uniform;

pub use ablate::Ablate;
pub use average::{Average, averaged};
pub use by_context::ByContext;
pub use constant::Constant;
pub use examine::{Scores, Variant, examine, usage};
pub use force::Force;
pub(crate) use freeze::freeze;
pub use hashed::Hashed;
pub use swap::Swap;
pub use uniform::Uniform;

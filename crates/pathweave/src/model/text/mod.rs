//! Texts as rows of networks.

mod distinct;

pub use distinct::{Distinct, Level};

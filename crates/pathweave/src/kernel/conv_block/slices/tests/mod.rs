//! Checks against a scalar restatement, finite differences and closed cases.

mod case;
mod edges;
mod gradients;
mod levels;
mod oracle;
mod values;

//! Rule data (M section 3): numbers whose label is made by one of R rules, the rule being told as a
//! context. Drawn anew for every step.

mod batch;
mod settings;

pub use batch::RuleBatch;
pub use settings::{Regressed, RuleFamily, RuleTarget, RulesSpec, Search};

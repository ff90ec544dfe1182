//! Rule data (M section 3): numbers whose label is made by one of R rules, the rule being told as a
//! context. Drawn anew for every step.

mod batch;
mod coefficients;
mod draw;
mod faults;
mod mha;
mod mlp;
mod pairs;
mod rnn;
mod settings;
mod shares;
mod task;

pub use batch::RuleBatch;
pub use coefficients::Coefficients;
pub use draw::{Draw, Pairs};
pub use settings::{Regressed, RuleFamily, RuleTarget, RulesSpec, STATE, Search};
pub use task::RuleTask;

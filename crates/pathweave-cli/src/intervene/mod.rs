//! What a trained network loses when somebody else decides: interventions, their table, and what it
//! says about whether the routing matters.

mod compare;
mod plan;
mod report;

pub use compare::{Answer, compare};
pub use plan::{Asked, Exchange, Kind, Wish, asked, standard};
pub use report::{Page, text};

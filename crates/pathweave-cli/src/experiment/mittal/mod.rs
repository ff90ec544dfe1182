//! Figures of the rule benchmark. All take their part of one sweep, so that a run that two of them
//! show is trained once.

mod cells;
mod fig_2;
mod fig_3;
mod fig_4;
mod fig_5;
mod fig_6;
mod fig_7;
mod frame;
mod judge;
mod metrics;
mod sizes;
mod sweep;
#[cfg(test)]
mod tests;

pub use cells::RULES;
pub use fig_2::FIG_2;
pub use fig_3::FIG_3;
pub use fig_4::FIG_4;
pub use fig_5::FIG_5;
pub use fig_6::FIG_6;
pub use fig_7::FIG_7;
pub use sizes::SIZES;

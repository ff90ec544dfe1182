//! What became of routed networks: their routing logs, metrics on those logs, run records,
//! statistics over seeds, tables, plots and reports.
//!
//! Nothing here knows a tensor library or how a network was trained: a log written by any framework
//! can be measured. The crate prints nothing, reads no environment and no clock, and gives the same
//! bytes for the same input.

pub mod alarm;
pub mod baseline;
pub mod flow;
pub mod joint;
pub mod log;
pub mod metric;
mod number;
pub mod pair;
pub mod record;
pub mod stats;
pub mod table;
pub mod timing;

pub mod curves;
pub mod plot;
pub mod report;
pub mod tensorboard;

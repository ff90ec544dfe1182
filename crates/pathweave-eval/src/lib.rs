//! What became of routed networks: their routing logs, metrics on those logs, run records,
//! statistics over seeds, tables, plots and reports.
//!
//! Nothing here knows a tensor library or how a network was trained: a log written by any framework
//! can be measured. The crate prints nothing, reads no environment and no clock, and gives the same
//! bytes for the same input.
//!
//! A log is rows of decisions. Read one, and every [metric](metric::METRICS) is a function of it:
//!
//! ```
//! use pathweave_eval::log::jsonl;
//! use pathweave_eval::metric::metric;
//!
//! let lines = r#"{"sample":0,"depth":0,"context":0,"choice":0}
//! {"sample":1,"depth":0,"context":1,"choice":1}"#;
//! let log = jsonl::read(lines.as_bytes(), "two decisions")?;
//! let alignment = metric("alignment").expect("a metric");
//! // 0 is best: each context has its module.
//! assert_eq!((alignment.compute)(&log)?, 0.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `examples/metrics_from_log.rs` goes on: what chance would give, what a router that knows the rules
//! would, which layers have collapsed.

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

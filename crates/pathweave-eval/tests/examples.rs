//! The example runs.

#[path = "../examples/metrics_from_log.rs"]
mod metrics_from_log;

#[test]
fn a_log_is_measured() {
    metrics_from_log::main().expect("a sound log");
}

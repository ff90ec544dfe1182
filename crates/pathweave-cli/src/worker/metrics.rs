//! Scalars of an evaluation, by the names that records and curves give them.

use std::collections::BTreeMap;

use pathweave::train::Evaluation;
use pathweave_eval::log::RoutingLog;
use pathweave_eval::metric::{METRICS, metric};
use pathweave_eval::pair::pair_metric;

/// Metrics that are also told for each depth, as `name/0`, `name/1` and so on.
const BY_DEPTH: [&str; 3] = ["selection_entropy", "modules_used", "largest_share"];

/// Mean of the tasks' accuracies: every task counts the same, however many samples it has.
pub fn mean_task_accuracy(evaluation: &Evaluation) -> f64 {
    let seen: Vec<f64> = evaluation
        .tasks
        .iter()
        .filter(|task| task.samples > 0)
        .map(|task| task.accuracy())
        .collect();
    seen.iter().sum::<f64>() / seen.len().max(1) as f64
}

/// Every metric that a log allows.
pub fn of_log(log: &RoutingLog) -> BTreeMap<String, f64> {
    let mut values = BTreeMap::new();
    for def in METRICS {
        // A metric that a log does not allow, such as one over pairs of contexts, has no value.
        if let Ok(value) = (def.compute)(log) {
            values.insert(def.name.to_owned(), value);
        }
    }
    for depth in 0..log.header().depths() {
        let Some(part) = at_depth(log, depth as u32) else { continue };
        for name in BY_DEPTH {
            if let Some(Ok(value)) = metric(name).map(|def| (def.compute)(&part)) {
                values.insert(format!("{name}/{depth}"), value);
            }
        }
    }
    values
}

/// One metric of a log.
pub fn one(log: &RoutingLog, name: &str) -> Option<f64> {
    metric(name).and_then(|def| (def.compute)(log).ok())
}

/// One metric of two logs.
pub fn of_pair(first: &RoutingLog, second: &RoutingLog, name: &str) -> Option<f64> {
    pair_metric(name).and_then(|def| (def.compute)(first, second).ok())
}

fn at_depth(log: &RoutingLog, depth: u32) -> Option<RoutingLog> {
    let rows = log.rows().iter().filter(|row| row.depth == depth).cloned().collect();
    RoutingLog::new(log.header().clone(), rows).ok()
}

#[cfg(test)]
mod tests {
    use pathweave_eval::log::{Choice, LogHeader, RoutingRow};

    use super::*;

    #[test]
    fn depths_are_told_apart() {
        let row = |sample: u64, depth: u32, module: u32| RoutingRow {
            sample,
            depth,
            context: None,
            condition: None,
            agent: None,
            choice: Choice::Module(module),
        };
        let rows = vec![row(0, 0, 0), row(0, 1, 1), row(1, 0, 1), row(1, 1, 1)];
        let log = RoutingLog::new(LogHeader::new(vec![2, 2]), rows).expect("sound");
        let values = of_log(&log);
        assert!((values["selection_entropy/0"] - 2f64.ln()).abs() < 1e-12);
        assert_eq!(values["selection_entropy/1"], 0.0);
        assert_eq!(values["modules_used/1"], 1.0);
        assert!(!values.contains_key("path_overlap"), "it needs contexts");
    }
}

//! Pictures of a routing log: its routing map, the shares of its choices, whom it was dispatched to.

use std::borrow::Cow;

use super::{HeatMap, HeatPanel, Path, RoutingMap, Row, Stop};
use crate::joint::Joint;
use crate::log::{Choice, LogHeader, RoutingLog};
use crate::metric::MetricError;
use crate::metric::dispatch_entropy;
use crate::metric::routing_map::{self, MapCell};

impl RoutingMap {
    /// The module that most samples of each context take at each depth. A log without contexts is
    /// drawn by its rules, one without rules as one context.
    ///
    /// # Errors
    ///
    /// [`MetricError::Empty`] without rows.
    pub fn of_log(title: impl Into<String>, log: &RoutingLog) -> Result<Self, MetricError> {
        let log = with_contexts(log);
        let header = log.header();
        let map = routing_map::routing_map(&log)?;
        let paths = map.contexts.iter().zip(&map.cells).map(|(&context, cells)| Path {
            task: name(header, context),
            stops: cells.iter().flatten().map(stop).collect(),
        });
        let row = |(depth, &modules): (usize, &usize)| Row { label: depth_name(depth), modules };
        Ok(Self {
            title: title.into(),
            rows: header.modules.iter().enumerate().map(row).collect(),
            paths: paths.collect(),
        })
    }
}

impl HeatMap {
    /// The share of each choice among the samples of each context, a panel a depth. A log without
    /// contexts is drawn by its rules, one without rules as one context.
    ///
    /// # Errors
    ///
    /// [`MetricError::Empty`] without rows.
    pub fn of_log(title: impl Into<String>, log: &RoutingLog) -> Result<Self, MetricError> {
        let log = with_contexts(log);
        let header = log.header();
        let map = routing_map::routing_map(&log)?;
        Ok(Self {
            title: title.into(),
            contexts: map.contexts.iter().map(|&context| name(header, context)).collect(),
            panels: (0..header.depths()).map(|depth| panel(header, &map.cells, depth)).collect(),
        })
    }

    /// p(m | r) of the rules that were seen. Rules are named by `names`, or by their number.
    pub fn of_joint(title: impl Into<String>, joint: &Joint, names: &[String]) -> Self {
        let rule = |rule: usize| names.get(rule).cloned().unwrap_or_else(|| format!("rule {rule}"));
        Self {
            title: title.into(),
            contexts: joint.seen().into_iter().map(rule).collect(),
            panels: vec![HeatPanel {
                label: "module".into(),
                columns: (0..joint.modules()).map(|module| module.to_string()).collect(),
                shares: joint.conditional(),
            }],
        }
    }

    /// Whom the dispatcher sends the samples of each context to, and all samples (T figure 6.5).
    ///
    /// # Errors
    ///
    /// [`MetricError::Empty`] without rows, [`MetricError::NeedsContext`] where a row has no context.
    pub fn of_agents(title: impl Into<String>, log: &RoutingLog) -> Result<Self, MetricError> {
        let found = dispatch_entropy::by_context(log)?;
        let agent =
            |agent: &Option<u32>| agent.map_or("none".to_owned(), |agent| agent.to_string());
        let contexts = found.contexts.iter().map(|&context| name(log.header(), context));
        Ok(Self {
            title: title.into(),
            contexts: contexts.chain(["all tasks".to_owned()]).collect(),
            panels: vec![HeatPanel {
                label: "agent".into(),
                columns: found.agents.iter().map(agent).collect(),
                shares: found.shares.into_iter().chain([found.overall]).collect(),
            }],
        })
    }
}

/// The log with a context in every row: its own, that of its rule, or one for all.
fn with_contexts(log: &RoutingLog) -> Cow<'_, RoutingLog> {
    let rows = || log.rows().iter();
    if rows().all(|row| row.context.is_some()) {
        return Cow::Borrowed(log);
    }
    let contexts = rows().any(|row| row.context.is_some());
    let rules = !contexts && rows().any(|row| row.condition.is_some());
    let (mut header, mut rows) = log.clone().into_parts();
    let missing = if rules {
        header.contexts.clone_from(&header.conditions);
        rows.iter_mut().for_each(|row| row.context = row.condition);
        "no rule"
    } else if contexts {
        "no context"
    } else {
        header.contexts.clear();
        "all samples"
    };
    let other = header.contexts.len() as u32;
    header.contexts.push(missing.to_owned());
    rows.iter_mut().for_each(|row| row.context = row.context.or(Some(other)));
    // Sound as before, but where a header is full of contexts already.
    RoutingLog::new(header, rows).map_or(Cow::Borrowed(log), Cow::Owned)
}

fn panel(header: &LogHeader, cells: &[Vec<Option<MapCell>>], depth: usize) -> HeatPanel {
    let mut columns: Vec<String> = (0..header.modules[depth]).map(|m| m.to_string()).collect();
    columns.extend(header.actions.skip.then(|| "skip".to_owned()));
    columns.extend(header.actions.end.then(|| "end".to_owned()));
    let shares = |row: &Vec<Option<MapCell>>| {
        row[depth].as_ref().map_or_else(Vec::new, |cell| cell.shares.clone())
    };
    HeatPanel { label: depth_name(depth), columns, shares: cells.iter().map(shares).collect() }
}

fn stop(cell: &MapCell) -> (Stop, f64) {
    let stop = match cell.choice {
        Choice::Module(module) => Stop::Module(module as usize),
        Choice::Skip => Stop::Skip,
        // A map never holds weights.
        Choice::End | Choice::Weights(_) => Stop::End,
    };
    (stop, cell.share)
}

fn name(header: &LogHeader, context: u32) -> String {
    header.contexts.get(context as usize).cloned().unwrap_or_else(|| context.to_string())
}

fn depth_name(depth: usize) -> String {
    format!("depth {}", depth + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::RoutingRow;

    fn log(context: Option<u32>, condition: Option<u32>) -> RoutingLog {
        let mut header = LogHeader::new(vec![2]);
        header.contexts = vec!["cat".into()];
        header.conditions = vec!["first rule".into(), "second rule".into()];
        let row = |sample, context, condition, choice| RoutingRow {
            sample,
            depth: 0,
            context,
            condition,
            agent: None,
            choice,
        };
        let rows = vec![
            row(0, context, condition, Choice::Module(1)),
            row(1, context, condition, Choice::Weights(vec![0.25, 0.75])),
            row(2, None, None, Choice::Module(0)),
        ];
        RoutingLog::new(header, rows).expect("a log")
    }

    #[test]
    fn a_log_is_drawn_by_contexts_or_rules_or_as_one() {
        for (log, want) in [
            (log(Some(0), Some(1)), vec!["cat", "no context"]),
            (log(None, Some(1)), vec!["second rule", "no rule"]),
            (log(None, None), vec!["all samples"]),
        ] {
            let heat = HeatMap::of_log("", &log).expect("rows");
            assert_eq!(heat.contexts, want);
            let map = RoutingMap::of_log("", &log).expect("rows");
            let tasks: Vec<&str> = map.paths.iter().map(|path| path.task.as_str()).collect();
            assert_eq!(tasks, want);
        }
        let heat = HeatMap::of_log("", &log(Some(0), None)).expect("rows");
        assert_eq!(heat.panels[0].shares, [[0.125, 0.875], [1.0, 0.0]]);
        let map = RoutingMap::of_log("", &log(Some(0), None)).expect("rows");
        assert_eq!(map.paths[0].stops, [(Stop::Module(1), 0.875)]);
    }

    #[test]
    fn a_log_without_rows_is_an_error() {
        let empty = RoutingLog::new(LogHeader::new(vec![1]), vec![]).expect("a log");
        assert_eq!(RoutingMap::of_log("", &empty), Err(MetricError::Empty));
        assert_eq!(HeatMap::of_log("", &empty), Err(MetricError::Empty));
    }
}

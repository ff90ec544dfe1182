//! Joint activations of a routing log.

use super::{Joint, JointBuilder};
use crate::log::{Choice, RoutingLog, RoutingRow};
use crate::metric::MetricError;

/// What stands for the rules of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleSource {
    /// The rows' conditions: the rules that made the samples.
    Conditions,
    /// The rows' contexts, since no row has a condition.
    Contexts,
}

impl RuleSource {
    /// Conditions where any row has one, else contexts.
    pub fn of(log: &RoutingLog) -> Self {
        match log.rows().iter().any(|row| row.condition.is_some()) {
            true => Self::Conditions,
            false => Self::Contexts,
        }
    }

    /// The names of the rules \[R\].
    pub fn names(self, log: &RoutingLog) -> &[String] {
        match self {
            Self::Conditions => &log.header().conditions,
            Self::Contexts => &log.header().contexts,
        }
    }

    /// The rule of a row.
    pub fn rule(self, row: &RoutingRow) -> Option<u32> {
        match self {
            Self::Conditions => row.condition,
            Self::Contexts => row.context,
        }
    }
}

impl Joint {
    /// The joint activation at each depth \[T\]; none at a depth where no row applies a module.
    ///
    /// # Errors
    ///
    /// [`MetricError::Empty`] without rows, [`MetricError::NeedsRule`] where a row has no rule,
    /// [`MetricError::NoModule`] where no row applies a module, [`MetricError::TooLarge`].
    pub fn by_depth(log: &RoutingLog) -> Result<Vec<Option<Self>>, MetricError> {
        let source = RuleSource::of(log);
        let rules = source.names(log).len();
        let modules = &log.header().modules;
        build(
            log,
            modules.len(),
            |depth| (rules, modules[depth]),
            |row| Some((row.depth as usize, source.rule(row)? as usize)),
        )
    }

    /// As [`Joint::by_depth`] with all rows taken for one rule: the modules' shares, which no rule
    /// is needed for.
    ///
    /// # Errors
    ///
    /// As [`Joint::by_depth`], without [`MetricError::NeedsRule`].
    pub fn shares_by_depth(log: &RoutingLog) -> Result<Vec<Option<Self>>, MetricError> {
        let modules = &log.header().modules;
        build(log, modules.len(), |depth| (1, modules[depth]), |row| Some((row.depth as usize, 0)))
    }
}

/// Fills `count` tables of a `size` (R, M) each; `place` names a row's table and rule.
fn build(
    log: &RoutingLog,
    count: usize,
    size: impl Fn(usize) -> (usize, usize),
    place: impl Fn(&RoutingRow) -> Option<(usize, usize)>,
) -> Result<Vec<Option<Joint>>, MetricError> {
    if log.rows().is_empty() {
        return Err(MetricError::Empty);
    }
    let mut builders: Vec<Option<JointBuilder>> = vec![None; count];
    let mut padded = Vec::new();
    for (index, row) in log.rows().iter().enumerate() {
        let (table, rule) = place(row).ok_or(MetricError::NeedsRule { row: index + 1 })?;
        if matches!(row.choice, Choice::Skip | Choice::End) {
            continue;
        }
        let (rules, modules) = size(table);
        if builders[table].is_none() {
            builders[table] = Some(JointBuilder::new(rules, modules)?);
        }
        let Some(builder) = &mut builders[table] else { continue };
        match &row.choice {
            Choice::Module(module) => builder.add_choice(rule, *module as usize),
            Choice::Weights(weights) => {
                // A depth may have fewer modules than the table of all depths.
                padded.clear();
                padded.extend_from_slice(weights);
                padded.resize(modules, 0.0);
                builder.add(rule, &padded);
            }
            Choice::Skip | Choice::End => {}
        }
    }
    if builders.iter().all(Option::is_none) {
        return Err(MetricError::NoModule);
    }
    builders.into_iter().map(|builder| builder.map(JointBuilder::finish).transpose()).collect()
}

/// The mean of a metric over the depths of a log that needs no rules.
pub(crate) fn over_depths(
    log: &RoutingLog,
    metric: fn(&Joint) -> Result<f64, MetricError>,
) -> Result<f64, MetricError> {
    mean(&Joint::shares_by_depth(log)?, metric)
}

/// The mean of a metric over the depths of a log with rules.
pub(crate) fn over_depths_with_rules(
    log: &RoutingLog,
    metric: fn(&Joint) -> Result<f64, MetricError>,
) -> Result<f64, MetricError> {
    mean(&Joint::by_depth(log)?, metric)
}

fn mean(
    joints: &[Option<Joint>],
    metric: fn(&Joint) -> Result<f64, MetricError>,
) -> Result<f64, MetricError> {
    let values: Result<Vec<f64>, MetricError> = joints.iter().flatten().map(metric).collect();
    values.map(|values| values.iter().sum::<f64>() / values.len() as f64)
}

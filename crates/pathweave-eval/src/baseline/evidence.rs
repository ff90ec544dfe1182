//! What a log tells of each depth.

use std::collections::BTreeMap;

use crate::joint::{Joint, RuleSource};
use crate::log::{Choice, RoutingLog};
use crate::metric::MetricError;

/// Rows of weights are gathered in at most so many groups a rule, which are drawn again in their
/// place: the spread of the sums is the same, and the time does not grow with the log.
const GROUPS: usize = 256;

/// How the decisions of each rule fall on the modules, at each depth where one applies a module.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    ruled: bool,
    pub(super) depths: Vec<Depth>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Depth {
    pub joint: Joint,
    /// Of each rule \[R\]; none where the number of decisions is not known
    pub rules: Option<Vec<Decisions>>,
}

/// The decisions of one rule at one depth.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Decisions {
    /// How many chose each module \[M\].
    Hard(Vec<u64>),
    /// Sums of weights \[≤ [`GROUPS`]\]\[M\] of so many decisions.
    Soft(u64, Vec<Vec<f64>>),
}

impl Decisions {
    pub fn count(&self) -> u64 {
        match self {
            Self::Hard(counts) => counts.iter().sum(),
            Self::Soft(count, _) => *count,
        }
    }
}

impl Evidence {
    /// Of a log. The rules are its conditions or, where no row has one, its contexts; where a row has
    /// neither, all rows count as one rule, and metrics that need rules have no value.
    ///
    /// # Errors
    ///
    /// [`MetricError::Empty`] without rows, [`MetricError::NoModule`] where none applies a module,
    /// [`MetricError::TooLarge`].
    pub fn of_log(log: &RoutingLog) -> Result<Self, MetricError> {
        let source = RuleSource::of(log);
        let ruled = log.rows().iter().all(|row| source.rule(row).is_some());
        let joints = if ruled { Joint::by_depth(log)? } else { Joint::shares_by_depth(log)? };
        let soft = log.rows().iter().any(|row| matches!(row.choice, Choice::Weights(_)));
        let mut cells: BTreeMap<(u32, u32), Decisions> = BTreeMap::new();
        for row in log.rows() {
            let rule = source.rule(row).filter(|_| ruled).unwrap_or(0);
            let modules = log.header().modules[row.depth as usize];
            let empty = || match soft {
                true => Decisions::Soft(0, Vec::new()),
                false => Decisions::Hard(vec![0; modules]),
            };
            let cell = cells.entry((row.depth, rule)).or_insert_with(empty);
            match (cell, &row.choice) {
                (Decisions::Hard(counts), Choice::Module(module)) => counts[*module as usize] += 1,
                (Decisions::Soft(count, groups), choice) => {
                    let group = *count as usize % GROUPS;
                    if group == groups.len() && !matches!(choice, Choice::Skip | Choice::End) {
                        groups.push(vec![0.0; modules]);
                    }
                    match choice {
                        Choice::Module(module) => groups[group][*module as usize] += 1.0,
                        Choice::Weights(weights) => {
                            let sum: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
                            let of_group = groups[group].iter_mut().zip(weights);
                            of_group.for_each(|(total, &w)| *total += f64::from(w) / sum);
                        }
                        Choice::Skip | Choice::End => continue,
                    }
                    *count += 1;
                }
                (Decisions::Hard(_), _) => {}
            }
        }
        let with_cells = joints.into_iter().enumerate().filter_map(|(depth, joint)| {
            let joint = joint?;
            let of_rule = |rule: usize| {
                let cell = cells.remove(&(depth as u32, rule as u32));
                cell.unwrap_or_else(|| Decisions::Hard(vec![0; joint.modules()]))
            };
            let rules = Some((0..joint.rules()).map(of_rule).collect());
            Some(Depth { joint, rules })
        });
        Ok(Self { ruled, depths: with_cells.collect() })
    }

    /// Of sums: the joint activation of each depth, whose decisions count as hard ones, so that
    /// intervals of soft weights are too wide. `ruled` says whether its rules are real.
    pub fn of_joints(joints: &[Option<Joint>], ruled: bool) -> Self {
        let depth = |joint: &Joint| {
            let of_rule = |(rule, &decisions): (usize, &f64)| {
                let row = joint.of_rule(rule);
                let share: f64 = row.iter().sum();
                let count = |p: &f64| match share > 0.0 {
                    true => (p / share * decisions).round() as u64,
                    false => 0,
                };
                Decisions::Hard(row.iter().map(count).collect())
            };
            let decisions = joint.decisions();
            let rules = decisions.map(|all| all.iter().enumerate().map(of_rule).collect());
            Depth { joint: joint.clone(), rules }
        };
        Self { ruled, depths: joints.iter().flatten().map(depth).collect() }
    }

    /// Whether the rules are known.
    pub fn ruled(&self) -> bool {
        self.ruled
    }

    /// The joint activation at each depth that has one.
    pub fn joints(&self) -> Vec<Joint> {
        self.depths.iter().map(|depth| depth.joint.clone()).collect()
    }
}

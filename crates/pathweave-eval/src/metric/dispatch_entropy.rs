//! How evenly a dispatcher spreads samples over its agents (T 6.3.1, table 6.1, "Entr").
//!
//! H(g) of the share p(g) of samples that agent g decided for, in nats: 0 where one agent decides
//! for all, which is also the collapse of a dispatcher (T 7.5.2), and ln G where G agents take equal
//! parts. A sample counts once for each agent that its rows name. Rows without an agent count as
//! those of one more agent.
//!
//! # Deviations
//! - T 6.3.1 gives "the entropy of the learned dispatching policy at test time" without a formula:
//!   it is taken as that of the greedy assignments of the test samples, not as the mean over samples
//!   of the policy's own entropy.

use std::collections::{BTreeMap, BTreeSet};

use super::{Better, MetricDef, MetricError};
use crate::log::{RoutingLog, RoutingRow};

/// The registry's entry.
pub const DEF: MetricDef = MetricDef {
    name: "dispatch_entropy",
    equation: "−Σ_g p(g) ln p(g), p(g) the share of samples of agent g",
    better: Better::Neither,
    // A header does not tell the number of agents, but they are 32-bit numbers, or none.
    range: |_| 0.0..=libm::log(f64::from(u32::MAX) + 2.0),
    needs_context: false,
    needs_condition: false,
    compute: dispatch_entropy,
};

/// The entropy, in nats.
///
/// # Errors
///
/// [`MetricError::Empty`] without rows.
pub fn dispatch_entropy(log: &RoutingLog) -> Result<f64, MetricError> {
    let counts = count(log, |row| row.agent)?;
    let total: f64 = counts.values().sum();
    let shares = counts.values().map(|count| count / total);
    Ok(shares.fold(0.0, |sum, share| sum - share * libm::log(share)))
}

/// Whom the samples of each context were sent to (T figure 6.5).
#[derive(Debug, Clone, PartialEq)]
pub struct Dispatch {
    /// The contexts that the log shows \[C\], ascending: indices into the header's names.
    pub contexts: Vec<u32>,
    /// The agents that the log shows \[G\], ascending; none stands for rows without one.
    pub agents: Vec<Option<u32>>,
    /// Share of each agent among a context's samples \[C, G\].
    pub shares: Vec<Vec<f64>>,
    /// Share of each agent among all samples \[G\].
    pub overall: Vec<f64>,
}

/// The distribution over agents of each context, and of all samples.
///
/// # Errors
///
/// [`MetricError::Empty`] without rows, [`MetricError::NeedsContext`] where a row has no context.
pub fn by_context(log: &RoutingLog) -> Result<Dispatch, MetricError> {
    if let Some(index) = log.rows().iter().position(|row| row.context.is_none()) {
        return Err(MetricError::NeedsContext { row: index + 1 });
    }
    let counts = count(log, |row| (row.context.unwrap_or_default(), row.agent))?;
    let contexts: BTreeSet<u32> = counts.keys().map(|&(context, _)| context).collect();
    let agents: BTreeSet<Option<u32>> = counts.keys().map(|&(_, agent)| agent).collect();
    let counts = &counts;
    let row = |&context: &u32| -> Vec<f64> {
        agents.iter().map(|&agent| counts.get(&(context, agent)).copied().unwrap_or(0.0)).collect()
    };
    let rows: Vec<Vec<f64>> = contexts.iter().map(row).collect();
    let all = (0..agents.len()).map(|at| rows.iter().map(|row| row[at]).sum()).collect();
    Ok(Dispatch {
        contexts: contexts.into_iter().collect(),
        shares: rows.into_iter().map(normalised).collect(),
        overall: normalised(all),
        agents: agents.into_iter().collect(),
    })
}

/// Samples by key; a sample counts once a key.
fn count<K: Ord>(
    log: &RoutingLog,
    key: impl Fn(&RoutingRow) -> K,
) -> Result<BTreeMap<K, f64>, MetricError> {
    if log.rows().is_empty() {
        return Err(MetricError::Empty);
    }
    let pairs: BTreeSet<(u64, K)> = log.rows().iter().map(|row| (row.sample, key(row))).collect();
    let mut counts = BTreeMap::new();
    for (_, key) in pairs {
        *counts.entry(key).or_default() += 1.0;
    }
    Ok(counts)
}

fn normalised(counts: Vec<f64>) -> Vec<f64> {
    let total: f64 = counts.iter().sum();
    counts.into_iter().map(|count| count / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Choice, LogHeader};

    /// (sample, context, agent) at two depths.
    fn log(samples: &[(u64, Option<u32>, Option<u32>)]) -> RoutingLog {
        let mut header = LogHeader::new(vec![1, 1]);
        header.contexts = vec!["a".into(), "b".into(), "c".into()];
        let row = |&(sample, context, agent): &_, depth| RoutingRow {
            sample,
            depth,
            context,
            condition: None,
            agent,
            choice: Choice::Module(0),
        };
        let rows = samples.iter().flat_map(|sample| [row(sample, 0), row(sample, 1)]).collect();
        RoutingLog::new(header, rows).expect("sound")
    }

    #[test]
    fn shares_of_agents_by_context() {
        let (a, c) = (Some(0), Some(2));
        let log = log(&[(0, a, Some(3)), (1, a, Some(1)), (2, c, Some(1)), (3, a, Some(3))]);
        let dispatch = by_context(&log).unwrap();
        assert_eq!(dispatch.contexts, [0, 2]);
        assert_eq!(dispatch.agents, [Some(1), Some(3)]);
        assert_eq!(dispatch.shares, [vec![1.0 / 3.0, 2.0 / 3.0], vec![1.0, 0.0]]);
        assert_eq!(dispatch.overall, [0.5, 0.5]);
        assert!((dispatch_entropy(&log).unwrap() - 2f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn edges() {
        assert_eq!(by_context(&log(&[])), Err(MetricError::Empty));
        let some = log(&[(0, Some(1), None), (1, None, None)]);
        assert_eq!(by_context(&some), Err(MetricError::NeedsContext { row: 3 }));
        assert_eq!(dispatch_entropy(&some), Ok(0.0));
        let one = by_context(&log(&[(0, Some(1), None)])).unwrap();
        assert_eq!((one.agents, one.shares), (vec![None], vec![vec![1.0]]));
    }
}

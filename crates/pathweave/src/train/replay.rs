//! Routing record and replay: what a run decided, and a run that decides as another did.

use std::fmt::Debug;

use pathweave_data::Split;
use pathweave_eval::log::{Choice, RoutingLog};
use thiserror::Error;

use super::paths::{Paths, Routes};
use crate::trajectory::{Rows, Trajectory};

/// Decisions of a forward pass at one depth. Rows that had ended before made none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// Depth t, from 0
    pub depth: usize,
    /// Samples that were decided for. \[D\]
    pub samples: Vec<u64>,
    /// The agent that decided for each. \[D\]
    pub agents: Vec<u32>,
    /// What it decided: a module, then skip, then ⊥, where there are such. \[D\]
    pub actions: Vec<u32>,
}

/// Where decisions of an earlier run come from. Asked in the order in which a run decides: step by
/// step, the evaluations after the steps that they follow.
pub trait Replay: Debug {
    /// Name of the source, for messages: a file.
    fn name(&self) -> String;

    /// The actions that the recorded network had.
    fn routes(&self) -> &Routes;

    /// The paths of the samples of training step `step`, counted from 0, or of an evaluation after
    /// `step` steps; `None` where nothing was recorded then.
    ///
    /// # Errors
    /// Where the source cannot be read, in words that name it.
    fn paths(&mut self, split: Split, step: u64) -> Result<Option<Paths>, String>;
}

/// A recorded run that another run cannot follow.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ReplayError {
    /// Spec and arguments disagree.
    #[error("train.replay is set, but no recorded decisions were given")]
    NoSource,
    /// The source is broken.
    #[error("{0}")]
    Source(String),
    /// Another network was recorded.
    #[error("{source_name}: recorded with {found}; the network has {expected}")]
    Routes {
        /// The source
        source_name: String,
        /// Recorded
        found: Routes,
        /// Of the network
        expected: Routes,
    },
    /// Training went on for longer, or the record begins late.
    #[error("{source_name}: no decisions of step {step}")]
    Step {
        /// The source
        source_name: String,
        /// Training step, from 0
        step: u64,
    },
    /// Other samples were recorded, as with another seed, batch or data set.
    #[error("{source_name}: {} {step}: no decision for sample {sample}", occasion(*split))]
    Sample {
        /// The source
        source_name: String,
        /// Whose samples are numbered
        split: Split,
        /// Training step from 0, or steps before the evaluation
        step: u64,
        /// Number of the sample in its split
        sample: u64,
    },
    /// Some decision is missing or is none.
    #[error(
        "{source_name}: {} {step}: sample {sample}: no decision of this network at depth {depth}",
        occasion(*split)
    )]
    Path {
        /// The source
        source_name: String,
        /// Whose samples are numbered
        split: Split,
        /// Training step from 0, or steps before the evaluation
        step: u64,
        /// Number of the sample in its split
        sample: u64,
        /// Where its path is wrong
        depth: usize,
    },
}

fn occasion(split: Split) -> &'static str {
    match split {
        Split::Before | Split::Train => "step",
        Split::Validation => "evaluation on the validation split after step",
        Split::Test => "evaluation on the test split after step",
    }
}

/// The recorded paths of these samples, each checked.
///
/// # Errors
/// See [`ReplayError`].
pub(super) fn follow(
    replay: &mut dyn Replay,
    routes: &Routes,
    (split, step): (Split, u64),
    samples: impl IntoIterator<Item = u64>,
) -> Result<Option<Paths>, ReplayError> {
    let Some(paths) = replay.paths(split, step).map_err(ReplayError::Source)? else {
        return match split {
            Split::Before | Split::Train => {
                Err(ReplayError::Step { source_name: replay.name(), step })
            }
            Split::Validation | Split::Test => Ok(None),
        };
    };
    for sample in samples {
        let source_name = || replay.name();
        let Some(path) = paths.0.get(&sample) else {
            let source_name = source_name();
            return Err(ReplayError::Sample { source_name, split, step, sample });
        };
        if let Some(depth) = routes.fault(path) {
            let source_name = source_name();
            return Err(ReplayError::Path { source_name, split, step, sample, depth });
        }
    }
    Ok(Some(paths))
}

/// # Errors
/// Where the recorded network had other actions.
pub(super) fn same_routes(replay: &dyn Replay, routes: &Routes) -> Result<(), ReplayError> {
    if replay.routes() == routes {
        return Ok(());
    }
    Err(ReplayError::Routes {
        source_name: replay.name(),
        found: replay.routes().clone(),
        expected: routes.clone(),
    })
}

/// Decisions of a training step, a list a depth.
pub(super) fn decided(trajectory: &Trajectory, rows: &Rows) -> Vec<Decided> {
    let of = |step: &crate::trajectory::Step| {
        let mut decided = Decided { depth: step.depth, ..Decided::default() };
        for (row, &action) in step.actions.iter().enumerate().filter(|(row, _)| step.alive[*row]) {
            decided.samples.push(rows.samples[row]);
            decided.agents.push(trajectory.agents[row]);
            decided.actions.push(action);
        }
        decided
    };
    trajectory.steps.iter().map(of).collect()
}

/// Decisions of an evaluation, a list a depth.
pub(super) fn decided_in(log: &RoutingLog, routes: &Routes) -> Vec<Decided> {
    let empty = |depth| Decided { depth, ..Decided::default() };
    let mut all: Vec<Decided> = (0..routes.modules.len()).map(empty).collect();
    for row in log.rows() {
        let depth = row.depth as usize;
        let action = match row.choice {
            Choice::Module(module) => module,
            Choice::Skip => routes.modules[depth] as u32,
            Choice::End => routes.actions(depth) - 1,
            Choice::Weights(_) => continue,
        };
        all[depth].samples.push(row.sample);
        all[depth].agents.push(row.agent.unwrap_or_default());
        all[depth].actions.push(action);
    }
    all
}

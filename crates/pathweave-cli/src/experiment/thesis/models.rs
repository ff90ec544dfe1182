//! The networks of T 5.2.3 under the names it gives them.

use pathweave::decision::AlgorithmKind;
use pathweave::dispatcher::Dispatcher;
use pathweave::policy::PolicyKind;
use pathweave::spec::{Banks, ModelKind, Output, RunSpec, SubRouters};

/// A tabular agent for each task and depth, trained by WPL.
pub const ROUTING: &str = "routing-all-fc";
/// As [`ROUTING`], the same modules at every depth, with a pass action.
pub const RECURRENT: &str = "routing-all-fc recurrent + pass";
/// One approximated policy for all tasks and depths, trained by REINFORCE.
pub const SINGLE_AGENT: &str = "routing-all-fc single agent";
/// A perceptron names the tabular agent of each sample by its features; both by REINFORCE.
pub const DISPATCHED: &str = "routing-all-fc dispatched";
/// A softmax-weighted sum of all modules.
pub const SOFT: &str = "soft-mixture-all-fc";
/// A column a task, their inputs linear combinations.
pub const CROSS_STITCH: &str = "cross-stitch";
/// A last layer for each task.
pub const TASK_1: &str = "task-specific-1-fc";
/// All fully connected layers for each task.
pub const TASK_ALL: &str = "task-specific-all-fc";
/// One module a layer.
pub const BASE: &str = "unrouted base";

/// `base` as the model of that name.
///
/// # Deviations
/// - A pass leaves the activation as it is, so the recurrent model's modules are as wide as its
///   activation; a projection before them and an output layer after them are shared by all tasks.
/// - T 5.2.3 does not say among how many agents the dispatched architecture distributes: there are
///   as many as tasks.
pub fn model(name: &'static str, base: &RunSpec) -> RunSpec {
    let mut spec = RunSpec { name: name.into(), ..base.clone() };
    let (m, r) = (&mut spec.model, &mut spec.router);
    m.kind = match name {
        SOFT => ModelKind::SoftMixture,
        CROSS_STITCH => ModelKind::CrossStitch,
        TASK_1 => ModelKind::TaskSpecific1Fc,
        TASK_ALL => ModelKind::TaskSpecificAllFc,
        BASE => ModelKind::Unrouted,
        _ => ModelKind::Routed,
    };
    if name == RECURRENT {
        (m.banks, m.output, r.skip) = (Banks::Shared, Output::Shared, true);
    }
    if name == SINGLE_AGENT {
        (r.algorithm, r.policy) = (AlgorithmKind::Reinforce, PolicyKind::Mlp);
        (r.dispatcher, r.sub_routers) = (Dispatcher::Single, SubRouters::Single);
    }
    if name == DISPATCHED {
        (r.algorithm, r.policy) = (AlgorithmKind::Reinforce, PolicyKind::Tabular);
        (r.dispatcher, r.dispatch.algorithm) = (Dispatcher::Online, AlgorithmKind::Reinforce);
    }
    spec
}

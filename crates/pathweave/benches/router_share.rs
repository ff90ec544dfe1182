//! What the router costs: whole CIFAR-MTL training steps of routing-all-fc with every algorithm,
//! against the same network whose modules are given by the task, so that nothing is decided or
//! learned by a router.
//!
//! Timed: all of the step, filling the batch included.

mod harness;
#[path = "harness/setup.rs"]
mod setup;

use harness::{Case, Ours, Report};
use pathweave::decision::{ALGORITHMS, AlgorithmEntry, AlgorithmKind};
use pathweave::policy::PolicyKind;
use pathweave::spec::RouterSpec;
use setup::Training;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The largest share of a step that a router may take.
const SHARE: f64 = 0.1;

/// Twenty modules a layer, one a task.
fn training(algorithm: AlgorithmKind, policy: PolicyKind) -> Training {
    let router = RouterSpec { algorithm, policy, ..RouterSpec::default() };
    Training::new([3, 32, 32], 4, [20, 5], router)
}

fn main() -> std::io::Result<()> {
    let heading = "CIFAR-MTL step: four convolution blocks, three routed layers, 20 tasks, 20 \
                   modules a layer, batch 100";
    let mut report = Report::start("router_share", heading, 10);
    for (policy, label) in [(PolicyKind::Tabular, "tabular"), (PolicyKind::Mlp, "mlp")] {
        let fits = |entry: &&AlgorithmEntry| {
            entry.trained && (policy == PolicyKind::Tabular || entry.approximated)
        };
        for entry in ALGORITHMS.iter().filter(fits) {
            let mut given = training(AlgorithmKind::Assigned, PolicyKind::Tabular);
            let mut routed = training(entry.kind, policy);
            let (mut without, mut with) = (|| given.step(), || routed.step());
            let ours: Vec<Ours> = vec![("given", &mut without), (entry.name, &mut with)];
            let case = Case { name: label.into(), repeat: 2, ours, asked: Vec::new() };
            let medians = report.case(case);
            let share = medians.of(entry.name).map(|(_, ratio)| 1.0 - 1.0 / ratio);
            report.target(&format!("{} {label}: router's share", entry.name), share, ..SHARE);
        }
    }
    report.finish()
}

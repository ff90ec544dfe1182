//! Whole runs with dispatchers: together with the rest, or after it, and cut in between.

use pathweave::dispatcher::Dispatcher;
use pathweave::spec::{BaseSpec, OptimizerKind, RunSpec};
use pathweave::train::{Control, Finished, Observe, Snapshot, StepReport, Trainer, evaluate, run};
use pathweave_data::{Batch, Split, TaskSet};

use super::offline::KINDS;
use crate::support::{all_bits, cpu, spec, task_set};

const BOTH: [Dispatcher; 2] = [Dispatcher::Online, Dispatcher::Autoencoder];

fn data() -> TaskSet {
    task_set(3, 3, 10)
}

/// Three epochs of three steps, the last two the dispatcher's alone.
fn after(kind: Dispatcher) -> RunSpec {
    let mut spec = spec();
    spec.model.base = BaseSpec { blocks: 1, filters: 2 };
    spec.router.dispatcher = kind;
    spec.router.dispatch.agents = 2;
    spec.router.dispatch.after_epochs = 1;
    spec.train.optimizer = OptimizerKind::Adam;
    spec.train.weight_decay = 0.01;
    spec.train.momentum = 0.9;
    spec
}

fn step(trainer: &mut Trainer) -> StepReport {
    let mut batch = Batch::default();
    data().fill(Split::Train, &[0, 1, 2, 3, 4, 5], &mut batch);
    trainer.step(&batch).expect("a finite step")
}

/// Names of the arrays that a step changed.
fn changed(trainer: &mut Trainer) -> Vec<String> {
    let before = all_bits(&trainer.snapshot().network);
    step(trainer);
    let after = all_bits(&trainer.snapshot().network);
    let pairs = before.into_iter().zip(after).filter(|(before, after)| before != after);
    pairs.map(|((name, _), _)| name).collect()
}

fn agents(trainer: &Trainer) -> Vec<(u32, u32)> {
    let log = evaluate(&trainer.network, &data(), Split::Test, &cpu(), (0, 0)).log.expect("a log");
    let row = |row: &pathweave_eval::log::RoutingRow| {
        (row.context.expect("a context"), row.agent.expect("an agent"))
    };
    log.rows().iter().map(row).collect()
}

#[test]
fn first_all_but_the_dispatcher_learns_then_the_dispatcher_alone() {
    for kind in BOTH {
        let checked = after(kind).check().expect("a good spec");
        let mut trainer = Trainer::new(&checked, &data(), &cpu()).expect("fits");
        for _ in 0..3 {
            let changed = changed(&mut trainer);
            assert!(!changed.iter().any(|name| name.contains("dispatcher")), "{changed:?}");
            assert!(changed.iter().any(|name| name.contains("banks")), "{changed:?}");
            assert!(changed.iter().any(|name| name.contains("base")), "{changed:?}");
        }
        assert!(agents(&trainer).iter().all(|(context, agent)| context % 2 == *agent));
        for at in 0..4 {
            let changed = changed(&mut trainer);
            assert!(changed.iter().all(|name| name.contains("dispatcher")), "{changed:?}");
            assert!(changed.iter().any(|name| name.contains("policy")), "{changed:?}");
            let took_over = changed.iter().any(|name| name.ends_with("decides"));
            assert_eq!(took_over, at == 0);
        }
    }
}

#[test]
fn together_everything_learns_from_the_first_step() {
    for kind in BOTH {
        let mut spec = after(kind);
        spec.router.dispatch.after_epochs = 0;
        let mut trainer =
            Trainer::new(&spec.check().expect("good"), &data(), &cpu()).expect("fits");
        let changed = changed(&mut trainer);
        for part in ["dispatcher.decision", "banks", "base", "sub_routers"] {
            assert!(changed.iter().any(|name| name.contains(part)), "{part}: {changed:?}");
        }
        let encoder = changed.iter().any(|name| name.contains("autoencoder.encoder"));
        assert_eq!(encoder, kind == Dispatcher::Autoencoder);
    }
}

/// Stops after so many steps, and keeps the state.
pub struct Cut(pub u64, pub Option<Snapshot>);

impl Observe for Cut {
    fn step(&mut self, report: &StepReport) -> Control {
        if report.step + 1 == self.0 { Control::Stop } else { Control::Continue }
    }

    fn snapshot(&mut self, snapshot: &Snapshot) {
        self.1 = Some(snapshot.clone());
    }
}

/// The state after a whole run, or the rest of one.
pub fn finish(spec: &RunSpec, data: &TaskSet, resume: Option<&Snapshot>) -> Snapshot {
    let checked = spec.clone().check().expect("a good spec");
    let ended = run(&checked, data, &cpu(), resume, &mut Cut(0, None)).expect("a run");
    match ended {
        Finished::Complete(complete) => complete.snapshot,
        other => panic!("ended early: {other:?}"),
    }
}

#[test]
fn a_run_that_was_cut_continues_to_the_same_bits() {
    let offline = KINDS.map(|kind| {
        let mut spec = spec();
        (spec.router.dispatcher, spec.router.dispatch.samples) = (kind, 6);
        spec
    });
    let mut together = after(Dispatcher::Autoencoder);
    together.router.dispatch.after_epochs = 0;
    let online = [after(Dispatcher::Online), after(Dispatcher::Autoencoder), together];
    for spec in offline.into_iter().chain(online) {
        let whole = finish(&spec, &data(), None);
        // Within the first phase, at its end, and within the second.
        for cut in [2, 3, 5] {
            let checked = spec.clone().check().expect("good");
            let mut watch = Cut(cut, None);
            run(&checked, &data(), &cpu(), None, &mut watch).expect("a run");
            let resumed = finish(&spec, &data(), watch.1.as_ref());
            let kind = spec.router.dispatcher;
            assert_eq!(all_bits(&resumed.network), all_bits(&whole.network), "{kind:?} {cut}");
            assert_eq!(all_bits(&resumed.optimizer), all_bits(&whole.optimizer), "{kind:?} {cut}");
        }
    }
}

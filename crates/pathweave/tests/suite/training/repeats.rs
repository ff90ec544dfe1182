//! Same seed, same bits; a run that was cut continues to the same bits.

use pathweave::spec::{ModelKind, OptimizerKind, RunSpec, TrainSpec};
use pathweave::train::{
    Control, Finished, Observe, RestoreError, Snapshot, StepReport, Trainer, run,
};
use pathweave_data::TaskSet;

use crate::support::{all_bits, cpu, spec, task_set};

fn data() -> TaskSet {
    task_set(3, 3, 22)
}

/// Stops after so many steps and keeps the snapshot.
#[derive(Default)]
struct Cut {
    after: u64,
    steps: u64,
    kept: Option<Snapshot>,
    evaluations: usize,
}

impl Observe for Cut {
    fn step(&mut self, _report: &StepReport) -> Control {
        self.steps += 1;
        if self.steps == self.after { Control::Stop } else { Control::Continue }
    }

    fn evaluated(&mut self, _moment: &pathweave::train::Moment) {
        self.evaluations += 1;
    }

    fn snapshot(&mut self, snapshot: &Snapshot) {
        self.kept = Some(snapshot.clone());
    }
}

fn finish(spec: &RunSpec, resume: Option<&Snapshot>) -> Snapshot {
    let checked = spec.clone().check().expect("a good spec");
    let mut watch = Cut::default();
    match run(&checked, &data(), &cpu(), resume, &mut watch).expect("a run") {
        Finished::Complete(complete) => complete.snapshot,
        Finished::Stopped { step } => panic!("stopped at {step}"),
    }
}

#[track_caller]
fn assert_same(one: &Snapshot, other: &Snapshot) {
    assert_eq!(all_bits(&one.network), all_bits(&other.network));
    assert_eq!(all_bits(&one.optimizer), all_bits(&other.optimizer));
    assert_eq!(one.counters, other.counters);
}

/// Every algorithm, policies of both kinds, optimizers with state, a reward with memory.
fn specs() -> Vec<RunSpec> {
    let routed = |algorithm: &str, policy: &str, optimizer, momentum| {
        let mut spec = spec();
        let name = |text: &str| serde_json::Value::from(text);
        spec.router.algorithm = serde_json::from_value(name(algorithm)).expect("an algorithm");
        spec.router.policy = serde_json::from_value(name(policy)).expect("a policy");
        spec.reward.collaboration = 0.3;
        spec.reward.window = 7;
        spec.train = TrainSpec { optimizer, router_optimizer: optimizer, momentum, ..spec.train };
        spec
    };
    let mut list = vec![
        routed("wpl", "tabular", OptimizerKind::Sgd, 0.0),
        routed("wpl", "tabular", OptimizerKind::Adam, 0.0),
        routed("reinforce", "mlp", OptimizerKind::Sgd, 0.9),
        routed("reinforce", "tabular", OptimizerKind::Adam, 0.0),
        routed("q_learning", "mlp", OptimizerKind::Rmsprop, 0.0),
        routed("wpl", "mlp", OptimizerKind::Adam, 0.0),
        routed("advantage_learning", "mlp", OptimizerKind::Sgd, 0.9),
        routed("epsilon_reinforce", "tabular", OptimizerKind::Sgd, 0.0),
        routed("ppo", "mlp", OptimizerKind::Adam, 0.0),
        routed("ppo", "tabular", OptimizerKind::Sgd, 0.9),
        routed("uniform", "tabular", OptimizerKind::Adam, 0.0),
    ];
    for kind in [ModelKind::SoftMixture, ModelKind::CrossStitch] {
        let mut soft = spec();
        soft.model.kind = kind;
        soft.train.momentum = 0.9;
        list.push(soft);
    }
    let mut conv = spec();
    conv.model.base = pathweave::spec::BaseSpec { blocks: 1, filters: 2 };
    list.push(conv);
    list
}

#[test]
fn same_seed_same_bits() {
    for spec in specs() {
        assert_same(&finish(&spec, None), &finish(&spec, None));
    }
}

#[test]
fn another_seed_other_bits() {
    for mut spec in specs() {
        let first = finish(&spec, None);
        spec.train.seed += 1;
        assert_ne!(all_bits(&first.network), all_bits(&finish(&spec, None).network));
    }
}

#[test]
fn a_run_cut_anywhere_continues_to_the_same_bits() {
    for spec in specs() {
        let checked = spec.clone().check().expect("a good spec");
        let whole = finish(&spec, None);
        // Six steps an epoch: at its start, in its middle, at its end.
        for after in [1, 9, 12] {
            let mut watch = Cut { after, ..Cut::default() };
            let ended = run(&checked, &data(), &cpu(), None, &mut watch).expect("a run");
            assert!(matches!(ended, Finished::Stopped { step } if step == after));
            let kept = watch.kept.expect("a snapshot at the stop");
            assert_eq!(kept.counters.step, after);
            assert_same(&finish(&spec, Some(&kept)), &whole);
        }
    }
}

#[test]
fn a_finished_run_resumed_evaluates_and_changes_nothing() {
    let spec = spec();
    let whole = finish(&spec, None);
    assert_same(&finish(&spec, Some(&whole)), &whole);
}

#[test]
fn evaluations_come_every_so_many_epochs_and_at_the_end() {
    for (every, expected) in [(1, 3), (2, 2), (5, 1)] {
        let mut spec = spec();
        spec.train.evaluate_every = every;
        let mut watch = Cut::default();
        run(&spec.check().expect("good"), &data(), &cpu(), None, &mut watch).expect("a run");
        assert_eq!(watch.evaluations, expected, "every {every}");
    }
}

#[test]
fn a_snapshot_of_another_network_is_refused_by_name() {
    let checked = spec().check().expect("a good spec");
    let fresh = || Trainer::new(&checked, &data(), &cpu()).expect("fits");
    let snapshot = fresh().snapshot();
    let name = snapshot.network[1].name.clone();

    let mut missing = snapshot.clone();
    missing.network.remove(1);
    let error = fresh().restore(&missing, &cpu()).err();
    assert_eq!(error, Some(RestoreError::Missing(name.clone())));

    let mut reshaped = snapshot;
    let expected = reshaped.network[1].shape.clone();
    reshaped.network[1].shape.push(1);
    let found = reshaped.network[1].shape.clone();
    let error = fresh().restore(&reshaped, &cpu()).err();
    assert_eq!(error, Some(RestoreError::Shape { name, found, expected }));
}

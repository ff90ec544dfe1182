//! Numbers that are not finite, and batches and layers with nothing in them.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::Tensor;
use pathweave::decision::{ALGORITHMS, AlgorithmKind};
use pathweave::model::Network;
use pathweave::policy::PolicyKind;
use pathweave::spec::{BaseSpec, ModelKind, Output, RunSpec};
use pathweave::train::{
    Control, Observe, Place, RunError, Snapshot, StepError, StepReport, Trainer, arrays, load, run,
};
use pathweave_data::{Batch, Split, TaskSet};

use crate::support::{all_bits, cpu, spec, tape, task_set};

fn data() -> TaskSet {
    task_set(3, 3, 22)
}

fn trainer(spec: RunSpec) -> Trainer {
    Trainer::new(&spec.check().expect("a good spec"), &data(), &cpu()).expect("fits")
}

fn batch() -> Batch {
    let mut batch = Batch::default();
    data().fill(Split::Train, &[0, 1, 2, 3, 4, 5], &mut batch);
    batch
}

/// The step fails, names this place, and leaves everything as it was. Bits, for NaN is no number.
#[track_caller]
fn assert_place(mut trainer: Trainer, batch: &Batch, wanted: &Place) {
    let state = |trainer: &Trainer| {
        let snapshot = trainer.snapshot();
        (all_bits(&snapshot.network), all_bits(&snapshot.optimizer), snapshot.counters)
    };
    let before = state(&trainer);
    let error = trainer.step(batch).expect_err("a bad number");
    let StepError::NotFinite { step, place, value, .. } = &error else { panic!("{error}") };
    assert_eq!((*step, place), (trainer.step, wanted), "{error}");
    assert!(!value.is_finite());
    assert_eq!(state(&trainer), before);
}

/// Fills every array whose path holds the text with a number.
fn spoil(network: Network, path: &str, value: f32) -> Network {
    let mut all = arrays(&network);
    let mut found = false;
    for array in all.iter_mut().filter(|array| array.name.contains(path)) {
        array.values.iter_mut().for_each(|number| *number = value);
        found = true;
    }
    assert!(found, "no array {path}");
    load(network, &all, &tape()).expect("the same names")
}

fn spoiled(spec: RunSpec, path: &str, value: f32) -> Trainer {
    let mut trainer = trainer(spec);
    trainer.step(&batch()).expect("a good step first");
    trainer.network = spoil(trainer.network, path, value);
    trainer
}

/// A base, a projection, three routed depths, an output layer, rewards with memory.
fn deep() -> RunSpec {
    let mut spec = spec();
    spec.model.base = BaseSpec { blocks: 1, filters: 2 };
    (spec.model.output, spec.router.skip) = (Output::Shared, true);
    (spec.router.algorithm, spec.router.policy) = (AlgorithmKind::Reinforce, PolicyKind::Mlp);
    spec.reward.collaboration = 0.5;
    spec
}

#[test]
fn the_first_bad_place_is_named_and_nothing_has_moved() {
    for value in [f32::NAN, f32::INFINITY] {
        let mut images = batch();
        images.images[5] = value;
        assert_place(trainer(deep()), &images, &Place::Input);
        for (path, place) in [
            ("base.blocks.0.beta", Place::Base { block: 0 }),
            ("projection.bias", Place::Projection),
            ("sub_routers.1.Reinforce.policy.Mlp.second.bias", Place::Router { depth: 1 }),
            ("output.bias", Place::Output),
        ] {
            assert_place(spoiled(deep(), path, value), &batch(), &place);
        }
    }
}

#[test]
fn bad_modules_are_named_by_depth_and_number() {
    for value in [f32::NAN, f32::INFINITY] {
        let mut spec = spec();
        spec.router.algorithm = AlgorithmKind::Assigned;
        let mut trainer = trainer(spec.clone());
        let mut all = arrays(&trainer.network);
        let bank =
            all.iter_mut().find(|a| a.name.ends_with("banks.1.Linear.bias")).expect("a bank");
        // Module 2 of three, three numbers each.
        bank.values[6..].fill(value);
        trainer.network = load(trainer.network, &all, &tape()).expect("the same names");
        assert_place(trainer, &batch(), &Place::Modules { depth: 1, modules: vec![2] });
        for (kind, path) in [
            (ModelKind::SoftMixture, "banks.1.Linear.bias"),
            (ModelKind::CrossStitch, "banks.1.bias"),
        ] {
            spec.model.kind = kind;
            let place = Place::Modules { depth: 1, modules: Vec::new() };
            assert_place(spoiled(spec.clone(), path, value), &batch(), &place);
        }
    }
}

#[test]
fn a_return_beyond_the_largest_number_is_found_before_any_table_moves() {
    let mut spec = spec();
    spec.reward.table = vec![vec![3e38; 3]];
    assert_place(trainer(spec), &batch(), &Place::Reward { depth: 1 });
}

#[test]
fn a_loss_too_large_is_told_from_bad_numbers_before_it() {
    let mut spec = deep();
    spec.router.algorithm = AlgorithmKind::QLearning;
    // Finite values whose squares are not.
    let trainer = spoiled(spec, "sub_routers.0.QLearning.policy.Mlp.second.bias", 1e30);
    assert_place(trainer, &batch(), &Place::Router { depth: 0 });
}

/// Asks for a checkpoint after each step.
#[derive(Default)]
struct Careful {
    kept: Vec<u64>,
}

impl Observe for Careful {
    fn step(&mut self, _report: &StepReport) -> Control {
        Control::Checkpoint
    }

    fn snapshot(&mut self, snapshot: &Snapshot) {
        self.kept.push(snapshot.counters.step);
    }
}

#[test]
fn no_checkpoint_keeps_numbers_that_are_not_finite() {
    let mut spec = spec();
    spec.train.learning_rate = 1e38;
    let mut watch = Careful::default();
    let error = run(&spec.check().expect("good"), &data(), &cpu(), None, &mut watch)
        .expect_err("a rate of 1e38");
    let RunError::Step(error) = error else { panic!("{error}") };
    match error {
        StepError::Update { step, ref array } => {
            assert!(!array.is_empty() && watch.kept.iter().all(|&kept| kept < step), "{error}");
        }
        StepError::NotFinite { step, .. } => {
            assert_eq!(watch.kept.last().copied().unwrap_or(0), step);
        }
        StepError::EmptyBatch { .. } => panic!("{error}"),
    }
}

#[test]
fn an_update_that_leaves_bad_numbers_names_the_parameter() {
    let mut trainer = trainer(spec());
    assert!(trainer.good_snapshot().is_ok());
    trainer.network = spoil(trainer.network, "banks.2.Linear.weight", f32::NAN);
    let error = trainer.good_snapshot().expect_err("a bad parameter");
    let StepError::Update { step: 0, array } = &error else { panic!("{error}") };
    assert!(array.ends_with("banks.2.Linear.weight"), "{error}");
}

#[test]
fn an_empty_batch_is_refused_and_changes_nothing() {
    let mut trainer = trainer(spec());
    let before = all_bits(&trainer.snapshot().network);
    let error = trainer.step(&Batch::default()).expect_err("nothing to learn from");
    assert_eq!(error, StepError::EmptyBatch { step: 0 });
    assert_eq!(all_bits(&trainer.snapshot().network), before);
    trainer.step(&batch()).expect("goes on");
}

/// Every algorithm that specs name, with one module, one task, one sample.
#[test]
fn one_action_one_agent_one_sample() {
    let data = task_set(1, 2, 4);
    for entry in ALGORITHMS {
        for policy in [PolicyKind::Tabular, PolicyKind::Mlp] {
            let mut spec = spec();
            (spec.router.algorithm, spec.router.policy) = (entry.kind, policy);
            let Ok(checked) = spec.check() else { continue };
            let mut trainer = Trainer::new(&checked, &data, &cpu()).expect("fits");
            let mut batch = Batch::default();
            data.fill(Split::Train, &[2], &mut batch);
            for _ in 0..3 {
                let report = trainer.step(&batch).expect("a finite step");
                assert_eq!(report.exploratory, 0.0, "{}: nothing to explore", entry.name);
            }
            assert!(trainer.good_snapshot().is_ok(), "{}", entry.name);
        }
    }
}

/// Makes the terminating action, the last of four, certain at each place.
struct Terminating;

impl ModuleMapper for Terminating {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let dims = param.dims();
        if D != 2 || dims != [3, 4].as_slice() {
            return param;
        }
        param.map(|table| {
            let device = table.device();
            let row = [0.0f32, 0.0, 0.0, 1.0].repeat(3);
            Tensor::from_data(burn::tensor::TensorData::new(row, table.dims()), &device)
        })
    }
}

#[test]
fn where_all_rows_end_at_depth_0_no_module_moves() {
    let mut spec = spec();
    (spec.model.output, spec.router.terminate) = (Output::Shared, true);
    let mut trainer = trainer(spec);
    trainer.network = trainer.network.map(&mut Terminating);
    let before = arrays(&trainer.network);
    let report = trainer.step(&batch()).expect("a finite step");
    assert_eq!(report.exploratory, 0.0);
    for (old, new) in before.iter().zip(arrays(&trainer.network)) {
        let still = old.name.contains("banks");
        assert!(!still || all_bits(std::slice::from_ref(old)) == all_bits(&[new]), "{}", old.name);
    }
}

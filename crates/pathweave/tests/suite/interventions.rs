//! Interventions on a network: who decides, averaged and frozen modules, alarms in a run.

use burn::module::Module;
use burn::tensor::Device;
use pathweave::bank::Bank;
use pathweave::block::BlockKind;
use pathweave::decision::AlgorithmKind;
use pathweave::dispatcher::Dispatcher;
use pathweave::intervention::{
    Ablate, Average, ByContext, Constant, Force, Hashed, Scores, Swap, Uniform, Variant, averaged,
    examine, usage,
};
use pathweave::model::{BuildError, Network, Trunk};
use pathweave::spec::{OptimizerKind, Place, RunSpec};
use pathweave::train::{
    Finished, NamedArray, Observe, Snapshot, StepReport, Trainer, evaluate, run,
};
use pathweave::trajectory::{Instead, Rows};
use pathweave_data::{Batch, Split, TaskSet};
use pathweave_eval::alarm::{Action, Alarm, Cause};

use crate::support::{all_bits, assert_close, cpu, rows, spec, task_set};

fn place(depth: usize, module: usize) -> Place {
    Place { depth, module }
}

fn network(spec: RunSpec, data: &TaskSet, device: &Device) -> Network {
    Trainer::new(&spec.check().expect("good"), data, device).expect("fits").network.valid()
}

fn by(instead: impl Instead + 'static, network: &Network) -> Variant<'static> {
    Variant { network: network.clone(), instead: Some(Box::new(instead)) }
}

fn alone(network: &Network) -> Variant<'static> {
    Variant { network: network.clone(), instead: None }
}

fn scores(data: &TaskSet, variants: &[Variant]) -> Vec<Scores> {
    examine(&variants[0].network, variants, data, Split::Test, &cpu())
}

#[test]
fn each_decides_as_it_says() {
    let four = rows(&[0, 1, 2, 5]);
    let greedy = [0, 1, 2, 3];
    let force = Force(place(1, 2));
    assert_eq!(force.actions(0, &four, &greedy), greedy);
    assert_eq!(force.actions(1, &four, &greedy), [2; 4]);
    let used = [vec![5, 1, 3, 3], vec![0, 9, 0, 0]];
    let swap = Swap { depth: 0, modules: [1, 3] };
    assert_eq!(swap.actions(0, &four, &greedy), [0, 3, 2, 1]);
    assert_eq!(swap.actions(1, &four, &greedy), greedy);
    let ablated = |at| Ablate::new(at, &used).actions(at.depth, &four, &greedy);
    // The most used of the others; ties to the first; where there is none, the next in number.
    assert_eq!(ablated(place(0, 0)), [2, 1, 2, 3]);
    assert_eq!(ablated(place(0, 3)), [0, 1, 2, 0]);
    assert_eq!(ablated(place(1, 1)), [0, 2, 2, 3]);
    assert_eq!(Ablate::new(place(0, 0), &used).actions(1, &four, &greedy), greedy);
    assert_eq!(Constant::most_used(&used).modules, [0, 1]);
    assert_eq!(Constant::most_used(&used).actions(1, &four, &greedy), [1; 4]);
    let modules = vec![3, 2];
    assert_eq!(ByContext { modules }.actions(1, &four, &greedy), [0, 1, 0, 1]);
}

#[test]
fn a_network_in_training_behind_clusters_scores_as_in_evaluation() {
    let (mut spec, data) = (spec(), task_set(3, 3, 22));
    (spec.router.dispatcher, spec.router.dispatch.samples) = (Dispatcher::KMeans, 6);
    let trainer = Trainer::new(&spec.check().expect("good"), &data, &cpu()).expect("fits");
    let network = trainer.network;
    let found = examine(&network, &[alone(&network)], &data, Split::Test, &cpu());
    let right = found[0].correct.iter().filter(|right| **right).count() as u64;
    let evaluation = evaluate(&network, &data, Split::Test, &cpu(), (0, 0));
    assert_eq!(right, evaluation.total().correct);
}

#[test]
fn chance_is_even_and_blind_to_batches() {
    let many = Rows { contexts: vec![0; 6000], samples: (0..6000).map(|n| n * 977).collect() };
    for seed in 0..3 {
        let uniform = Uniform { modules: vec![3, 3], seed };
        let drawn = uniform.actions(1, &many, &[]);
        for module in 0..3 {
            let count = drawn.iter().filter(|&&action| action == module).count() as f64;
            // Five standard deviations of a binomial count.
            assert!((count - 2000.0).abs() < 5.0 * (6000.0_f64 * 2.0 / 9.0).sqrt());
        }
        let part = Rows { contexts: vec![0; 9], samples: many.samples[100..109].to_vec() };
        assert_eq!(uniform.actions(1, &part, &[]), drawn[100..109]);
        assert_ne!(uniform.actions(0, &part, &[]), uniform.actions(1, &part, &[]));
    }
}

#[test]
fn the_router_itself_scores_as_in_an_evaluation() {
    let data = task_set(3, 3, 22);
    let mut spec = spec();
    spec.router.algorithm = AlgorithmKind::QLearning;
    spec.router.policy = pathweave::policy::PolicyKind::Mlp;
    let network = network(spec, &data, &cpu());
    let own = scores(&data, &[alone(&network)]).remove(0);
    let evaluation = evaluate(&network, &data, Split::Test, &cpu(), (0, 0));
    let total = evaluation.total();
    assert_eq!(own.correct.iter().filter(|correct| **correct).count() as u64, total.correct);
    assert_eq!(own.losses.iter().map(|&loss| f64::from(loss)).sum::<f64>(), total.loss);
    let used = usage(&network, &data, Split::Test, &cpu()).expect("it is routed");
    assert!(used.iter().all(|of_depth| of_depth.iter().sum::<u64>() == 22));
}

#[test]
fn controls_and_interventions_of_one_kind_are_the_same() {
    let data = task_set(3, 2, 12);
    for (algorithm, hashed) in [(AlgorithmKind::Assigned, false), (AlgorithmKind::Hashed, true)] {
        let mut spec = spec();
        spec.router.algorithm = algorithm;
        let network = network(spec, &data, &cpu());
        let modules = vec![3; 3];
        let other = match hashed {
            true => by(Hashed { modules }, &network),
            false => by(ByContext { modules }, &network),
        };
        let forced = by(Force(place(0, 1)), &network);
        let [own, other, forced] = &scores(&data, &[alone(&network), other, forced])[..] else {
            panic!("three")
        };
        assert_eq!(own, other);
        assert_ne!(own.losses, forced.losses);
    }
}

#[test]
fn averaged_modules_leave_nothing_to_choose() {
    let data = task_set(3, 2, 12);
    for kind in [BlockKind::Linear, BlockKind::Mlp] {
        let mut spec = spec();
        spec.model.blocks = vec![kind];
        let network = network(spec, &data, &cpu());
        let used = vec![vec![3, 1, 0]; 3];
        for how in [Average::Even, Average::ByUse] {
            let mean = averaged(&network, how, &used).expect("one architecture");
            let forced = (0..3).map(|module| by(Constant { modules: vec![module; 3] }, &mean));
            let all = scores(&data, &forced.collect::<Vec<_>>());
            for one in &all[1..] {
                let floats = |of: &Scores| of.losses.iter().map(|&l| f64::from(l)).collect();
                let (one, first): (Vec<f64>, Vec<f64>) = (floats(one), floats(&all[0]));
                assert_close(&one, &first, 1e-6);
            }
            let weights = |of: &Network| -> Vec<f64> {
                let Trunk::Routed(layer) = &of.trunk else { panic!("it is routed") };
                let bank = match &layer.banks[1] {
                    Bank::Linear(bank) => bank,
                    Bank::Mlp(bank) => &bank.second,
                    _ => panic!("one architecture"),
                };
                bank.weight.val().to_data().iter::<f64>().collect()
            };
            let (old, new) = (weights(&network), weights(&mean));
            let size = old.len() / 3;
            let of = if how == Average::Even { [1.0 / 3.0; 3] } else { [0.75, 0.25, 0.0] };
            let at = |number: usize| (0..3).map(|m| of[m] * old[m * size + number]).sum::<f64>();
            let wanted: Vec<f64> = (0..3 * size).map(|number| at(number % size)).collect();
            assert_close(&new, &wanted, 1e-6);
        }
    }
    let mut mixed = spec();
    mixed.model.blocks = vec![BlockKind::Linear, BlockKind::Mlp];
    let network = network(mixed, &data, &cpu());
    assert!(averaged(&network, Average::Even, &[]).is_none());
}

/// One module's part of the arrays of a depth's bank.
fn module(arrays: &[NamedArray], at: Place, modules: usize) -> Vec<u32> {
    let bank = format!("banks.{}.", at.depth);
    let mut bits = Vec::new();
    for array in arrays.iter().filter(|array| array.name.contains(&bank)) {
        let part = match array.name.split_once("blocks.") {
            Some((_, rest)) if rest.starts_with(&format!("{}.", at.module)) => &array.values[..],
            Some(_) => continue,
            None => {
                let size = array.values.len() / modules;
                &array.values[at.module * size..][..size]
            }
        };
        bits.extend(part.iter().map(|value| value.to_bits()));
    }
    assert!(!bits.is_empty());
    bits
}

#[test]
fn frozen_modules_keep_their_initial_values_and_let_gradients_through() {
    let data = task_set(3, 2, 12);
    let mut batch = Batch::default();
    data.fill(Split::Train, &(0..12).collect::<Vec<u32>>(), &mut batch);
    let kinds = [
        vec![BlockKind::Linear],
        vec![BlockKind::Mlp],
        vec![BlockKind::Linear, BlockKind::Mlp, BlockKind::Linear],
    ];
    for (optimizer, momentum) in [
        (OptimizerKind::Sgd, 0.0),
        (OptimizerKind::Sgd, 0.9),
        (OptimizerKind::Adam, 0.0),
        (OptimizerKind::Rmsprop, 0.0),
    ] {
        for blocks in &kinds {
            let mut spec = spec();
            spec.router.algorithm = AlgorithmKind::Assigned;
            spec.model.base.blocks = 1;
            spec.model.hidden = vec![8, 8];
            spec.model.blocks = blocks.clone();
            spec.train.optimizer = optimizer;
            spec.train.momentum = momentum;
            spec.train.weight_decay = if momentum > 0.0 { 0.01 } else { 0.0 };
            spec.model.frozen = vec![place(0, 0), place(0, 1), place(0, 2), place(1, 1)];
            let checked = spec.check().expect("good");
            let mut trainer = Trainer::new(&checked, &data, &cpu()).expect("fits");
            let before = trainer.snapshot().network;
            for _ in 0..3 {
                trainer.step(&batch).expect("finite");
            }
            let after = trainer.snapshot().network;
            for depth in 0..3 {
                for index in 0..3 {
                    let at = place(depth, index);
                    let same = module(&before, at, 3) == module(&after, at, 3);
                    assert_eq!(same, checked.model.frozen.contains(&at), "{optimizer:?} {at}");
                }
            }
            let base = |arrays: &[NamedArray]| {
                let of_base: Vec<NamedArray> =
                    arrays.iter().filter(|a| a.name.starts_with("base")).cloned().collect();
                all_bits(&of_base)
            };
            assert_ne!(base(&before), base(&after), "the gradient reaches what comes before");
        }
    }
}

#[test]
fn a_module_that_does_not_exist_cannot_be_frozen() {
    let mut spec = spec();
    spec.model.frozen = vec![place(1, 2)];
    let error = Trainer::new(&spec.check().expect("good"), &task_set(2, 2, 4), &cpu()).err();
    let wanted = BuildError::NoSuchModule { place: place(1, 2), modules: 2 };
    assert_eq!(error, Some(wanted.clone()));
    assert_eq!(wanted.to_string(), "model.frozen: found \"1:2\", but depth 1 has 2 modules");
}

/// Keeps every alarm, and the last snapshot.
#[derive(Default)]
struct Listens {
    alarms: Vec<(Alarm, bool)>,
    last: Option<Snapshot>,
    step: u64,
}

impl Observe for Listens {
    fn step(&mut self, report: &StepReport) -> pathweave::train::Control {
        self.step = report.step + 1;
        pathweave::train::Control::Continue
    }

    fn alarm(&mut self, alarm: &Alarm, snapshot: Option<&Snapshot>) {
        assert_eq!(alarm.step, self.step, "it rings after the step was told");
        self.alarms.push((alarm.clone(), snapshot.is_some()));
    }

    fn snapshot(&mut self, snapshot: &Snapshot) {
        self.last = Some(snapshot.clone());
    }
}

#[test]
fn alarms_warn_keep_or_end_a_run_and_change_no_bit_of_it() {
    // One task, so that the control collapses on one of three modules; 300 decisions take 75 steps.
    let data = task_set(1, 2, 24);
    let with = |action| {
        let mut spec = spec();
        spec.router.algorithm = AlgorithmKind::Assigned;
        spec.model.modules = 3;
        spec.train.epochs = 26;
        spec.alarms.window = 5;
        spec.alarms.unused.action = action;
        spec.alarms.share.action = Action::Off;
        spec.check().expect("good")
    };
    let go = |action, resume: Option<&Snapshot>| {
        let mut watch = Listens::default();
        let ended = run(&with(action), &data, &cpu(), resume, &mut watch).expect("a run");
        (ended, watch)
    };
    let complete = |ended: Finished| match ended {
        Finished::Complete(complete) => complete.snapshot,
        other => panic!("{other:?}"),
    };
    let (silent, watch) = go(Action::Off, None);
    let silent = complete(silent);
    assert!(watch.alarms.is_empty());
    for (action, keeps) in [(Action::Warn, false), (Action::Checkpoint, true)] {
        let (ended, watch) = go(action, None);
        assert_eq!(all_bits(&complete(ended).network), all_bits(&silent.network));
        assert_eq!(watch.alarms.len(), 3, "one a depth, once");
        for (depth, (alarm, kept)) in watch.alarms.iter().enumerate() {
            assert_eq!((alarm.step, alarm.depth as usize, *kept), (75, depth, keeps));
            assert_eq!(alarm.cause, Cause::Unused { modules: vec![1, 2] });
        }
    }
    let (ended, watch) = go(Action::Stop, None);
    let Finished::Alarmed { step: 75, alarms } = ended else { panic!("{ended:?}") };
    assert_eq!(alarms.len(), 3);
    let kept = watch.last.expect("a snapshot at the stop");
    assert_eq!(kept.counters.step, 75);
    // Whoever starts it again has been told: it goes on, to the bits of a run without alarms.
    let (ended, watch) = go(Action::Stop, Some(&kept));
    assert!(watch.alarms.is_empty());
    assert_eq!(all_bits(&complete(ended).network), all_bits(&silent.network));
}

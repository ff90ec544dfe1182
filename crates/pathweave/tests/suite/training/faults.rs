//! Faults: diverging runs, specs that do not fit themselves or their data.

use pathweave::block::BlockKind;
use pathweave::explore::Exploration;
use pathweave::model::BuildError;
use pathweave::spec::{Banks, ModelKind, Output, RunSpec};
use pathweave::train::{StepError, Trainer, arrays};
use pathweave_data::{Batch, Split};

use crate::support::{all_bits, cpu, spec, task_set};

#[test]
fn a_diverging_run_names_its_step_and_leaves_the_network() {
    let data = task_set(2, 2, 8);
    let mut spec = spec();
    spec.train.learning_rate = 1e30;
    let mut trainer = Trainer::new(&spec.check().expect("good"), &data, &cpu()).expect("fits");
    let mut batch = Batch::default();
    data.fill(Split::Train, &[0, 1, 2, 3], &mut batch);
    for step in 0..10 {
        let before = all_bits(&arrays(&trainer.network));
        let Err(error) = trainer.step(&batch) else { continue };
        assert!(step > 0, "the first loss is finite");
        let StepError::NotFinite { step: named, which, value } = &error;
        assert_eq!((*named, *which), (step, "module"));
        assert!(!value.is_finite());
        assert!(error.to_string().contains(&format!("step {step}")), "{error}");
        assert_eq!(all_bits(&arrays(&trainer.network)), before);
        assert_eq!(trainer.step, step);
        return;
    }
    panic!("a learning rate of 1e30 did not diverge");
}

#[test]
fn images_too_small_for_the_base() {
    let mut spec = spec();
    spec.model.base.blocks = 2;
    let checked = spec.check().expect("the spec alone is good");
    let error = Trainer::new(&checked, &task_set(2, 2, 4), &cpu()).err();
    let wanted = BuildError::ImageTooSmall { blocks: 2, height: 2, width: 2, most: 1 };
    assert_eq!(error, Some(wanted));
}

type Spoil = fn(&mut RunSpec);

/// One fault each: what spoils a good spec, and the key that must be named.
const FAULTS: &[(&str, Spoil)] = &[
    ("train.epochs", |s| s.train.epochs = 0),
    ("train.batch", |s| s.train.batch = 0),
    ("train.evaluate_every", |s| s.train.evaluate_every = 0),
    ("train.learning_rate", |s| s.train.learning_rate = 0.0),
    ("train.learning_rate", |s| s.train.learning_rate = f64::INFINITY),
    ("train.router_learning_rate", |s| s.train.router_learning_rate = -1.0),
    ("train.weight_decay", |s| s.train.weight_decay = f64::NAN),
    ("train.clip_norm", |s| s.train.clip_norm = -0.5),
    ("train.decay_factor", |s| s.train.decay_factor = 0.0),
    ("train.momentum", |s| s.train.momentum = 1.0),
    ("model.hidden", |s| s.model.hidden = Vec::new()),
    ("model.hidden", |s| s.model.hidden = vec![3, 0]),
    ("model.base.filters", |s| s.model.base.filters = 0),
    ("model.blocks", |s| s.model.blocks = Vec::new()),
    ("model.stitch_own", |s| s.model.stitch_own = f32::NAN),
    ("model.output", |s| s.model.banks = Banks::Shared),
    ("model.banks", |s| {
        s.model.banks = Banks::Shared;
        s.model.output = Output::Shared;
        s.model.kind = ModelKind::Unrouted;
    }),
    ("model.hidden", |s| {
        s.model.banks = Banks::Shared;
        s.model.output = Output::Shared;
        s.model.hidden = vec![3, 4];
    }),
    ("model.blocks", |s| {
        s.model.kind = ModelKind::CrossStitch;
        s.model.blocks = vec![BlockKind::Mlp];
    }),
    ("model.blocks", |s| s.model.blocks = vec![BlockKind::Identity]),
    ("model.output", |s| s.router.skip = true),
    ("model.hidden", |s| {
        s.router.terminate = true;
        s.model.output = Output::Shared;
        s.model.hidden = vec![3, 4];
    }),
    ("router.hidden", |s| s.router.hidden = 0),
    ("router.max_depth", |s| s.router.max_depth = 0),
    ("router.reinforce.alpha", |s| s.router.reinforce.alpha = 0.0),
    ("router.reinforce.value_coefficient", |s| s.router.reinforce.value_coefficient = -1.0),
    ("router.epsilon_reinforce.alpha", |s| s.router.epsilon_reinforce.alpha = 2.0),
    ("router.epsilon_reinforce.value_coefficient", |s| {
        s.router.epsilon_reinforce.value_coefficient = f32::NAN;
    }),
    ("router.advantage_actor_critic.value_coefficient", |s| {
        s.router.advantage_actor_critic.value_coefficient = f32::INFINITY;
    }),
    ("router.ppo.epochs", |s| s.router.ppo.epochs = 0),
    ("router.ppo.clip", |s| s.router.ppo.clip = 0.0),
    ("router.ppo.value_coefficient", |s| s.router.ppo.value_coefficient = -0.5),
    ("router.wpl.rate", |s| s.router.wpl.rate = 1.0),
    ("reward.collaboration", |s| s.reward.collaboration = 1.5),
    ("reward.window", |s| s.reward.window = 0),
    ("reward.discount", |s| s.reward.discount = f32::NAN),
    ("reward.cost", |s| s.reward.cost = vec![f32::INFINITY]),
    ("reward.table", |s| s.reward.table = vec![vec![0.0], vec![f32::NAN]]),
    ("exploration.rate", |s| s.exploration = Exploration::Constant { rate: -0.1 }),
    ("exploration.epochs", |s| {
        s.exploration = Exploration::Linear { start: 1.0, end: 0.0, epochs: 0 };
    }),
    ("exploration.decay", |s| {
        s.exploration = Exploration::Exponential { start: 1.0, decay: 2.0, floor: 0.0 };
    }),
    ("exploration.every", |s| {
        s.exploration = Exploration::Step { start: 0.5, factor: 2.0, every: 0, floor: 0.0 };
    }),
];

#[test]
fn each_fault_is_named_by_its_key_and_alone() {
    assert!(spec().check().is_ok());
    for (at, (key, spoil)) in FAULTS.iter().enumerate() {
        let mut spec = spec();
        spoil(&mut spec);
        let faults = spec.check().expect_err(key).0;
        let keys: Vec<&str> = faults.iter().map(|fault| fault.key.as_str()).collect();
        assert_eq!(keys, [*key], "fault {at}");
        assert!(!faults[0].found.is_empty() && !faults[0].allowed.is_empty(), "{key}");
        let text = faults[0].to_string();
        assert!(text.starts_with(&format!("{key}: found ")), "{text}");
    }
}

#[test]
fn many_faults_are_reported_together() {
    let independent = [
        "train.epochs",
        "train.batch",
        "train.evaluate_every",
        "train.weight_decay",
        "train.clip_norm",
        "train.decay_factor",
        "train.momentum",
        "model.base.filters",
        "model.stitch_own",
        "router.hidden",
        "router.max_depth",
        "router.reinforce.alpha",
        "router.wpl.rate",
        "reward.collaboration",
        "reward.window",
        "reward.discount",
        "exploration.rate",
    ];
    let mut spec = spec();
    for (_, spoil) in FAULTS.iter().filter(|(key, _)| independent.contains(key)) {
        spoil(&mut spec);
    }
    let faults = spec.check().expect_err("many faults");
    let mut keys: Vec<String> = faults.0.iter().map(|fault| fault.key.clone()).collect();
    keys.sort_unstable();
    let mut wanted = independent.map(String::from);
    wanted.sort_unstable();
    assert_eq!(keys, wanted);
    assert_eq!(faults.to_string().lines().count(), independent.len());
}

#[test]
fn every_key_that_is_named_exists_in_a_written_spec() {
    let written = serde_json::to_value(spec()).expect("a spec");
    for (key, _) in FAULTS.iter().filter(|(key, _)| !key.starts_with("exploration")) {
        let found = key.split('.').try_fold(&written, |at, part| at.get(part));
        assert!(found.is_some(), "{key}");
    }
}

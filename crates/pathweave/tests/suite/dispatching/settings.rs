//! Faults of a dispatcher's settings, and what fits.

use pathweave::decision::AlgorithmKind;
use pathweave::dispatcher::Dispatcher;
use pathweave::policy::PolicyKind;
use pathweave::spec::{ModelKind, RouterSpec, RunSpec};
use pathweave::train::Trainer;
use pathweave_data::{Batch, Split};

use crate::support::{cpu, spec, task_set};

type Spoil = fn(&mut RunSpec);

const FAULTS: &[(&str, Spoil)] = &[
    ("router.dispatch.bottleneck", |s| s.router.dispatch.bottleneck = 0),
    ("router.dispatch.samples", |s| s.router.dispatch.samples = 0),
    ("router.dispatch.neighbours", |s| s.router.dispatch.neighbours = 0),
    ("router.dispatch.alpha", |s| s.router.dispatch.alpha = 1.5),
    ("router.dispatch.alpha", |s| s.router.dispatch.alpha = f32::NAN),
    ("router.dispatch.radius", |s| s.router.dispatch.radius = -1.0),
    ("router.dispatch.radius", |s| s.router.dispatch.radius = f32::INFINITY),
    ("router.dispatcher", |s| {
        (s.model.kind, s.router.dispatcher) = (ModelKind::SoftMixture, Dispatcher::KMeans);
    }),
    ("router.dispatcher", |s| {
        (s.model.kind, s.router.dispatcher) = (ModelKind::SoftMixture, Dispatcher::Online);
    }),
    ("router.dispatch.algorithm", |s| {
        s.router.dispatcher = Dispatcher::Online;
        s.router.dispatch.algorithm = AlgorithmKind::Uniform;
    }),
    ("router.dispatch.after_epochs", |s| {
        s.router.dispatcher = Dispatcher::Autoencoder;
        s.router.dispatch.after_epochs = s.train.epochs;
    }),
];

#[test]
fn each_fault_is_named() {
    for (key, spoil) in FAULTS {
        let mut spec = spec();
        spoil(&mut spec);
        let faults = spec.check().expect_err(key).0;
        let keys: Vec<&str> = faults.iter().map(|fault| fault.key.as_str()).collect();
        assert_eq!(keys, [*key], "{faults:?}");
    }
}

#[test]
fn faults_are_reported_together() {
    let mut spec = spec();
    spec.router.dispatcher = Dispatcher::Autoencoder;
    let dispatch = &mut spec.router.dispatch;
    (dispatch.alpha, dispatch.bottleneck, dispatch.after_epochs) = (2.0, 0, 9);
    assert_eq!(spec.check().expect_err("three faults").0.len(), 3);
}

#[test]
fn names_and_defaults() {
    for (kind, name, _) in Dispatcher::ALL {
        assert_eq!(kind.name(), *name);
        let text = serde_json::json!({ "dispatcher": name });
        let read: RouterSpec = serde_json::from_value(text).expect("a spec without settings");
        assert_eq!(read, RouterSpec { dispatcher: *kind, ..RouterSpec::default() });
    }
}

#[test]
fn every_dispatcher_with_every_kind_of_model_and_policy_is_refused_or_trains() {
    let data = task_set(3, 2, 9);
    let mut batch = Batch::default();
    data.fill(Split::Train, &[0, 1, 2, 3], &mut batch);
    for (model, _, _) in ModelKind::ALL.iter().filter(|row| row.0.rule_kind().is_none()) {
        for (dispatcher, _, _) in Dispatcher::ALL {
            for policy in [PolicyKind::Tabular, PolicyKind::Mlp] {
                for agents in [0, 1, 2, 5] {
                    let mut spec = spec();
                    (spec.model.kind, spec.router.dispatcher) = (*model, *dispatcher);
                    spec.router.policy = policy;
                    spec.router.algorithm = AlgorithmKind::Reinforce;
                    spec.router.dispatch.agents = agents;
                    let text = format!("{model:?} {dispatcher:?} {policy:?} {agents}");
                    let given = matches!(dispatcher, Dispatcher::Single | Dispatcher::Meta);
                    let mixes = matches!(
                        model,
                        ModelKind::SoftMixture | ModelKind::TopK | ModelKind::Switch
                    );
                    let refused = mixes && !given;
                    let checked = match spec.check() {
                        Ok(checked) => checked,
                        Err(faults) => {
                            assert!(refused, "{text}: {faults}");
                            continue;
                        }
                    };
                    assert!(!refused, "{text}");
                    let mut trainer = Trainer::new(&checked, &data, &cpu()).expect("fits");
                    trainer.step(&batch).unwrap_or_else(|error| panic!("{text}: {error}"));
                }
            }
        }
    }
}

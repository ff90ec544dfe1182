//! Diverging runs, and specs that do not fit themselves.

use pathweave::rule::{RuleRunError, Unwatched, run_engine};
use pathweave::spec::{ModelKind, RunSpec};
use pathweave_data::dataset::rules::RuleFamily;

use super::model::Bias;
use super::{Seen, rules, spec};

#[test]
fn a_run_that_diverges_names_its_step() {
    for loss in [f64::NAN, f64::INFINITY] {
        let mut spec = spec();
        let data = rules(&mut spec).clone();
        let mut model = Bias::new(&data, 1.0, 0.0);
        model.breaks = Some((6, loss));
        let spec = spec.check().expect("a good spec");
        let mut seen = Seen { pace: 2, ..Seen::default() };
        let error = run_engine(&spec, &mut model, None, &mut seen).expect_err("it diverges");
        assert!(error.to_string().contains("step 6"), "{error}");
        assert_eq!(seen.snapshots.last().expect("a checkpoint").counters.step, 6);
    }
}

#[test]
fn images_are_no_rules() {
    let mut spec = crate::support::spec();
    spec.train.patience = 0;
    let rules = rules(&mut self::spec()).clone();
    let spec = spec.check().expect("a good spec");
    let error = run_engine(&spec, &mut Bias::new(&rules, 0.0, 0.0), None, &mut Unwatched).err();
    assert_eq!(error, Some(RuleRunError::NoRules));
}

type Spoil = fn(&mut RunSpec);

/// One fault each: what spoils a good spec, and the key that must be named.
const FAULTS: &[(&str, Spoil)] = &[
    ("data.rules", |s| rules(s).rules = 0),
    ("data.context_noise", |s| rules(s).context_noise = 1.5),
    ("data.depth", |s| rules(s).depth = 3),
    ("data.held_out", |s| rules(s).held_out = 0.5),
    ("data.eval_samples", |s| rules(s).eval_samples = 0),
    ("data.steps_per_epoch", |s| rules(s).steps_per_epoch = 0),
    ("data.frequencies", |s| rules(s).frequencies = vec![1.0]),
    ("model.kind", |s| s.model.kind = ModelKind::Unrouted),
    ("model.rules.encoder", |s| s.model.rules.encoder = 0),
    ("model.rules.width", |s| s.model.rules.width = 0),
    ("model.rules.width", |s| s.model.rules.width = 9),
    ("model.rules.width", |s| {
        rules(s).family = RuleFamily::Mha;
        s.model.rules.width = 6;
    }),
    ("alarms", |s| s.alarms.share.above = 0.5),
    ("train.record_routing", |s| {
        s.model.kind = ModelKind::Routed;
        s.train.record_routing = true;
    }),
    ("train.replay", |s| {
        s.model.kind = ModelKind::Routed;
        s.train.replay = "somewhere".into();
    }),
    ("train.epochs", |s| s.train.epochs = 0),
];

#[test]
fn every_fault_is_named_by_its_key() {
    for (key, spoil) in FAULTS {
        let mut bad = spec();
        spoil(&mut bad);
        let faults = bad.check().expect_err(key).0;
        assert!(faults.iter().any(|fault| fault.key == *key), "{key}: {faults:?}");
    }
    let mut images = crate::support::spec();
    images.train.patience = 3;
    let faults = images.check().expect_err("patience is for rule data").0;
    assert_eq!(faults[0].key, "train.patience");
}

#[test]
fn monolithic_models_have_any_width() {
    let mut spec = spec();
    (spec.model.kind, spec.model.rules.width) = (ModelKind::Monolithic, 9);
    assert!(spec.check().is_ok());
}

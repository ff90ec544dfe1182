//! Twins with hard decisions: every algorithm in every family.

use burn::tensor::Device;
use pathweave::decision::{ALGORITHMS, AlgorithmKind, GumbelGate};
use pathweave::dispatcher::Dispatcher;
use pathweave::explore::Exploration;
use pathweave::policy::PolicyKind;
use pathweave::reward::{FinalReward, RewardSpec};
use pathweave::rule::{Engine, EngineState, Prediction, Update, build};
use pathweave::spec::{ModelKind, OptimizerKind, RunSpec};
use pathweave_data::DatasetSpec;
use pathweave_data::dataset::RulesSpec;
use pathweave_data::dataset::rules::{RuleFamily, RuleTarget};

use super::{FAMILIES, batch, rules};
use crate::support;

const UPDATE: Update = Update { rate: 2e-3, clip_norm: 1.0, epoch: 0.0 };

fn spec(rules: &RulesSpec, algorithm: AlgorithmKind, policy: PolicyKind) -> RunSpec {
    let mut spec = support::spec();
    spec.data = DatasetSpec::Rules(rules.clone());
    spec.model.kind = ModelKind::Routed;
    (spec.model.rules.encoder, spec.model.rules.width) = (8, 16);
    (spec.router.algorithm, spec.router.policy) = (algorithm, policy);
    spec.reward = RewardSpec { last: FinalReward::NegativeLoss, ..RewardSpec::default() };
    spec.train.optimizer = OptimizerKind::Adam;
    spec.train.router_optimizer = OptimizerKind::Adam;
    spec.train.learning_rate = UPDATE.rate;
    spec.train.router_learning_rate = 0.01;
    spec
}

fn engine(spec: &RunSpec) -> Box<dyn Engine> {
    build(&spec.clone().check().expect("a good spec"), &Device::flex())
}

fn values(state: &EngineState, name: &str) -> Vec<f32> {
    let array = state.parameters.iter().find(|array| array.name == name);
    array.unwrap_or_else(|| panic!("no {name}")).values.clone()
}

/// A step of every algorithm, both policies and dispatchers; a run that goes on from a state is the
/// run that never stopped.
#[test]
fn every_algorithm_steps_and_restores_in_every_family() {
    for family in FAMILIES {
        for entry in ALGORITHMS.iter().filter(|entry| entry.kind != AlgorithmKind::Em) {
            for policy in [PolicyKind::Tabular, PolicyKind::Mlp] {
                let rules =
                    RulesSpec { context_missing: 0.3, ..rules(family, RuleTarget::Regression) };
                let mut spec = spec(&rules, entry.kind, policy);
                spec.router.dispatcher = match policy {
                    PolicyKind::Tabular => Dispatcher::Meta,
                    PolicyKind::Mlp => Dispatcher::Single,
                };
                spec.reward.collaboration = 0.3;
                let at = format!("{family:?} {} {policy:?}", entry.name);
                let mut first = engine(&spec);
                let fresh = first.state();
                let loss = first.step(&batch(&rules, 6, 0), &UPDATE);
                assert!(loss.is_finite(), "{at}: {loss}");
                assert_ne!(first.state().parameters, fresh.parameters, "{at}");
                let finite = |array: &pathweave::train::NamedArray| {
                    array.values.iter().all(|value| value.is_finite())
                };
                assert!(first.state().parameters.iter().all(finite), "{at}");

                let mut second = engine(&spec);
                second.restore(&first.state()).expect("its own state");
                for engine in [&mut first, &mut second] {
                    engine.step(&batch(&rules, 6, 1), &UPDATE);
                }
                assert_eq!(first.state(), second.state(), "{at}");

                let seen = batch(&rules, 5, 2);
                let mut prediction = Prediction::default();
                first.predict(&seen, &mut prediction);
                for row in prediction.activation.chunks_exact(2) {
                    assert!(row == [1.0, 0.0] || row == [0.0, 1.0], "{at}: {row:?}");
                }
                let mut again = Prediction::default();
                second.predict(&seen, &mut again);
                assert_eq!(prediction, again, "{at}");
            }
        }
    }
}

#[test]
fn the_full_gumbel_gate_and_composed_rules_work() {
    let rules = RulesSpec { depth: 2, ..rules(RuleFamily::Mlp, RuleTarget::Classification) };
    let mut spec = spec(&rules, AlgorithmKind::Gumbel, PolicyKind::Mlp);
    spec.router.gumbel.gate = GumbelGate::All;
    spec.reward.last = FinalReward::Correct;
    let mut engine = engine(&spec);
    assert!(engine.step(&batch(&rules, 6, 0), &UPDATE).is_finite());
    let mut prediction = Prediction::default();
    engine.predict(&batch(&rules, 6, 1), &mut prediction);
    assert_eq!((prediction.output.len(), prediction.activation.len()), (6, 6 * 2 * 2));
}

/// Modules and agents that nobody chose keep their parameters under an optimizer with momentum.
#[test]
fn modules_and_agents_without_rows_stay() {
    for (family, stacked) in [
        (RuleFamily::Mlp, "MLP.0.w"),
        (RuleFamily::Mha, "model.query_net.weight"),
        (RuleFamily::Rnn, "rnn.h2h.weight"),
    ] {
        let rules = rules(family, RuleTarget::Regression);
        let mut engine = engine(&spec(&rules, AlgorithmKind::Assigned, PolicyKind::Tabular));
        assert!(engine.step(&batch(&rules, 6, 0), &UPDATE).is_finite());
        let before = values(&engine.state(), stacked);
        let mut only = batch(&rules, 6, 1);
        only.context.fill(0);
        engine.step(&only, &UPDATE);
        let after = values(&engine.state(), stacked);
        let half = before.len() / 2;
        assert_ne!(after[..half], before[..half], "{family:?}: the module in use");
        assert_eq!(after[half..], before[half..], "{family:?}: the other");
    }
}

/// Two rules that no single module can serve: the router must tell them apart.
#[test]
fn hard_routed_perceptrons_learn_which_module_serves_which_rule() {
    for algorithm in [AlgorithmKind::QLearning, AlgorithmKind::Reinforce] {
        let rules = rules(RuleFamily::Mlp, RuleTarget::Regression);
        let mut spec = spec(&rules, algorithm, PolicyKind::Tabular);
        spec.exploration = Exploration::Constant { rate: 0.2 };
        let mut engine = engine(&spec);
        let losses: Vec<f64> =
            (0..400).map(|step| engine.step(&batch(&rules, 64, step), &UPDATE)).collect();
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
        let (first, last) = (mean(&losses[..10]), mean(&losses[390..]));
        assert!(last < 0.6 * first, "{algorithm:?}: {first} to {last}");
    }
}

#[test]
fn warm_ups_freeze_their_owner() {
    let rules = rules(RuleFamily::Mlp, RuleTarget::Regression);
    let mut spec = spec(&rules, AlgorithmKind::Reinforce, PolicyKind::Tabular);
    spec.train.freeze_router_epochs = 1;
    let mut engine = engine(&spec);
    let routers = |state: &EngineState| -> Vec<Vec<f32>> {
        let of_router = state.parameters.iter().filter(|array| array.name.starts_with("router"));
        of_router.map(|array| array.values.clone()).collect()
    };
    let fresh = routers(&engine.state());
    engine.step(&batch(&rules, 6, 0), &UPDATE);
    assert_eq!(routers(&engine.state()), fresh);
    engine.step(&batch(&rules, 6, 1), &Update { epoch: 1.0, ..UPDATE });
    assert_ne!(routers(&engine.state()), fresh);
}

#[test]
fn what_cannot_work_is_refused_at_once() {
    let rules = rules(RuleFamily::Mlp, RuleTarget::Regression);
    let mut spec = spec(&rules, AlgorithmKind::Em, PolicyKind::Tabular);
    spec.router.dispatcher = Dispatcher::KMeans;
    (spec.router.skip, spec.router.terminate) = (true, true);
    spec.reward.last = FinalReward::Correct;
    let faults = spec.check().expect_err("nothing of it works");
    let keys: Vec<&str> = faults.0.iter().map(|fault| fault.key.as_str()).collect();
    for key in
        ["router.algorithm", "router.dispatcher", "router.skip", "router.terminate", "reward.final"]
    {
        assert_eq!(keys.iter().filter(|found| **found == key).count(), 1, "{key}: {keys:?}");
    }
}

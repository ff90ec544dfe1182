//! The examples run, and end with what they promise; and a layer is the same layer whoever decides.

use burn::module::Module;
use pathweave::bank::Bank;
use pathweave::block::{Activation, BlockKind};
use pathweave::decision::{Decision, DecisionAlgorithm, QLearning};
use pathweave::dispatcher::Dispatcher;
use pathweave::init::Init;
use pathweave::noise::Noise;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::reward::{RewardSpec, Rewards};
use pathweave::routed_layer::{ExtraActions, RoutedLayer};
use pathweave::router::{Router, Sight, StateShape};
use pathweave::spec::{OptimizerKind, TrainSpec};
use pathweave::train::optimizer::{OptimizerState, step};
use pathweave::trajectory::{Mode, Rows, Seen};
use pathweave_data::Streams;

use crate::support::{bits, tape, tensor};

#[path = "../../examples/own_decision.rs"]
mod own_decision;
#[path = "../../examples/routed_layer.rs"]
mod routed_layer;

#[test]
fn a_routed_layer_learns_in_a_model_of_ones_own() {
    routed_layer::main();
}

#[test]
fn an_algorithm_of_ones_own_learns() {
    own_decision::main();
}

/// Bits of what a layer gives and chooses over some steps, and of its modules after them.
fn trained<D: DecisionAlgorithm>(of: impl Fn(&PolicyShape, &Init) -> D) -> Vec<Vec<u32>> {
    let (streams, device) = (Streams::new(3), tape());
    let init = Init::new(&streams, &device);
    let state = StateShape { activation: 2, contexts: 2, depths: 2 };
    let shape = PolicyShape {
        kind: PolicyKind::Mlp,
        agents: 2,
        slots: 2,
        state: state.width(),
        hidden: 4,
        actions: 4,
    };
    let (dispatcher, state) = (Dispatcher::Meta, Some(state));
    let sight = Sight { dispatcher, state, gradient_to_modules: false };
    let router = Router::new(vec![of(&shape, &init.at("router"))], sight);
    let bank = Bank::new(2, &[BlockKind::Linear], 2, 2, Activation::Relu, &init.at("bank"));
    let extra = ExtraActions { skip: true, terminate: true };
    let mut layer = RoutedLayer::new(router, vec![bank], 2, extra);
    let spec = TrainSpec { router_optimizer: OptimizerKind::Adam, ..TrainSpec::default() };
    let (mut state, mut out) = (OptimizerState::default(), Vec::new());
    let mut rewards = Rewards::new(RewardSpec { collaboration: 0.5, ..RewardSpec::default() });
    let rows = Rows { contexts: vec![0, 1, 1, 0, 1], samples: (0..5).collect() };
    for at in 0..6 {
        let noise = Noise::new(&streams, at);
        let x = tensor(&[0.1, -0.4, 0.9, 0.2, 0.3, 0.3, -0.8, 0.5, 0.6, 0.7], [5, 2], &device);
        let mode = Mode::Train { exploration: 0.5 };
        let (y, trajectory) = layer.forward(x, &rows, mode, &noise);
        out.push(bits(&y));
        out.extend(trajectory.steps.iter().map(|step| step.actions.clone()));
        let place = |depth| layer.router.index(depth);
        let right = [true, false, true, true, false];
        let returns = rewards.score(0.0, &trajectory, place, (&[1.0; 5], &right));
        let seen = Seen::of(&trajectory, &returns, 0.9);
        let loss = y.square().mean() + layer.router_loss(&trajectory, &seen).expect("Q").mean();
        let used = layer.used(&trajectory);
        rewards.remember(&trajectory, |depth| layer.router.index(depth));
        layer = step(layer, &mut loss.backward(), &spec, 1.0, &used, &mut state);
        layer.observe(&trajectory, &rows, &seen);
    }
    let Bank::Linear(bank) = layer.valid().bank(0).clone() else { unreachable!("a linear bank") };
    out.push(bits(&bank.weight.val()));
    out
}

#[test]
fn an_algorithm_by_itself_is_the_one_that_a_spec_names() {
    let alone = trained(QLearning::new);
    let named = trained(|shape, init| Decision::QLearning(QLearning::new(shape, init)));
    assert_eq!(alone, named);
}

//! Policies under their losses, mixtures, and a routed layer from end to end.

use burn::tensor::{Tensor, TensorData};
use pathweave::bank::{Bank, LinearBank};
use pathweave::block::{Activation, BlockKind};
use pathweave::decision::{
    AlgorithmKind, AlgorithmSettings, Baseline, Decision, DecisionAlgorithm, ReinforceSpec,
};
use pathweave::dispatcher::Dispatcher;
use pathweave::dispatcher::autoencoder::{Autoencoder, AutoencoderShape};
use pathweave::dispatcher::encoding::Target;
use pathweave::init::Init;
use pathweave::model::{CrossStitch, SoftMixture};
use pathweave::noise::Noise;
use pathweave::policy::{Policy, PolicyKind, PolicyShape};
use pathweave::routed_layer::{ExtraActions, RoutedLayer};
use pathweave::router::{Router, Sight, StateShape};
use pathweave::trajectory::{Choice, Heads, Mode, Rows, Seen, Site, Step, Trajectory};
use pathweave_data::Streams;

use super::differences::{check, device, draws, leaf, weighed, whole};

fn rows() -> Rows {
    Rows { contexts: vec![0, 1, 1, 0, 1], samples: (0..5).collect() }
}

fn numbers(values: &[f64]) -> Tensor<1> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), &device())
}

fn settings(baseline: Baseline) -> AlgorithmSettings {
    let reinforce = ReinforceSpec { baseline, ..ReinforceSpec::default() };
    AlgorithmSettings { reinforce, ..AlgorithmSettings::default() }
}

fn policy_shape(state: usize, actions: usize, agents: usize) -> PolicyShape {
    PolicyShape { kind: PolicyKind::Mlp, agents, slots: 1, state, hidden: 4, actions }
}

/// What a depth led to; the last row had ended before it.
fn seen(actions: &[i32]) -> Seen {
    Seen {
        choice: Choice::certain(whole(actions)),
        next_action: None,
        reward: draws("reward", [5]),
        returns: draws("returns", [5]),
        terminal: numbers(&[1.0; 5]),
        alive: numbers(&[1.0, 1.0, 1.0, 1.0, 0.0]),
        discount: 0.5,
    }
}

#[test]
fn perceptrons_through_every_loss() {
    let (streams, device, rows) = (Streams::new(6), device(), rows());
    let cases = [
        (AlgorithmKind::QLearning, Baseline::None),
        (AlgorithmKind::Reinforce, Baseline::None),
        (AlgorithmKind::Reinforce, Baseline::RunningMean),
        (AlgorithmKind::Em, Baseline::None),
    ];
    for (kind, baseline) in cases {
        let init = Init::new(&streams, &device);
        let shape = policy_shape(3, 3, 2);
        let decision = Decision::new(kind, &settings(baseline), &shape, 3, &init);
        check(&(leaf("state", [5, 3]), decision), |(state, decision)| {
            let agents = whole(&[0, 1, 1, 0, 1]);
            let site = Site { depth: 0, agents, state: Some(state.val()), rows: &rows };
            let seen = seen(&[2, 0, 1, 1, 0]);
            let loss = decision.loss(&decision.heads(&site), None, &seen).expect("a loss");
            (loss * seen.alive).sum()
        });
    }
}

fn forward(layer: &RoutedLayer, x: Tensor<2>, rows: &Rows) -> (Tensor<2>, Trajectory) {
    let streams = Streams::new(0);
    layer.forward(x, rows, Mode::Greedy, &Noise::new(&streams, 0))
}

/// Three depths; the sub-routers see activations through which their loss flows.
fn layer(blocks: &[BlockKind], shared: bool) -> RoutedLayer {
    let (streams, device) = (Streams::new(8), device());
    let init = Init::new(&streams, &device);
    let state = StateShape { activation: 4, contexts: 2, depths: 3 };
    let count = if shared { 1 } else { 3 };
    let extra = ExtraActions { skip: true, terminate: true };
    let sub_routers = (0..count)
        .map(|depth| {
            let (kind, shape) = (AlgorithmKind::Reinforce, policy_shape(state.width(), 5, 1));
            let init = init.at("router").at(depth);
            Decision::new(kind, &settings(Baseline::None), &shape, 3, &init)
        })
        .collect();
    let sight =
        Sight { dispatcher: Dispatcher::Single, state: Some(state), gradient_to_modules: true };
    let bank = |depth: usize| Bank::new(3, blocks, 4, 4, Activation::Tanh, &init.at(depth));
    let banks = (0..count).map(bank).collect();
    RoutedLayer::new(Router::new(sub_routers, sight), banks, 3, extra)
}

#[test]
fn a_routed_layer_from_end_to_end() {
    let rows = rows();
    for (blocks, shared) in [
        (&[BlockKind::Linear][..], false),
        (&[BlockKind::Mlp], true),
        (&[BlockKind::Linear, BlockKind::Identity, BlockKind::Mlp], false),
    ] {
        check(&(leaf("h", [5, 4]), layer(blocks, shared)), |(x, layer)| {
            let (y, trajectory) = forward(layer, x.val(), &rows);
            let seen: Vec<Seen> = trajectory
                .steps
                .iter()
                .map(|step| Seen { choice: step.choice.clone(), ..seen(&[0; 5]) })
                .collect();
            let router = layer.router_loss(&trajectory, &seen).expect("a router loss");
            weighed(y) + router.sum()
        });
    }
}

#[test]
fn a_soft_mixture_with_gates_that_see_activations() {
    let (streams, device, rows) = (Streams::new(8), device(), rows());
    let init = Init::new(&streams, &device);
    let state = StateShape { activation: 3, contexts: 2, depths: 2 };
    let sight =
        Sight { dispatcher: Dispatcher::Single, state: Some(state), gradient_to_modules: true };
    let gate = |depth| {
        let shape = policy_shape(state.width(), 2, 1);
        Policy::new(&shape, 2, &init.at("gate").at(depth))
    };
    let bank =
        |depth: usize| Bank::new(2, &[BlockKind::Linear], 3, 3, Activation::Tanh, &init.at(depth));
    let mixture = SoftMixture::new((0..2).map(gate).collect(), (0..2).map(bank).collect(), sight);
    check(&(leaf("h", [5, 3]), mixture), |(x, mixture)| weighed(mixture.forward(x.val(), &rows).0));
}

#[test]
fn a_cross_stitch_network() {
    let (streams, device, rows) = (Streams::new(8), device(), rows());
    let init = Init::new(&streams, &device);
    let bank = |l: usize| LinearBank::new(2, 3, 3, Activation::Tanh, &init.at(l));
    let network = CrossStitch::new((0..3).map(bank).collect(), 0.7, &init);
    check(&(leaf("h", [5, 3]), network), |(x, network)| weighed(network.forward(x.val(), &rows)));
}

#[test]
fn a_routed_bottleneck_autoencoder() {
    let (streams, device) = (Streams::new(8), device());
    let shape =
        AutoencoderShape { width: 3, target: Target::Seen, projected: 4, bottleneck: 2, agents: 2 };
    let autoencoder = Autoencoder::new(shape, 0.5, &Init::new(&streams, &device));
    check(&autoencoder, |autoencoder| {
        let agents = whole(&[0, 1, 1, 0, 1]);
        let step = Step {
            depth: 0,
            agents: agents.clone(),
            state: Some(draws("x", [5, 3])),
            heads: Heads { action: draws("heads", [5, 2]), critic: None },
            choice: Choice::certain(agents),
            actions: vec![0, 1, 1, 0, 1],
            alive: vec![true; 5],
        };
        weighed(autoencoder.loss(&step, None))
    });
}

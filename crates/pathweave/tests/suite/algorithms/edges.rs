//! Layers at the edges: no rows, one action, every row terminated at once.

use pathweave::bank::Bank;
use pathweave::block::{Activation, BlockKind};
use pathweave::decision::{ALGORITHMS, AlgorithmEntry, AlgorithmSettings, Decision};
use pathweave::dispatcher::Dispatcher;
use pathweave::init::Init;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::routed_layer::{ExtraActions, RoutedLayer};
use pathweave::router::{Router, Sight, StateShape};
use pathweave::trajectory::{Drive, Instead, Mode, Rows, Seen};
use pathweave_data::Streams;

use crate::support::{numbers, rows, seen, tape, tensor};

/// Everybody takes this action.
#[derive(Debug)]
struct All(u32);

impl Instead for All {
    fn actions(&self, _depth: usize, rows: &Rows, _greedy: &[u32]) -> Vec<u32> {
        vec![self.0; rows.len()]
    }
}

/// Two depths with a sub-router each.
fn layer(entry: &AlgorithmEntry, kind: PolicyKind, modules: usize, end: bool) -> RoutedLayer {
    let (streams, device) = (Streams::new(2), tape());
    let init = Init::new(&streams, &device);
    let extra = ExtraActions { skip: false, terminate: end };
    let state = StateShape { activation: 2, contexts: 2, depths: 2 };
    let actions = modules + extra.count();
    let shape = PolicyShape { kind, agents: 2, slots: 1, state: state.width(), hidden: 3, actions };
    let settings = AlgorithmSettings::default();
    let decision =
        |depth: usize| Decision::new(entry.kind, &settings, &shape, modules, &init.at(depth));
    let sight = Sight {
        dispatcher: Dispatcher::Meta,
        state: (kind == PolicyKind::Mlp).then_some(state),
        gradient_to_modules: false,
    };
    let bank = || Bank::new(modules, &[BlockKind::Linear], 2, 2, Activation::Tanh, &init);
    RoutedLayer::new(
        Router::new((0..2).map(decision).collect(), sight),
        vec![bank(), bank()],
        2,
        extra,
    )
}

/// Routes, learns and observes; returns the number of depths and every row's loss.
fn learn(layer: &mut RoutedLayer, contexts: &[u32], drive: Drive) -> (usize, Vec<f64>) {
    let (device, streams, rows) = (tape(), Streams::new(2), rows(contexts));
    let h: Vec<f64> = (0..2 * contexts.len()).map(|n| 0.3 * n as f64 - 0.2).collect();
    let h = tensor(&h, [contexts.len(), 2], &device);
    let noise = pathweave::noise::Noise::new(&streams, 0);
    let (_, trajectory) = layer.forward(h, &rows, drive, &noise);
    let reward: Vec<f64> = contexts.iter().map(|&context| 1.0 - f64::from(context)).collect();
    let seen: Vec<Seen> = (0..trajectory.steps.len())
        .map(|depth| {
            let step = &trajectory.steps[depth];
            let alive = crate::support::mask(&step.alive);
            let next = trajectory.steps.get(depth + 1);
            Seen {
                choice: step.choice.clone(),
                next_action: next.map(|next| next.choice.action.clone()),
                ..seen(&step.actions, &reward, &alive, &device)
            }
        })
        .collect();
    let mut losses = vec![0.0; contexts.len()];
    let first = layer.router_loss(&trajectory, &seen);
    let later = layer.router_loss_again(&trajectory, &rows, &seen);
    assert_eq!(layer.epochs() > 1, later.is_some());
    for loss in [first, later].into_iter().flatten() {
        assert_eq!(loss.dims(), [contexts.len()]);
        losses = numbers(&loss);
        if !contexts.is_empty() {
            loss.sum().backward();
        }
    }
    layer.observe(&trajectory, &rows, &seen);
    (trajectory.steps.len(), losses)
}

/// Every algorithm with every policy it works for.
fn all() -> impl Iterator<Item = (&'static AlgorithmEntry, PolicyKind)> {
    ALGORITHMS.iter().flat_map(|entry| {
        let kinds = [PolicyKind::Tabular, PolicyKind::Mlp].into_iter();
        kinds
            .filter(|&kind| kind == PolicyKind::Tabular || entry.approximated)
            .map(move |kind| (entry, kind))
    })
}

const EXPLORE: Drive<'static> = Drive::Own(Mode::Train { exploration: 0.5 });

#[test]
fn rows_that_all_terminate_at_depth_0_end_the_pass_and_learn() {
    for (entry, kind) in all() {
        let mut layer = layer(entry, kind, 2, true);
        let (depths, losses) = learn(&mut layer, &[0, 1, 0], Drive::Instead(&All(2)));
        assert_eq!(depths, 1, "{}", entry.name);
        assert!(losses.iter().all(|loss| loss.is_finite()), "{}: {losses:?}", entry.name);
    }
}

#[test]
fn no_rows_are_routed_through_every_depth() {
    for (entry, kind) in all() {
        let mut layer = layer(entry, kind, 2, true);
        assert_eq!(learn(&mut layer, &[], EXPLORE), (2, vec![]), "{}", entry.name);
    }
}

#[test]
fn one_action_leaves_nothing_to_choose() {
    for (entry, kind) in all() {
        let mut layer = layer(entry, kind, 1, false);
        for drive in [EXPLORE, Drive::Own(Mode::Greedy)] {
            let (depths, losses) = learn(&mut layer, &[1, 0], drive);
            assert_eq!(depths, 2, "{}", entry.name);
            assert!(losses.iter().all(|loss| loss.is_finite()), "{}: {losses:?}", entry.name);
        }
    }
}

//! Routers of every kind on trajectories worked out by hand.

use burn::module::Param;
use burn::tensor::Tensor;
use pathweave::bank::{Bank, LinearBank};
use pathweave::block::Activation;
use pathweave::decision::{
    AlgorithmKind, AlgorithmSettings, Decision, DecisionAlgorithm, QLearning,
};
use pathweave::dispatcher::Dispatcher;
use pathweave::init::Init;
use pathweave::noise::Noise;
use pathweave::policy::{Policy, PolicyKind, PolicyShape};
use pathweave::routed_layer::{ExtraActions, RoutedLayer};
use pathweave::router::{Router, Sight, StateShape};
use pathweave::trajectory::{Drive, Instead, Mode, Rows, Trajectory};
use pathweave_data::Streams;

use crate::support::{assert_close, bits, numbers, rows, seen, tape, tensor, vector};

const NONE: ExtraActions = ExtraActions { skip: false, terminate: false };
const SKIP: ExtraActions = ExtraActions { skip: true, terminate: false };
const END: ExtraActions = ExtraActions { skip: false, terminate: true };
const BOTH: ExtraActions = ExtraActions { skip: true, terminate: true };
/// Actions of banks with two modules: h + 1, 2h, then the extra ones in their order.
const ADD: u32 = 0;
const DOUBLE: u32 = 1;

/// A table whose greedy action in each of its rows (slot by slot, agent by agent) is given.
fn table(agents: usize, slots: usize, actions: usize, greedy: &[u32]) -> Decision {
    let kind = PolicyKind::Tabular;
    let shape = PolicyShape { kind, agents, slots, state: 0, hidden: 1, actions };
    let mut decision = QLearning::new(&shape, &Init::new(&Streams::new(0), &tape()));
    let mut values = vec![0.0; greedy.len() * actions];
    for (row, &action) in greedy.iter().enumerate() {
        values[row * actions + action as usize] = 1.0;
    }
    let Policy::Tabular(policy) = &mut decision.policy else { panic!("a table was asked for") };
    let value = tensor(&values, [agents * slots, actions], &tape());
    policy.table = policy.table.clone().map(|_| value.require_grad());
    Decision::QLearning(decision)
}

/// Two modules on rows of two numbers: h + 1 and 2h.
fn bank() -> Bank {
    let weight = tensor(&[1.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 2.0], [2, 2, 2], &tape());
    let bias = tensor(&[1.0, 1.0, 0.0, 0.0], [2, 2], &tape());
    Bank::Linear(LinearBank {
        weight: Param::from_tensor(weight),
        bias: Param::from_tensor(bias),
        activation: Activation::Identity,
    })
}

fn router(tables: Vec<Decision>, dispatcher: Dispatcher) -> Router {
    Router::new(tables, Sight { dispatcher, state: None, gradient_to_modules: false })
}

fn forward(layer: &RoutedLayer, h: &[f64], rows: &Rows) -> (Vec<f64>, Trajectory) {
    let (streams, h) = (Streams::new(0), tensor(h, [rows.len(), 2], &tape()));
    let (h, trajectory) = layer.forward(h, rows, Mode::Greedy, &Noise::new(&streams, 0));
    (numbers(&h), trajectory)
}

fn alive(trajectory: &Trajectory) -> Vec<Vec<bool>> {
    trajectory.steps.iter().map(|step| step.alive.clone()).collect()
}

#[test]
fn one_sub_router_recurses_until_it_ends_or_meets_the_depth_limit() {
    const STOP: u32 = 2;
    // Slot by slot, the greedy actions of agents 0, 1, 2.
    let greedy = [[ADD, ADD, STOP], [STOP, DOUBLE, ADD], [ADD, DOUBLE, ADD], [ADD, ADD, ADD]];
    let sub_router = table(3, 4, 3, greedy.as_flattened());
    let layer = RoutedLayer::new(router(vec![sub_router], Dispatcher::Meta), vec![bank()], 4, END);
    let place = rows(&[0, 1, 2, 0]);
    let (h, trajectory) = forward(&layer, &[3.0, 0.5, 3.0, 0.5, 3.0, 0.5, -1.0, 0.0], &place);
    assert_eq!(h, [4.0, 1.5, 17.0, 7.0, 3.0, 0.5, 0.0, 1.0]);
    assert_eq!(trajectory.lengths(), [2, 4, 1, 2]);
    assert_eq!(trajectory.agents, [0, 1, 2, 0]);
    assert_eq!(trajectory.steps[0].actions, [ADD, ADD, STOP, ADD]);
    let (t, f) = (true, false);
    assert_eq!(alive(&trajectory), [[t; 4], [t, t, f, t], [f, t, f, f], [f, t, f, f]]);
}

#[test]
fn ends_early_where_every_row_has_terminated() {
    let sub_router = table(2, 5, 3, &[0, 2, 2, 2, 0, 0, 0, 0, 0, 0]);
    let layer = RoutedLayer::new(router(vec![sub_router], Dispatcher::Meta), vec![bank()], 5, END);
    let (h, trajectory) = forward(&layer, &[1.0, 2.0, 1.0, 2.0], &rows(&[0, 1]));
    assert_eq!(h, [2.0, 3.0, 1.0, 2.0]);
    assert_eq!(trajectory.steps.len(), 2);
    assert_eq!(trajectory.lengths(), [2, 1]);
}

#[test]
fn a_sub_router_a_depth_with_skip_and_end() {
    const PASS: u32 = 2;
    const STOP: u32 = 3;
    let tables = vec![
        table(3, 1, 4, &[PASS, DOUBLE, ADD]),
        table(3, 1, 4, &[ADD, STOP, DOUBLE]),
        table(3, 1, 4, &[PASS, ADD, STOP]),
    ];
    let banks = vec![bank(), bank(), bank()];
    let layer = RoutedLayer::new(router(tables, Dispatcher::Meta), banks, 3, BOTH);
    let (h, trajectory) = forward(&layer, &[5.0, 1.0, 5.0, 1.0, 5.0, 1.0], &rows(&[0, 1, 2]));
    assert_eq!(h, [6.0, 2.0, 10.0, 2.0, 12.0, 4.0]);
    assert_eq!(trajectory.lengths(), [3, 2, 3]);
}

#[test]
fn an_agent_for_each_task_and_depth() {
    let tables = vec![table(2, 1, 2, &[ADD, DOUBLE]), table(2, 1, 2, &[DOUBLE, ADD])];
    let layer = RoutedLayer::new(router(tables, Dispatcher::Meta), vec![bank(), bank()], 2, NONE);
    let (h, trajectory) = forward(&layer, &[1.0, 3.0, 1.0, 3.0], &rows(&[0, 1]));
    assert_eq!(h, [4.0, 8.0, 3.0, 7.0]);
    assert_eq!(trajectory.lengths(), [2, 2]);
}

#[test]
fn one_agent_decides_for_every_context() {
    let layer = RoutedLayer::new(
        router(vec![table(1, 1, 2, &[DOUBLE])], Dispatcher::Single),
        vec![bank()],
        1,
        NONE,
    );
    let (h, trajectory) = forward(&layer, &[1.0, 3.0, 2.0, 4.0], &rows(&[0, 7]));
    assert_eq!(h, [2.0, 6.0, 4.0, 8.0]);
    assert_eq!(trajectory.agents, [0, 0]);
}

#[test]
fn recurrent_routing_with_skip_uses_one_bank_at_each_depth() {
    const PASS: u32 = 2;
    let greedy = [[PASS, ADD], [DOUBLE, PASS], [ADD, ADD]];
    let tables = greedy.iter().map(|greedy| table(2, 1, 3, greedy)).collect();
    let layer = RoutedLayer::new(router(tables, Dispatcher::Meta), vec![bank()], 3, SKIP);
    let (h, trajectory) = forward(&layer, &[1.0, 3.0, 1.0, 3.0], &rows(&[0, 1]));
    assert_eq!(h, [3.0, 7.0, 3.0, 5.0]);
    assert_eq!(trajectory.lengths(), [3, 3]);
}

#[test]
fn rows_that_ended_keep_their_activation_to_the_bit() {
    let sub_router = table(2, 3, 3, &[2, ADD, ADD, ADD, ADD, ADD]);
    let layer = RoutedLayer::new(router(vec![sub_router], Dispatcher::Meta), vec![bank()], 3, END);
    let odd = [f64::from(f32::MIN_POSITIVE) / 8.0, -0.0, 1.0, 1.0, f64::NAN, f64::INFINITY];
    let h = tensor(&odd, [3, 2], &tape());
    let (streams, place) = (Streams::new(0), rows(&[0, 1, 0]));
    let (out, _) = layer.forward(h.clone(), &place, Mode::Greedy, &Noise::new(&streams, 0));
    let (before, after) = (bits(&h), bits(&out));
    assert_eq!([&after[..2], &after[4..]], [&before[..2], &before[4..]]);
    assert_eq!(&numbers(&out)[2..4], [4.0, 4.0]);
}

#[test]
fn no_rows_come_out_with_the_width_of_the_last_bank() {
    let streams = Streams::new(0);
    let device = tape();
    let init = Init::new(&streams, &device);
    let wide = Bank::Linear(LinearBank::new(2, 2, 5, Activation::Relu, &init));
    let layer = RoutedLayer::new(
        router(vec![table(1, 1, 2, &[ADD])], Dispatcher::Single),
        vec![wide],
        1,
        NONE,
    );
    let empty = Tensor::zeros([0, 2], &tape());
    for mode in [Mode::Greedy, Mode::Train { exploration: 0.5 }] {
        let noise = Noise::new(&streams, 0);
        let (h, trajectory) = layer.forward(empty.clone(), &rows(&[]), mode, &noise);
        assert_eq!(h.dims(), [0, 5]);
        assert!(trajectory.lengths().is_empty());
    }
}

/// Sends every row to the same action.
#[derive(Debug)]
struct Always(u32);

impl Instead for Always {
    fn actions(&self, _depth: usize, rows: &Rows, _greedy: &[u32]) -> Vec<u32> {
        vec![self.0; rows.len()]
    }
}

#[test]
fn an_action_outside_the_bank_leaves_its_rows_as_they_are() {
    for (extra, action) in [(NONE, 2), (NONE, 1_000_000), (BOTH, 4)] {
        let tables = vec![table(2, 2, 2 + extra.count(), &[ADD; 4])];
        let layer = RoutedLayer::new(router(tables, Dispatcher::Meta), vec![bank()], 2, extra);
        let (streams, h) = (Streams::new(0), tensor(&[1.0, 2.0, 3.0, 4.0], [2, 2], &tape()));
        let always = Always(action);
        let noise = Noise::new(&streams, 0);
        let (out, trajectory) =
            layer.forward(h.clone(), &rows(&[0, 1]), Drive::Instead(&always), &noise);
        assert_eq!(bits(&out), bits(&h));
        // Such an action is no ⊥: the rows go on, and no module counts as used.
        assert_eq!(trajectory.lengths(), [2, 2]);
        let used = layer.used(&trajectory);
        let Bank::Linear(bank) = layer.bank(0) else { panic!("a linear bank") };
        assert_eq!(used[&bank.weight.id], [false, false]);
    }
}

#[test]
fn a_depth_limit_of_0_decides_nothing() {
    let layer = RoutedLayer::new(
        router(vec![table(2, 1, 2, &[ADD, ADD])], Dispatcher::Meta),
        vec![bank()],
        0,
        NONE,
    );
    let (h, trajectory) = forward(&layer, &[1.0, 2.0, 3.0, 4.0], &rows(&[0, 1]));
    assert_eq!(h, [1.0, 2.0, 3.0, 4.0]);
    assert!(trajectory.steps.is_empty());
    assert_eq!(trajectory.lengths(), [0, 0]);
    assert!(layer.router_loss(&trajectory, &[]).is_none() && layer.used(&trajectory).is_empty());
}

#[test]
fn a_state_is_the_padded_activation_then_context_then_depth() {
    let sight = |contexts| Sight {
        dispatcher: Dispatcher::Meta,
        state: Some(StateShape { activation: 4, contexts, depths: 3 }),
        gradient_to_modules: false,
    };
    let place = rows(&[1, 0]);
    let h = tensor(&[0.5, -2.0, 3.0, 4.0], [2, 2], &tape());
    let agents = crate::support::whole(&[1, 0], &tape());
    let state = |contexts, depth| {
        let site = sight(contexts).site(depth, agents.clone(), &place, &h);
        numbers(&site.state.expect("a state"))
    };
    let wanted = [
        [0.5, -2.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0],
        [3.0, 4.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
    ];
    assert_eq!(state(2, 2), wanted.as_flattened());
    // Without the context only activation and depth are seen.
    let wanted = [[0.5, -2.0, 0.0, 0.0, 1.0, 0.0, 0.0], [3.0, 4.0, 0.0, 0.0, 1.0, 0.0, 0.0]];
    assert_eq!(state(0, 0), wanted.as_flattened());
    let table = Sight { state: None, ..sight(2) };
    assert!(table.site(0, agents.clone(), &place, &h).state.is_none());
}

#[test]
fn the_router_loss_reaches_the_modules_only_where_asked() {
    for (gradient_to_modules, reaches) in [(false, false), (true, true)] {
        let (streams, device) = (Streams::new(1), tape());
        let init = Init::new(&streams, &device);
        let state = StateShape { activation: 2, contexts: 0, depths: 2 };
        let shape = PolicyShape {
            kind: PolicyKind::Mlp,
            agents: 1,
            slots: 1,
            state: state.width(),
            hidden: 6,
            actions: 2,
        };
        let settings = AlgorithmSettings::default();
        let decision = |depth: usize| {
            Decision::new(AlgorithmKind::Reinforce, &settings, &shape, 2, &init.at(depth))
        };
        let sight =
            Sight { dispatcher: Dispatcher::Single, state: Some(state), gradient_to_modules };
        let banks = vec![bank(), bank()];
        let layer =
            RoutedLayer::new(Router::new((0..2).map(decision).collect(), sight), banks, 2, NONE);
        let h = tensor(&[0.4, 0.2, -0.3, 0.9], [2, 2], &device).require_grad();
        let noise = Noise::new(&streams, 0);
        let (_, trajectory) = layer.forward(h.clone(), &rows(&[0, 0]), Mode::Greedy, &noise);
        let seen: Vec<_> = trajectory
            .steps
            .iter()
            .map(|step| seen(&step.actions, &[1.0, -0.5], &[1.0; 2], &device))
            .collect();
        let gradients = layer.router_loss(&trajectory, &seen).expect("a loss").sum().backward();
        let moved = |gradient: Option<Vec<f64>>| {
            gradient.is_some_and(|gradient| gradient.iter().any(|&g| g != 0.0))
        };
        assert_eq!(moved(h.grad(&gradients).map(|g| numbers(&g))), reaches);
        let Bank::Linear(first) = layer.bank(0) else { panic!("a linear bank") };
        assert_eq!(moved(first.weight.val().grad(&gradients).map(|g| numbers(&g))), reaches);
    }
}

#[test]
fn a_row_is_charged_for_its_own_decisions_only() {
    let sub_router = table(2, 2, 3, &[2, ADD, ADD, ADD]);
    let layer = RoutedLayer::new(router(vec![sub_router], Dispatcher::Meta), vec![bank()], 2, END);
    let (_, trajectory) = forward(&layer, &[1.0, 1.0, 1.0, 1.0], &rows(&[0, 1]));
    let device = tape();
    let mut first = seen(&[2, ADD], &[3.0, 0.5], &[1.0, 1.0], &device);
    first.terminal = vector(&[1.0, 0.0], &device);
    let second = seen(&[ADD, ADD], &[90.0, 2.0], &[0.0, 1.0], &device);
    let loss = layer.router_loss(&trajectory, &[first, second]).expect("a loss");
    // Q = 1 everywhere greedy: (1 − 3)², and (1 − (0.5 + 1))² + (1 − 2)².
    assert_close(&numbers(&loss), &[4.0, 0.25 + 1.0], 1e-6);
}

#[test]
fn tables_learn_nothing_of_sites_that_nobody_visited() {
    let streams = Streams::new(0);
    let shape = PolicyShape {
        kind: PolicyKind::Tabular,
        agents: 3,
        slots: 1,
        state: 0,
        hidden: 1,
        actions: 3,
    };
    let settings = AlgorithmSettings::default();
    let device = tape();
    let init = Init::new(&streams, &device);
    let mut decision = Decision::new(AlgorithmKind::Wpl, &settings, &shape, 3, &init);
    let place = rows(&[0, 2]);
    let site = crate::support::site(0, &place, &tape());
    decision.observe(&site, &seen(&[0, 1], &[1.0, -1.0], &[1.0; 2], &tape()));
    let heads = decision.heads(&crate::support::site(0, &rows(&[0, 1, 2]), &tape()));
    let table = numbers(&heads.action);
    let third = f64::from(1.0f32 / 3.0);
    assert_eq!(table[3..6], [third; 3]);
    assert!(table[0] > third && table[7] < third);
}

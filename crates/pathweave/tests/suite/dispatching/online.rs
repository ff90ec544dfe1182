//! Dispatchers that learn from returns.

use burn::tensor::Tensor;
use pathweave::decision::AlgorithmKind;
use pathweave::dispatcher::online::{Online, gated};
use pathweave::noise::Noise;
use pathweave::spec::TrainSpec;
use pathweave::train::optimizer::{self, OptimizerState, Used};
use pathweave::trajectory::{Choice, Drive, Gate, Instead, Mode, Rows};
use pathweave_data::Streams;

use super::{layer, online};
use crate::support::{Draw, assert_close, numbers, rows, tape, tensor, vector, whole};

const TRAIN: Mode = Mode::Train { exploration: 0.3 };

/// Rows of two kinds, told by the sign of their first number; contexts tell nothing.
fn two_kinds(count: usize, seed: u64) -> (Vec<u32>, Tensor<2>) {
    let mut draw = Draw::new(seed);
    let (kinds, noise) = (draw.below(2, count), draw.signed(count));
    let pairs = kinds.iter().zip(&noise);
    let values: Vec<f64> = pairs.flat_map(|(&kind, &n)| [2.0 * f64::from(kind) - 1.0, n]).collect();
    (kinds, tensor(&values, [count, 2], &tape()))
}

/// The share of fresh rows that go to the agent of their kind, after training on rewards.
fn learns(kind: AlgorithmKind) -> f64 {
    let streams = Streams::new(2);
    let mut dispatcher = online(kind, 2, 2, None);
    let train = TrainSpec { learning_rate: 0.2, ..TrainSpec::default() };
    let mut state = OptimizerState::default();
    let place = rows(&[0; 32]);
    for step in 0..200 {
        let (kinds, h) = two_kinds(32, step);
        let noise = Noise::new(&streams, step);
        let (agents, decision) = dispatcher.dispatch(&h, &place, TRAIN, &noise, 2);
        let decision = decision.expect("it decides");
        let right = agents.iter().zip(&kinds).map(|(agent, kind)| agent == kind);
        let returns: Vec<f32> = right.map(|right| if right { 1.0 } else { -1.0 }).collect();
        let lesson = dispatcher.lesson(&decision, None, &returns, 1.0);
        let mut gradients = lesson.loss.expect("a loss").mean().backward();
        let used = Used::new();
        dispatcher = optimizer::step(dispatcher, &mut gradients, &train, 1.0, &used, &mut state);
        dispatcher.observe(&decision, &place, &lesson.seen);
    }
    let (kinds, h) = two_kinds(32, 999);
    let noise = Noise::new(&streams, 0);
    let (agents, _) = dispatcher.dispatch(&h, &place, Mode::Greedy, &noise, 2);
    agents.iter().zip(&kinds).filter(|(agent, kind)| agent == kind).count() as f64 / 32.0
}

#[test]
fn kinds_of_rows_go_to_the_agents_that_pay() {
    for kind in [AlgorithmKind::QLearning, AlgorithmKind::Reinforce] {
        assert_eq!(learns(kind), 1.0, "{kind:?}");
    }
}

#[test]
fn a_lesson_is_the_algorithms_loss_on_the_return() {
    let dispatcher = online(AlgorithmKind::QLearning, 2, 3, None);
    let (_, h) = two_kinds(5, 1);
    let streams = Streams::new(0);
    let noise = Noise::new(&streams, 3);
    let (agents, step) = dispatcher.dispatch(&h, &rows(&[0; 5]), TRAIN, &noise, 2);
    let step = step.expect("it decides");
    let returns = [1.0, -1.0, 0.5, 0.25, 2.0];
    let lesson = dispatcher.lesson(&step, None, &returns, 0.3);
    let q = numbers(&step.heads.action);
    let wanted: Vec<f64> = (0..5)
        .map(|row| (q[row * 3 + agents[row] as usize] - f64::from(returns[row])).powi(2))
        .collect();
    assert_close(&numbers(&lesson.loss.expect("a loss")), &wanted, 1e-6);
    assert_eq!(numbers(&lesson.seen.terminal), [1.0; 5]);
}

/// Sends every row to module 1.
#[derive(Debug)]
struct One;

impl Instead for One {
    fn actions(&self, depth: usize, _rows: &Rows, greedy: &[u32]) -> Vec<u32> {
        assert!(depth < 2, "the dispatcher is not asked");
        vec![1; greedy.len()]
    }
}

#[test]
fn its_decision_is_a_step_of_its_own_and_names_the_agents() {
    let layer = layer(online(AlgorithmKind::Reinforce, 2, 3, None), 2, 3);
    let (streams, place) = (Streams::new(0), rows(&[5; 16]));
    let (_, h) = two_kinds(16, 3);
    let noise = Noise::new(&streams, 0);
    let run = |drive: Drive| layer.forward(h.clone(), &place, drive, &noise).1;
    let trained = run(TRAIN.into());
    let step = trained.dispatch.as_ref().expect("a decision");
    assert_eq!((step.depth, &step.actions), (2, &trained.agents));
    assert_eq!((step.alive.clone(), trained.lengths()), (vec![true; 16], vec![2; 16]));
    assert!(trained.agents.iter().any(|&agent| agent != trained.agents[0]), "it explores");
    let greedy = run(Mode::Greedy.into());
    let replaced = run(Drive::Instead(&One));
    assert_eq!(greedy.agents, replaced.agents);
    assert!(replaced.steps.iter().all(|step| step.actions == [1; 16]));
    let alone = run(Drive::Dispatcher(TRAIN));
    assert_eq!(alone.agents, trained.agents);
    for step in &alone.steps {
        assert!(numbers(&step.choice.exploratory.clone().float()).iter().all(|&flag| flag == 0.0));
    }
}

#[test]
fn contexts_decide_until_it_takes_over() {
    let decision = online(AlgorithmKind::Reinforce, 2, 3, None).decision;
    let (streams, device) = (Streams::new(0), tape());
    let init = pathweave::init::Init::new(&streams, &device);
    let mut dispatcher = Online::new(decision, None, 3, false, &init);
    let (_, h) = two_kinds(5, 3);
    let (place, noise) = (rows(&[0, 1, 2, 3, 7]), Noise::new(&streams, 0));
    let (agents, step) = dispatcher.dispatch(&h, &place, TRAIN, &noise, 1);
    assert!(step.is_none());
    assert_eq!(agents, [0, 1, 2, 0, 1]);
    dispatcher.take_over();
    assert!(dispatcher.dispatch(&h, &place, TRAIN, &noise, 1).1.is_some());
}

#[test]
fn no_rows_and_one_agent() {
    let layer = layer(online(AlgorithmKind::QLearning, 2, 1, None), 2, 1);
    let streams = Streams::new(0);
    let noise = Noise::new(&streams, 0);
    let (h, trajectory) = layer.forward(Tensor::zeros([0, 2], &tape()), &rows(&[]), TRAIN, &noise);
    assert_eq!((h.dims(), trajectory.agents.len()), ([0, 2], 0));
    let (_, h) = two_kinds(4, 0);
    assert_eq!(layer.forward(h, &rows(&[0; 4]), TRAIN, &noise).1.agents, [0; 4]);
}

#[test]
fn gates_multiply_what_the_agents_composed() {
    let device = tape();
    let h = tensor(&[1.0, 2.0, 3.0, 4.0], [2, 2], &device);
    let with = |gate| Choice { gate, ..Choice::certain(whole(&[1, 0], &device)) };
    assert_eq!(numbers(&gated(h.clone(), &with(None))), [1.0, 2.0, 3.0, 4.0]);
    let chosen = Gate::Chosen(vector(&[2.0, 0.5], &device));
    assert_eq!(numbers(&gated(h.clone(), &with(Some(chosen)))), [2.0, 4.0, 1.5, 2.0]);
    let all = Gate::All(tensor(&[7.0, 2.0, 0.5, 9.0], [2, 2], &device));
    assert_eq!(numbers(&gated(h, &with(Some(all)))), [2.0, 4.0, 1.5, 2.0]);
}

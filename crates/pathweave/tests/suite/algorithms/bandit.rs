//! Every trained algorithm finds the best of three arms in each of two contexts.

use pathweave::decision::{
    AlgorithmEntry, AlgorithmSettings, Baseline, Decision, DecisionAlgorithm, EpsilonReinforceSpec,
    ReinforceSpec, WplSpec,
};
use pathweave::init::Init;
use pathweave::noise::Noise;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::spec::TrainSpec;
use pathweave::train::optimizer::{self, OptimizerState, Used};
use pathweave::trajectory::{Mode, Rows, Site};
use pathweave_data::Streams;

use super::trained;
use crate::support::{rows, seen, tape, tensor, whole, wholes};

/// Best arm of each context.
const BEST: [u32; 2] = [2, 0];

fn contexts() -> Rows {
    rows(&(0..32).map(|row| row % 2).collect::<Vec<_>>())
}

/// Agents by context for tables; one agent that sees the context's one-hot for perceptrons.
fn place(kind: PolicyKind, rows: &Rows) -> Site<'_> {
    let device = tape();
    let hot = |&context: &u32| [f64::from(u8::from(context == 0)), f64::from(context)];
    let hot: Vec<f64> = rows.contexts.iter().flat_map(hot).collect();
    match kind {
        PolicyKind::Tabular => crate::support::site(0, rows, &device),
        PolicyKind::Mlp => Site {
            depth: 0,
            agents: whole(&vec![0; rows.len()], &device),
            state: Some(tensor(&hot, [rows.len(), 2], &device)),
            rows,
        },
    }
}

/// Plays 300 batches and returns the greedy arms of the two contexts.
fn play(entry: &AlgorithmEntry, settings: &AlgorithmSettings, kind: PolicyKind) -> Vec<u32> {
    let (device, streams) = (tape(), Streams::new(5));
    let agents = if kind == PolicyKind::Tabular { 2 } else { 1 };
    let shape = PolicyShape { kind, agents, slots: 1, state: 2, hidden: 8, actions: 3 };
    let mut decision =
        Decision::new(entry.kind, settings, &shape, 3, &Init::new(&streams, &device));
    let train = TrainSpec { learning_rate: 0.2, ..TrainSpec::default() };
    let (rows, mut state) = (contexts(), OptimizerState::default());
    for step in 0..300 {
        let site = place(kind, &rows);
        let heads = decision.heads(&site);
        let mode = Mode::Train { exploration: 0.3 };
        let choice = decision.choose(&heads, &site, mode, &Noise::new(&streams, step));
        let actions = wholes(&choice.action);
        let reward = |(&action, &context): (&u32, &u32)| {
            if action == BEST[context as usize] { 1.0 } else { -1.0 }
        };
        let rewards: Vec<f64> = actions.iter().zip(&rows.contexts).map(reward).collect();
        let seen = seen(&actions, &rewards, &[1.0; 32], &device);
        if let Some(loss) = decision.loss(&heads, None, &seen) {
            let mut gradients = loss.mean().backward();
            let used = Used::new();
            decision = optimizer::step(decision, &mut gradients, &train, 1.0, &used, &mut state);
        }
        decision.observe(&site, &seen);
    }
    let (site, noise) = (place(kind, &rows), Noise::new(&streams, 0));
    let heads = decision.heads(&site);
    wholes(&decision.choose(&heads, &site, Mode::Greedy, &noise).action)[..2].to_vec()
}

#[test]
fn tables_find_the_best_arm_of_each_context() {
    let wpl = WplSpec { rate: 0.05, ..WplSpec::default() };
    let settings = AlgorithmSettings { wpl, ..AlgorithmSettings::default() };
    for entry in trained() {
        let found = play(entry, &settings, PolicyKind::Tabular);
        assert_eq!(found, BEST, "{}", entry.name);
    }
}

#[test]
fn perceptrons_find_the_best_arm_of_each_context() {
    for entry in trained().filter(|entry| entry.approximated) {
        let found = play(entry, &AlgorithmSettings::default(), PolicyKind::Mlp);
        assert_eq!(found, BEST, "{}", entry.name);
    }
}

#[test]
fn reinforce_finds_them_with_every_baseline() {
    let find = |name| super::ALGORITHMS.iter().find(|entry| entry.name == name);
    let (reinforce, epsilon_greedy) = (find("reinforce"), find("epsilon_reinforce"));
    for baseline in [Baseline::None, Baseline::RunningMean, Baseline::Value] {
        let reinforce_spec = ReinforceSpec { baseline, ..ReinforceSpec::default() };
        let epsilon_reinforce = EpsilonReinforceSpec { baseline, ..Default::default() };
        let settings = AlgorithmSettings {
            reinforce: reinforce_spec,
            epsilon_reinforce,
            ..AlgorithmSettings::default()
        };
        for kind in [PolicyKind::Tabular, PolicyKind::Mlp] {
            for entry in [reinforce, epsilon_greedy] {
                let found = play(entry.expect("an entry"), &settings, kind);
                assert_eq!(found, BEST, "{baseline:?} {kind:?}");
            }
        }
    }
}

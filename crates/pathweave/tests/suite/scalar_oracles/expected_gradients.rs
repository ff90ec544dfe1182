//! Policy gradients in expectation: every action enumerated, weighed by the probability that the
//! algorithm draws it with, against the exact gradient of J = Σ_a π(a) R(a).

use pathweave::decision::{
    AdvantageActorCriticSpec, AlgorithmKind, AlgorithmSettings, Baseline, Decision,
    DecisionAlgorithm, EpsilonReinforceSpec, PpoSpec, ReinforceSpec,
};
use pathweave::init::Init;
use pathweave::noise::Noise;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::trajectory::{Choice, Heads, Mode};
use pathweave_data::Streams;
use proptest::prelude::*;

use super::losses::{gradient, log_softmax};
use crate::support::{Draw, assert_close, numbers, rows, seen, site, tape, tensor, vector, wholes};

/// The probability of each action under the algorithm's own draws, as its choices tell it: enough
/// rows choose from the same logits for every action to come up.
fn told(decision: &Decision, logits: &[f64], epsilon: f32) -> Vec<Option<f64>> {
    const ROWS: usize = 1000;
    let (device, streams, rows) = (tape(), Streams::new(1), rows(&[0; ROWS]));
    let action = tensor::<2>(logits, [1, logits.len()], &device).expand([ROWS, logits.len()]);
    let mode = Mode::Train { exploration: epsilon };
    let noise = Noise::new(&streams, 0);
    let heads = Heads { action, critic: None };
    let choice = decision.choose(&heads, &site(0, &rows, &device), mode, &noise);
    let mut told = vec![None; logits.len()];
    for (action, p) in wholes(&choice.action).into_iter().zip(numbers(&choice.probability)) {
        told[action as usize] = Some(p);
    }
    told
}

/// The sum over actions of probability times gradient, an action a row.
fn expected(decision: &Decision, logits: &[f64], rewards: &[f64], epsilon: f32) -> Vec<f64> {
    let (device, actions) = (tape(), logits.len());
    let probability: Vec<f64> = told(decision, logits, epsilon)
        .into_iter()
        .map(|p| p.expect("every action is drawn once in 1000"))
        .collect();
    assert_close(&[probability.iter().sum()], &[1.0], 1e-5);
    let repeated: Vec<f64> = (0..actions).flat_map(|_| logits.to_vec()).collect();
    let head = tensor::<2>(&repeated, [actions, actions], &device).require_grad();
    let heads = Heads { action: head.clone(), critic: Some(vector(&vec![0.4; actions], &device)) };
    let chosen: Vec<u32> = (0..actions as u32).collect();
    let seen = seen(&chosen, rewards, &vec![1.0; actions], &device);
    let choice = Choice { probability: vector(&probability, &device), ..seen.choice.clone() };
    let seen = pathweave::trajectory::Seen { choice, ..seen };
    let loss = decision.loss(&heads, None, &seen).expect("a loss");
    let gradients = (loss * vector(&probability, &device)).sum().backward();
    let slope = gradient(&gradients, &head);
    (0..actions).map(|z| (0..actions).map(|row| slope[row * actions + z]).sum()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// −∂J/∂z_i = −π_i (R_i − J), whatever the baseline and whoever draws.
    #[test]
    fn expected_gradients_are_exact(actions in 2usize..5, epsilon in 0.6f32..1.0, seed: u64) {
        let mut draw = Draw::new(seed);
        let (logits, rewards) = (draw.signed(actions), draw.signed(actions));
        let pi: Vec<f64> = (0..actions).map(|a| log_softmax(&logits, a).exp()).collect();
        let value: f64 = pi.iter().zip(&rewards).map(|(pi, reward)| pi * reward).sum();
        let exact: Vec<f64> =
            pi.iter().zip(&rewards).map(|(pi, reward)| -pi * (reward - value)).collect();
        for baseline in [Baseline::None, Baseline::RunningMean, Baseline::Value] {
            let settings = AlgorithmSettings {
                reinforce: ReinforceSpec { baseline, ..ReinforceSpec::default() },
                epsilon_reinforce: EpsilonReinforceSpec { baseline, ..Default::default() },
                advantage_actor_critic: AdvantageActorCriticSpec::default(),
                ppo: PpoSpec::default(),
                ..AlgorithmSettings::default()
            };
            for kind in [
                AlgorithmKind::Reinforce,
                AlgorithmKind::EpsilonReinforce,
                AlgorithmKind::AdvantageActorCritic,
                AlgorithmKind::Ppo,
            ] {
                let (streams, device) = (Streams::new(0), tape());
                let policy = PolicyKind::Tabular;
                let shape =
                    PolicyShape { kind: policy, agents: 1, slots: 1, state: 0, hidden: 1, actions };
                let init = Init::new(&streams, &device);
                let decision = Decision::new(kind, &settings, &shape, actions, &init);
                assert_close(&expected(&decision, &logits, &rewards, epsilon), &exact, 1e-5);
            }
        }
    }
}

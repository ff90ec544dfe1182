//! What algorithms choose: ranges, determinism, frequencies.

use burn::tensor::Tensor;
use pathweave::decision::{
    ALGORITHMS, AlgorithmKind, AlgorithmSettings, Decision, DecisionAlgorithm,
};
use pathweave::init::Init;
use pathweave::noise::Noise;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::trajectory::{Choice, Heads, Mode};
use pathweave_data::Streams;

use crate::support::{Draw, cpu, numbers, rows, site, tabular, tensor, wholes};

const EXPLORE: Mode = Mode::Train { exploration: 0.5 };

#[test]
fn choices_stay_in_range_down_to_one_action_and_no_row() {
    let (device, streams) = (cpu(), Streams::new(11));
    for entry in ALGORITHMS {
        for actions in [1, 2, 5] {
            for count in [0u32, 1, 7] {
                let decision = tabular(entry.kind, 3, actions, &device);
                let rows = rows(&(0..count).map(|row| row % 3).collect::<Vec<_>>());
                let site = site(0, &rows, &device);
                let heads = decision.heads(&site);
                for mode in [EXPLORE, Mode::Greedy] {
                    let noise = Noise::new(&streams, 1);
                    let choice = decision.choose(&heads, &site, mode, &noise);
                    let chosen = wholes(&choice.action);
                    assert_eq!(chosen.len(), count as usize, "{}", entry.name);
                    assert!(chosen.iter().all(|&a| (a as usize) < actions), "{}", entry.name);
                    assert_eq!(choice.probability.dims(), [count as usize]);
                    assert_eq!(choice.exploratory.dims(), [count as usize]);
                }
            }
        }
    }
}

#[test]
fn greedy_choices_do_not_depend_on_the_noise_and_are_certain() {
    let (device, streams) = (cpu(), Streams::new(12));
    let rows = rows(&[0, 1, 2, 0, 1, 2]);
    for entry in ALGORITHMS {
        let decision = tabular(entry.kind, 3, 4, &device);
        let site = site(0, &rows, &device);
        let heads =
            Heads { action: tensor(&Draw::new(1).signed(24), [6, 4], &device), critic: None };
        let choose =
            |step| decision.choose(&heads, &site, Mode::Greedy, &Noise::new(&streams, step));
        let (first, second) = (choose(0), choose(1));
        assert_eq!(wholes(&first.action), wholes(&second.action), "{}", entry.name);
        assert!(numbers(&first.probability).iter().all(|&p| p == 1.0), "{}", entry.name);
        assert!(first.exploratory.to_data().iter::<bool>().all(|flag| !flag), "{}", entry.name);
    }
}

#[test]
fn greedy_takes_the_first_of_the_best() {
    let (device, streams) = (cpu(), Streams::new(12));
    let rows = rows(&[0, 0]);
    let heads =
        Heads { action: tensor(&[0.1, 0.7, 0.7, 0.3, 0.3, 0.2], [2, 3], &device), critic: None };
    for kind in ALGORITHMS.iter().filter(|entry| entry.trained).map(|entry| entry.kind) {
        let decision = tabular(kind, 1, 3, &device);
        let noise = Noise::new(&streams, 0);
        let choice = decision.choose(&heads, &site(0, &rows, &device), Mode::Greedy, &noise);
        assert_eq!(wholes(&choice.action), [1, 0]);
    }
}

#[test]
fn assigned_is_the_context_and_hashed_the_sample() {
    let (device, streams) = (cpu(), Streams::new(12));
    let rows = rows(&[0, 1, 2, 3, 4]);
    let choose = |kind, depth| {
        let decision = tabular(kind, 5, 3, &device);
        let site = site(depth, &rows, &device);
        let noise = Noise::new(&streams, 0);
        wholes(&decision.choose(&decision.heads(&site), &site, EXPLORE, &noise).action)
    };
    assert_eq!(choose(AlgorithmKind::Assigned, 0), [0, 1, 2, 0, 1]);
    assert_eq!(choose(AlgorithmKind::Hashed, 0), choose(AlgorithmKind::Hashed, 0));
    assert_ne!(choose(AlgorithmKind::Hashed, 0), choose(AlgorithmKind::Hashed, 1));
}

/// 20 000 rows choose from the same heads.
fn many(kind: AlgorithmKind, head: &[f64], epsilon: f32) -> Choice {
    const ROWS: usize = 20_000;
    let (device, streams) = (cpu(), Streams::new(13));
    let rows = rows(&vec![0; ROWS]);
    let action: Tensor<2> = tensor(head, [1, head.len()], &device).expand([ROWS, head.len()]);
    let heads = Heads { action, critic: None };
    let mode = Mode::Train { exploration: epsilon };
    let decision = tabular(kind, 1, head.len(), &device);
    decision.choose(&heads, &site(0, &rows, &device), mode, &Noise::new(&streams, 0))
}

/// Pearson's χ² below its 0.9999 quantile; actions of probability 0 never chosen.
#[track_caller]
fn assert_frequencies(chosen: &[u32], probabilities: &[f64]) {
    // Quantiles of χ² with 1, 2, 3, 4 degrees of freedom.
    const BOUND: [f64; 4] = [15.14, 18.42, 21.11, 23.51];
    let mut square = 0.0;
    for (action, &p) in probabilities.iter().enumerate() {
        let count = chosen.iter().filter(|&&a| a as usize == action).count() as f64;
        let expected = p * chosen.len() as f64;
        if p == 0.0 {
            assert_eq!(count, 0.0, "action {action} has probability 0");
        } else {
            square += (count - expected).powi(2) / expected;
        }
    }
    let freedom = probabilities.iter().filter(|&&p| p > 0.0).count() - 1;
    assert!(square < BOUND[freedom - 1], "χ² = {square} for {probabilities:?}");
}

fn softmax(logits: &[f64]) -> Vec<f64> {
    let sum: f64 = logits.iter().map(|x| x.exp()).sum();
    logits.iter().map(|x| x.exp() / sum).collect()
}

#[track_caller]
fn assert_probability(choice: &Choice, probabilities: &[f64]) {
    for (action, p) in wholes(&choice.action).into_iter().zip(numbers(&choice.probability)) {
        assert!((p - probabilities[action as usize]).abs() < 1e-6, "{p} for action {action}");
    }
}

#[test]
fn reinforce_samples_its_softmax() {
    let logits = [0.3, -1.0, 1.2, 0.0];
    let choice = many(AlgorithmKind::Reinforce, &logits, 0.0);
    assert_frequencies(&wholes(&choice.action), &softmax(&logits));
    assert_probability(&choice, &softmax(&logits));
    let flags: Vec<bool> = choice.exploratory.to_data().iter::<bool>().collect();
    let expected: Vec<bool> = wholes(&choice.action).iter().map(|&a| a != 2).collect();
    assert_eq!(flags, expected);
}

#[test]
fn epsilon_reinforce_is_equation_7_3() {
    let logits = [0.3, -1.0, 1.2, 0.0];
    for epsilon in [0.0, 0.2, 0.75, 1.0] {
        let choice = many(AlgorithmKind::EpsilonReinforce, &logits, epsilon);
        let epsilon = f64::from(epsilon);
        let mut probabilities: Vec<f64> = softmax(&logits).iter().map(|pi| epsilon * pi).collect();
        probabilities[2] += 1.0 - epsilon;
        if epsilon == 0.0 {
            assert!(wholes(&choice.action).iter().all(|&a| a == 2));
        } else {
            assert_frequencies(&wholes(&choice.action), &probabilities);
        }
        assert_probability(&choice, &probabilities);
        let flags: Vec<bool> = choice.exploratory.to_data().iter::<bool>().collect();
        let expected: Vec<bool> = wholes(&choice.action).iter().map(|&a| a != 2).collect();
        assert_eq!(flags, expected);
    }
    // Of two that are best, the lower one is greedy.
    let choice = many(AlgorithmKind::EpsilonReinforce, &[0.5, 0.5], 0.5);
    assert_frequencies(&wholes(&choice.action), &[0.75, 0.25]);
}

#[test]
fn nan_among_the_heads_yields_an_action_of_the_bank() {
    let (device, streams) = (cpu(), Streams::new(16));
    let rows = rows(&[0, 0, 0]);
    let nan = f64::NAN;
    let head = [0.1, nan, nan, nan, nan, nan, 0.5, 0.1, 0.2];
    for entry in ALGORITHMS {
        let decision = tabular(entry.kind, 1, 3, &device);
        let site = site(0, &rows, &device);
        let heads = Heads { action: tensor(&head, [3, 3], &device), critic: None };
        for mode in [EXPLORE, Mode::Train { exploration: 0.0 }, Mode::Greedy] {
            let choice = decision.choose(&heads, &site, mode, &Noise::new(&streams, 0));
            let chosen = wholes(&choice.action);
            assert!(chosen.iter().all(|&a| a < 3), "{} {mode:?} {chosen:?}", entry.name);
            if entry.trained && mode == Mode::Greedy {
                assert_eq!(chosen, [1, 0, 0], "{}", entry.name);
            }
        }
    }
}

#[test]
fn wpl_samples_its_table() {
    let table = [0.1, 0.0, 0.65, 0.25];
    let choice = many(AlgorithmKind::Wpl, &table, 0.0);
    assert_frequencies(&wholes(&choice.action), &table);
    assert_probability(&choice, &table);
}

#[test]
fn epsilon_greedy_is_equation_3_3() {
    for epsilon in [0.0, 0.2, 0.75, 1.0] {
        let choice = many(AlgorithmKind::QLearning, &[0.1, 0.9, -0.4, 0.2], epsilon);
        let (best, other) = (1.0 - f64::from(epsilon), f64::from(epsilon) / 3.0);
        let mut probabilities = [other, best, other, other];
        if epsilon == 0.0 {
            probabilities = [0.0, 1.0, 0.0, 0.0];
            assert!(wholes(&choice.action).iter().all(|&a| a == 1));
        } else {
            assert_frequencies(&wholes(&choice.action), &probabilities);
        }
        assert_probability(&choice, &probabilities);
        let flags: Vec<bool> = choice.exploratory.to_data().iter::<bool>().collect();
        let expected: Vec<bool> = wholes(&choice.action).iter().map(|&a| a != 1).collect();
        assert_eq!(flags, expected);
    }
}

#[test]
fn q_learning_breaks_ties_at_random_in_training() {
    let choice = many(AlgorithmKind::QLearning, &[0.5, 0.2, 0.5, 0.5], 0.0);
    assert_frequencies(&wholes(&choice.action), &[1.0 / 3.0, 0.0, 1.0 / 3.0, 1.0 / 3.0]);
}

#[test]
fn uniform_takes_every_module_alike_and_no_other_action() {
    let (device, streams) = (cpu(), Streams::new(14));
    let shape = PolicyShape {
        kind: PolicyKind::Tabular,
        agents: 1,
        slots: 1,
        state: 0,
        hidden: 1,
        actions: 5,
    };
    let settings = AlgorithmSettings::default();
    let init = Init::new(&streams, &device);
    for (kind, mode) in [
        (AlgorithmKind::Uniform, EXPLORE),
        (AlgorithmKind::Uniform, Mode::Greedy),
        (AlgorithmKind::Hashed, EXPLORE),
    ] {
        let decision = Decision::new(kind, &settings, &shape, 3, &init);
        let rows = rows(&vec![0; 20_000]);
        let site = site(0, &rows, &device);
        let noise = Noise::new(&streams, 0);
        let choice = decision.choose(&decision.heads(&site), &site, mode, &noise);
        let third = 1.0 / 3.0;
        assert_frequencies(&wholes(&choice.action), &[third, third, third, 0.0, 0.0]);
    }
}

#[test]
fn a_depth_and_a_step_have_noise_of_their_own() {
    let (device, streams) = (cpu(), Streams::new(15));
    let rows = rows(&[0; 64]);
    let decision = tabular(AlgorithmKind::Reinforce, 1, 4, &device);
    let choose = |depth, step| {
        let site = site(depth, &rows, &device);
        let noise = Noise::new(&streams, step);
        wholes(&decision.choose(&decision.heads(&site), &site, EXPLORE, &noise).action)
    };
    assert_eq!(choose(0, 0), choose(0, 0));
    assert_ne!(choose(0, 0), choose(1, 0));
    assert_ne!(choose(0, 0), choose(0, 1));
}

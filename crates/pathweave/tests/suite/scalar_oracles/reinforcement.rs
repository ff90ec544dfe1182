//! Losses of the algorithms that learn from rewards, values and gradients on both heads.

use burn::tensor::Tensor;
use pathweave::decision::{
    AdvantageActorCritic, AdvantageActorCriticSpec, AdvantageLearning, AdvantageLearningSpec,
    AlgorithmKind, Baseline, DecisionAlgorithm, EpsilonReinforce, EpsilonReinforceSpec, Ppo,
    PpoSpec, Weighting, WplApproximated, WplSpec,
};
use pathweave::init::Init;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::trajectory::Heads;
use pathweave_data::Streams;
use proptest::prelude::*;

use super::losses::{Case, gradient, log_softmax};
use super::wpl::{projected, scaled};
use crate::support::{Draw, assert_close, numbers, tabular, tape, tensor, vector, whole};

/// What the document says of one row: loss, its slope along the action head and the critic.
struct Wanted {
    loss: f64,
    action: Vec<f64>,
    critic: f64,
}

/// Compares a loss that was computed from `now` with what is wanted of each row; `constants` must
/// have no gradient.
fn compare(loss: Tensor<1>, now: &Heads, constants: &[&Heads], wanted: &[Wanted]) {
    assert_close(&numbers(&loss), &wanted.iter().map(|w| w.loss).collect::<Vec<_>>(), 1e-5);
    let gradients = loss.sum().backward();
    let slope: Vec<f64> = wanted.iter().flat_map(|w| w.action.clone()).collect();
    assert_close(&gradient(&gradients, &now.action), &slope, 1e-5);
    let slope: Vec<f64> = wanted.iter().map(|w| w.critic).collect();
    assert_close(&gradient(&gradients, now.critic.as_ref().expect("a critic")), &slope, 1e-5);
    for heads in constants {
        let critic = heads.critic.as_ref().expect("a critic");
        assert!(gradient(&gradients, &heads.action).iter().all(|&g| g == 0.0));
        assert!(gradient(&gradients, critic).iter().all(|&g| g == 0.0));
    }
}

/// A case with heads of the following depth that differ from the present ones in everything.
struct Pair {
    case: Case,
    next_critic: Vec<f64>,
    next_action: Vec<u32>,
    has_next: bool,
}

impl Pair {
    fn new(rows: usize, actions: usize, has_next: bool, seed: u64) -> Self {
        let mut draw = Draw::new(seed ^ 1);
        let (next_critic, next_action) = (draw.signed(rows), draw.below(actions, rows));
        Self { case: Case::new(rows, actions, seed), next_critic, next_action, has_next }
    }

    fn next(&self) -> Heads {
        let critic = Some(vector(&self.next_critic, &tape()).require_grad());
        Heads { critic, ..self.case.heads(&self.case.next) }
    }

    /// r + γ v, or r alone
    fn target(&self, row: usize, v: f64) -> f64 {
        let goes_on = self.has_next && !self.case.terminal[row];
        self.case.reward[row] + if goes_on { self.case.discount * v } else { 0.0 }
    }

    fn compare(&self, algorithm: &impl DecisionAlgorithm, wanted: impl Fn(usize) -> Wanted) {
        let (now, next) = (self.case.heads(&self.case.head), self.next());
        let mut seen = self.case.seen();
        seen.next_action = self.has_next.then(|| whole(&self.next_action, &tape()));
        let loss = algorithm.loss(&now, self.has_next.then_some(&next), &seen).expect("a loss");
        let wanted: Vec<Wanted> = (0..self.case.rows).map(wanted).collect();
        compare(loss, &now, &[&next], &wanted);
    }
}

fn shape(kind: PolicyKind, actions: usize) -> PolicyShape {
    PolicyShape { kind, agents: 1, slots: 1, state: 2, hidden: 1, actions }
}

/// A row of zeros but for the chosen action.
fn at(actions: usize, chosen: u32, value: f64) -> Vec<f64> {
    (0..actions).map(|action| if action == chosen as usize { value } else { 0.0 }).collect()
}

/// π of a row of logits.
fn softmax(logits: &[f64]) -> Vec<f64> {
    (0..logits.len()).map(|action| log_softmax(logits, action).exp()).collect()
}

/// ∂(−log π(a))/∂z = π − 1(a), times a factor.
fn score(logits: &[f64], chosen: u32, factor: f64) -> Vec<f64> {
    let one = at(logits.len(), chosen, 1.0);
    softmax(logits).iter().zip(one).map(|(pi, one)| (pi - one) * factor).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// (Q(s,a) − [r + γ Q(s',a')])², a' the action taken (T 3.1.3.1).
    #[test]
    fn sarsa(rows in 0usize..6, actions in 1usize..5, has_next: bool, seed: u64) {
        let pair = Pair::new(rows, actions, has_next, seed);
        let case = &pair.case;
        pair.compare(&tabular(AlgorithmKind::Sarsa, 1, actions, &tape()), |row| {
            let q = case.row(&case.head, row)[case.action[row] as usize];
            let taken = case.row(&case.next, row)[pair.next_action[row] as usize];
            let error = q - pair.target(row, taken);
            let action = at(actions, case.action[row], 2.0 * error);
            Wanted { loss: error.powi(2), action, critic: 0.0 }
        });
    }

    /// (V − G)² + (A − (G − V))², V constant in the second (T equations 7.1 and 7.2).
    #[test]
    fn advantage_learning(
        rows in 0usize..6, actions in 1usize..5, has_next: bool, bootstrap: bool, seed: u64,
    ) {
        let pair = Pair::new(rows, actions, has_next, seed);
        let case = &pair.case;
        let init_streams = Streams::new(0);
        let algorithm = AdvantageLearning::new(
            &shape(PolicyKind::Tabular, actions),
            AdvantageLearningSpec { bootstrap },
            &Init::new(&init_streams, &tape()),
        );
        pair.compare(&algorithm, |row| {
            let g = if bootstrap { pair.target(row, pair.next_critic[row]) } else { case.returns[row] };
            let (v, a) = (case.critic[row], case.row(&case.head, row)[case.action[row] as usize]);
            let (value, advantage) = (v - g, a - (g - v));
            Wanted {
                loss: value.powi(2) + advantage.powi(2),
                action: at(actions, case.action[row], 2.0 * advantage),
                critic: 2.0 * value,
            }
        });
    }

    /// −log π (G − b) π/π^ε + c (V − G)², π^ε of T equation 7.3.
    #[test]
    fn epsilon_reinforce(
        rows in 0usize..6, actions in 1usize..5, epsilon in 0.05f64..1.0, seed: u64,
    ) {
        let case = Case::new(rows, actions, seed);
        let (streams, device) = (Streams::new(0), tape());
        for baseline in [Baseline::None, Baseline::RunningMean, Baseline::Value] {
            let spec = EpsilonReinforceSpec { baseline, alpha: 0.25, value_coefficient: 0.25 };
            let init = Init::new(&streams, &device);
            let shape = shape(PolicyKind::Tabular, actions);
            let mut algorithm = EpsilonReinforce::new(&shape, spec, &init);
            algorithm.mean_return = algorithm.mean_return.map(|_| vector(&[0.375], &tape()));
            let behaviour = |row: usize| {
                let logits = case.row(&case.head, row);
                let a = case.action[row] as usize;
                let best = logits.iter().all(|&z| z <= logits[a]);
                let pi = log_softmax(logits, a).exp();
                if best { (1.0 - epsilon) + epsilon * pi } else { epsilon * pi }
            };
            let mut seen = case.seen();
            let probability: Vec<f64> = (0..rows).map(behaviour).collect();
            seen.choice.probability = vector(&probability, &tape());
            let now = case.heads(&case.head);
            let wanted: Vec<Wanted> = (0..rows).map(|row| {
                let (g, v) = (case.returns[row], case.critic[row]);
                let (b, c) = match baseline {
                    Baseline::None => (0.0, 0.0),
                    Baseline::RunningMean => (0.375, 0.0),
                    Baseline::Value => (v, 0.25),
                };
                let logits = case.row(&case.head, row);
                let log_pi = log_softmax(logits, case.action[row] as usize);
                let factor = (g - b) * log_pi.exp() / behaviour(row);
                Wanted {
                    loss: -log_pi * factor + c * (v - g).powi(2),
                    action: score(logits, case.action[row], factor),
                    critic: 2.0 * c * (v - g),
                }
            }).collect();
            compare(algorithm.loss(&now, None, &seen).expect("a loss"), &now, &[], &wanted);
        }
    }

    /// −log π (G − V) + c (V − G)², V constant in the first.
    #[test]
    fn advantage_actor_critic(
        rows in 0usize..6, actions in 1usize..5, has_next: bool, bootstrap: bool, seed: u64,
    ) {
        let pair = Pair::new(rows, actions, has_next, seed);
        let case = &pair.case;
        let streams = Streams::new(0);
        let algorithm = AdvantageActorCritic::new(
            &shape(PolicyKind::Tabular, actions),
            AdvantageActorCriticSpec { bootstrap, value_coefficient: 0.75 },
            &Init::new(&streams, &tape()),
        );
        pair.compare(&algorithm, |row| {
            let g = if bootstrap { pair.target(row, pair.next_critic[row]) } else { case.returns[row] };
            let (v, logits) = (case.critic[row], case.row(&case.head, row));
            let log_pi = log_softmax(logits, case.action[row] as usize);
            Wanted {
                loss: -log_pi * (g - v) + 0.75 * (v - g).powi(2),
                action: score(logits, case.action[row], g - v),
                critic: 1.5 * (v - g),
            }
        });
    }

    /// −min(ρÂ, clip(ρ)Â) + c (V − G)² (Schulman et al. 2017, equation 7), in the first epoch and
    /// in a later one.
    #[test]
    fn ppo(rows in 0usize..6, actions in 1usize..5, clip in 0.05f64..0.9, seed: u64) {
        let pair = Pair::new(rows, actions, true, seed);
        let case = &pair.case;
        let (streams, clip) = (Streams::new(0), clip as f32);
        let spec = PpoSpec { epochs: 3, clip, value_coefficient: 0.25 };
        let shape = shape(PolicyKind::Tabular, actions);
        let algorithm = Ppo::new(&shape, spec, &Init::new(&streams, &tape()));
        let clip = f64::from(clip);
        let wanted = |then: &[f64], old: &[f64]| -> Vec<Wanted> {
            (0..rows).map(|row| {
                let (logits, a) = (case.row(&case.head, row), case.action[row]);
                let old_log_pi = log_softmax(case.row(then, row), a as usize);
                let ratio = (log_softmax(logits, a as usize) - old_log_pi).exp();
                let (g, v) = (case.returns[row], case.critic[row]);
                let advantage = g - old[row];
                let clipped = ratio.clamp(1.0 - clip, 1.0 + clip) * advantage;
                let moves = ratio * advantage <= clipped;
                let factor = if moves { ratio * advantage } else { 0.0 };
                Wanted {
                    loss: -clipped.min(ratio * advantage) + 0.25 * (v - g).powi(2),
                    action: score(logits, a, factor),
                    critic: 0.5 * (v - g),
                }
            }).collect()
        };
        let (now, then, seen) = (case.heads(&case.head), pair.next(), case.seen());
        let first = algorithm.loss(&now, None, &seen).expect("a loss");
        compare(first, &now, &[], &wanted(&case.head, &case.critic));
        let (now, later) = (case.heads(&case.head), wanted(&case.next, &pair.next_critic));
        let again = algorithm.again(&now, &then, &seen).expect("a loss");
        compare(again, &now, &[&then], &later);
        prop_assert_eq!(algorithm.epochs(), 3);
    }

    /// MSE(R̂, G) + MSE(π, projection(π + 1(a) Δ)), Δ scaled (T algorithm 7.1).
    #[test]
    fn wpl_approximated(rows in 0usize..6, actions in 1usize..5, seed: u64) {
        let mut case = Case::new(rows, actions, seed);
        // The action head holds probabilities.
        case.head = (0..rows).flat_map(|row| softmax(case.row(&case.head, row))).collect();
        let (streams, device) = (Streams::new(0), tape());
        for weighting in [Weighting::Thesis, Weighting::Original] {
            let spec = WplSpec { weighting, ..WplSpec::default() };
            let init = Init::new(&streams, &device);
            let algorithm = WplApproximated::new(&shape(PolicyKind::Mlp, actions), spec, &init);
            let wanted: Vec<Wanted> = (0..rows).map(|row| {
                let (pi, a) = (case.row(&case.head, row), case.action[row] as usize);
                let error = case.critic[row] - case.returns[row];
                let mut target = pi.to_vec();
                target[a] += scaled(-error, pi[a], weighting);
                projected(&mut target);
                let off: Vec<f64> = pi.iter().zip(target).map(|(pi, target)| pi - target).collect();
                let mean = off.iter().map(|x| x.powi(2)).sum::<f64>() / actions as f64;
                Wanted {
                    loss: error.powi(2) + mean,
                    action: off.iter().map(|x| 2.0 * x / actions as f64).collect(),
                    critic: 2.0 * error,
                }
            }).collect();
            let now = case.heads(&case.head);
            compare(algorithm.loss(&now, None, &case.seen()).expect("a loss"), &now, &[], &wanted);
        }
    }
}

#[test]
fn policies_are_distributions_that_carry_gradient() {
    let streams = Streams::new(4);
    let state = tensor(&[0.3, -0.8, 0.9, 0.1], [2, 2], &tape());
    let rows = crate::support::rows(&[0, 0]);
    for entry in pathweave::decision::ALGORITHMS.iter().filter(|entry| entry.approximated) {
        let decision = pathweave::decision::Decision::new(
            entry.kind,
            &pathweave::decision::AlgorithmSettings::default(),
            &PolicyShape { hidden: 5, ..shape(PolicyKind::Mlp, 3) },
            3,
            &Init::new(&streams, &tape()),
        );
        let mut site = crate::support::site(0, &rows, &tape());
        site.state = Some(state.clone().require_grad());
        let Some(policy) = decision.policy(&decision.heads(&site)) else { continue };
        let sums = numbers(&policy.clone().sum_dim(1));
        assert_close(&sums, &[1.0, 1.0], 1e-6);
        let gradients = policy.square().sum().backward();
        let state = site.state.expect("a state");
        assert!(gradient(&gradients, &state).iter().any(|&g| g != 0.0), "{}", entry.name);
    }
}

#[test]
fn every_policy_gradient_tells_its_policy() {
    for name in ["reinforce", "epsilon_reinforce", "advantage_actor_critic", "ppo"] {
        let entry = pathweave::decision::ALGORITHMS.iter().find(|entry| entry.name == name);
        let decision = tabular(entry.expect("an entry").kind, 1, 3, &tape());
        let rows = crate::support::rows(&[0]);
        let heads = decision.heads(&crate::support::site(0, &rows, &tape()));
        let third = f64::from(1.0f32 / 3.0);
        let policy = decision.policy(&heads).expect(name);
        assert_close(&numbers(&policy), &[third; 3], 1e-6);
    }
}

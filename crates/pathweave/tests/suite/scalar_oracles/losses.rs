//! Losses of decisions, their values and their gradients on the action head.

use burn::tensor::{Gradients, Tensor};
use pathweave::decision::{
    AlgorithmKind, Baseline, Decision, DecisionAlgorithm, Reinforce, ReinforceSpec,
};
use pathweave::init::Init;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::trajectory::{Choice, Heads, Seen};
use pathweave_data::Streams;
use proptest::prelude::*;

use crate::support::{Draw, assert_close, mask, numbers, tabular, tape, tensor, vector, whole};

/// One depth's decisions on the host.
pub struct Case {
    pub rows: usize,
    pub actions: usize,
    pub head: Vec<f64>,
    pub next: Vec<f64>,
    pub critic: Vec<f64>,
    pub action: Vec<u32>,
    pub reward: Vec<f64>,
    pub returns: Vec<f64>,
    pub terminal: Vec<bool>,
    pub discount: f64,
}

impl Case {
    pub fn new(rows: usize, actions: usize, seed: u64) -> Self {
        let mut draw = Draw::new(seed);
        Self {
            rows,
            actions,
            head: draw.signed(rows * actions),
            next: draw.signed(rows * actions),
            critic: draw.signed(rows),
            action: draw.below(actions, rows),
            reward: draw.signed(rows),
            returns: draw.signed(rows),
            terminal: draw.flags(rows),
            discount: draw.signed(1)[0].abs(),
        }
    }

    pub fn seen(&self) -> Seen {
        let device = tape();
        Seen {
            choice: Choice::certain(whole(&self.action, &device)),
            next_action: None,
            reward: vector(&self.reward, &device),
            returns: vector(&self.returns, &device),
            terminal: vector(&mask(&self.terminal), &device),
            alive: vector(&vec![1.0; self.rows], &device),
            discount: self.discount as f32,
        }
    }

    pub fn heads(&self, values: &[f64]) -> Heads {
        let action = tensor(values, [self.rows, self.actions], &tape()).require_grad();
        Heads { action, critic: Some(vector(&self.critic, &tape()).require_grad()) }
    }

    pub fn row<'a>(&self, values: &'a [f64], row: usize) -> &'a [f64] {
        &values[row * self.actions..][..self.actions]
    }
}

/// Gradient of one tensor; zeros where the tape does not reach.
pub fn gradient<const D: usize>(gradients: &Gradients, at: &Tensor<D>) -> Vec<f64> {
    let zeros = || vec![0.0; at.shape().num_elements()];
    at.grad(gradients).map_or_else(zeros, |gradient| numbers(&gradient))
}

fn reinforce(actions: usize, baseline: Baseline) -> Reinforce {
    let kind = PolicyKind::Tabular;
    let shape = PolicyShape { kind, agents: 1, slots: 1, state: 0, hidden: 1, actions };
    let spec = ReinforceSpec { baseline, alpha: 0.25, value_coefficient: 0.5 };
    Reinforce::new(&shape, spec, &Init::new(&Streams::new(0), &tape()))
}

pub fn log_softmax(logits: &[f64], action: usize) -> f64 {
    logits[action] - logits.iter().map(|x| x.exp()).sum::<f64>().ln()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// T equation 3.2 as a squared error: (Q(s,a) − [r + γ max Q(s',·)])², r alone at the end.
    #[test]
    fn q_learning(rows in 0usize..6, actions in 1usize..5, has_next: bool, seed: u64) {
        let case = Case::new(rows, actions, seed);
        let target = |row: usize| {
            let best = case.row(&case.next, row).iter().copied().fold(f64::MIN, f64::max);
            let goes_on = has_next && !case.terminal[row];
            case.reward[row] + if goes_on { case.discount * best } else { 0.0 }
        };
        let error =
            |row: usize| case.row(&case.head, row)[case.action[row] as usize] - target(row);
        let decision: Decision = tabular(AlgorithmKind::QLearning, 1, actions, &tape());
        let (now, next) = (case.heads(&case.head), case.heads(&case.next));
        let loss = decision.loss(&now, has_next.then_some(&next), &case.seen()).expect("a loss");
        let wanted: Vec<f64> = (0..rows).map(|row| error(row).powi(2)).collect();
        assert_close(&numbers(&loss), &wanted, 1e-5);

        let mut slope = vec![0.0; rows * actions];
        for row in 0..rows {
            slope[row * actions + case.action[row] as usize] = 2.0 * error(row);
        }
        let gradients = loss.sum().backward();
        assert_close(&gradient(&gradients, &now.action), &slope, 1e-5);
        // The target is a constant.
        assert_close(&gradient(&gradients, &next.action), &vec![0.0; rows * actions], 0.0);
    }

    /// −log π(a|s)·(G − b), b constant, plus c (V − G)² where V is learned (T 3.1.3.2).
    #[test]
    fn reinforce_with_every_baseline(rows in 0usize..6, actions in 1usize..5, seed: u64) {
        let case = Case::new(rows, actions, seed);
        for kind in [Baseline::None, Baseline::RunningMean, Baseline::Value] {
            let mut algorithm = reinforce(actions, kind);
            algorithm.mean_return = algorithm.mean_return.map(|_| vector(&[0.375], &tape()));
            let advantage = |row: usize| case.returns[row] - match kind {
                Baseline::None => 0.0,
                Baseline::RunningMean => 0.375,
                Baseline::Value => case.critic[row],
            };
            let value = |row: usize| match kind {
                Baseline::Value => 0.5 * (case.critic[row] - case.returns[row]).powi(2),
                _ => 0.0,
            };
            let heads = case.heads(&case.head);
            let loss = algorithm.loss(&heads, None, &case.seen()).expect("a loss");
            let wanted: Vec<f64> = (0..rows).map(|row| {
                let log_pi = log_softmax(case.row(&case.head, row), case.action[row] as usize);
                -log_pi * advantage(row) + value(row)
            }).collect();
            assert_close(&numbers(&loss), &wanted, 1e-5);

            // ∂/∂z_i = (π_i − 1(i = a)) (G − b); ∂/∂V = 2c (V − G)
            let slope: Vec<f64> = (0..rows * actions).map(|at| {
                let (row, action) = (at / actions, at % actions);
                let pi = log_softmax(case.row(&case.head, row), action).exp();
                let chosen = f64::from(u8::from(case.action[row] as usize == action));
                (pi - chosen) * advantage(row)
            }).collect();
            let gradients = loss.sum().backward();
            assert_close(&gradient(&gradients, &heads.action), &slope, 1e-5);
            let critic = heads.critic.as_ref().expect("a critic");
            let slope: Vec<f64> = (0..rows).map(|row| match kind {
                Baseline::Value => case.critic[row] - case.returns[row],
                _ => 0.0,
            }).collect();
            assert_close(&gradient(&gradients, critic), &slope, 1e-5);
        }
    }

    /// b ← (1 − α) b + α · mean G over living rows (T figure 3.2, α = 0.1 there).
    #[test]
    fn running_mean_of_returns(rows in 0usize..6, seed: u64) {
        let case = Case::new(rows, 2, seed);
        let mut seen = case.seen();
        seen.alive = vector(&mask(&case.terminal), &tape());
        let contexts = crate::support::rows(&vec![0; rows]);
        let mut algorithm = reinforce(2, Baseline::RunningMean);
        algorithm.mean_return = algorithm.mean_return.map(|_| vector(&[0.5], &tape()));
        algorithm.observe(&crate::support::site(0, &contexts, &tape()), &seen);
        let alive: Vec<f64> =
            (0..rows).filter(|&row| case.terminal[row]).map(|row| case.returns[row]).collect();
        let mean = alive.iter().sum::<f64>() / alive.len().max(1) as f64;
        let wanted = if alive.is_empty() { 0.5 } else { 0.75 * 0.5 + 0.25 * mean };
        assert_close(&numbers(&algorithm.mean_return.val()), &[wanted], 1e-6);
    }
}

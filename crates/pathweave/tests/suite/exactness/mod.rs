//! Sample means of loss gradients against their expectations, enumerated over all actions.
//!
//! A batch of rows that share one state is that many draws: heads → choose → loss → backward gives
//! a gradient a row. Their mean is compared with the enumerated one in units of its standard error,
//! component by component. Every loss has twins, broken on purpose, that must fail the same test.

mod gumbel;
mod policy_gradients;
mod twins;

use burn::tensor::Tensor;
use pathweave::decision::{
    ALGORITHMS, AlgorithmKind, AlgorithmSettings, Decision, DecisionAlgorithm,
};
use pathweave::init::Init;
use pathweave::noise::Noise;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::trajectory::{Choice, Heads, Mode, Rows, Seen};
use pathweave_data::Streams;

use crate::support::{Draw, numbers, rows, seen, site, tape, tensor, vector, whole, wholes};

/// Draws of a test.
const ROWS: usize = 60_000;
/// A mean further from its expectation is wrong: by chance it is so once in two million components.
const WRONG: f64 = 5.0;
/// ε, for the algorithms that have it.
const EXPLORATION: f32 = 0.4;

/// A state, its policy and what each action returns.
#[derive(Clone)]
struct Bandit {
    /// Logits \[A\], and what else the heads hold
    columns: Vec<f64>,
    /// V
    critic: f64,
    /// \[A\]
    returns: Vec<f64>,
}

impl Bandit {
    /// `width` columns in the action head, `actions` of them logits.
    fn new(actions: usize, width: usize) -> Self {
        let mut draw = Draw::new(actions as u64);
        let mut columns = draw.signed(actions);
        // Action values that are far from the returns and from each other.
        columns.extend((actions..width).map(|at| if at % 2 == 0 { 1.6 } else { -1.2 }));
        // None near 0 or another, so that no broken loss can hide.
        let returns = (0..actions).map(|a| 0.4 + 0.9 * a as f64).collect();
        Self { columns, critic: 0.7, returns }
    }

    /// The same row [`ROWS`] times, as leaves of a new graph.
    fn heads(&self, critic: bool) -> Heads {
        let (device, width) = (tape(), self.columns.len());
        let critic = critic.then(|| vector(&[self.critic; ROWS], &device).require_grad());
        let action = tensor(&self.columns.repeat(ROWS), [ROWS, width], &device).require_grad();
        Heads { action, critic }
    }

    fn actions(&self) -> usize {
        self.returns.len()
    }

    /// π
    fn policy(&self) -> Vec<f64> {
        let weights: Vec<f64> = self.columns[..self.actions()].iter().map(|z| z.exp()).collect();
        let total: f64 = weights.iter().sum();
        weights.iter().map(|weight| weight / total).collect()
    }

    /// J = Σ_a π_a G_a
    fn value(&self) -> f64 {
        self.policy().iter().zip(&self.returns).map(|(p, g)| p * g).sum()
    }

    /// −∂J/∂logits, by enumeration: −Σ_a G_a ∂π_a/∂logit_i.
    fn descent(&self) -> Vec<f64> {
        let (policy, actions) = (self.policy(), self.actions());
        let slope = |a: usize, i: usize| policy[a] * (f64::from(u8::from(a == i)) - policy[i]);
        (0..actions)
            .map(|i| -(0..actions).map(|a| self.returns[a] * slope(a, i)).sum::<f64>())
            .collect()
    }

    /// −∂H/∂logits = π_i (log π_i + H).
    fn entropy_descent(&self) -> Vec<f64> {
        let policy = self.policy();
        let entropy: f64 = -policy.iter().map(|p| p * p.ln()).sum::<f64>();
        policy.iter().map(|p| p * (p.ln() + entropy)).collect()
    }
}

/// A decision over one state, its draws, and what they returned.
struct Trial {
    decision: Decision,
    bandit: Bandit,
    heads: Heads,
    seen: Seen,
}

/// Sub-router of an algorithm by its name.
fn decision(name: &str, settings: &AlgorithmSettings, actions: usize) -> Decision {
    let entry = ALGORITHMS.iter().find(|entry| entry.name == name);
    let kind: AlgorithmKind = entry.unwrap_or_else(|| panic!("{name} is not registered")).kind;
    let kind_of = PolicyKind::Tabular;
    let shape = PolicyShape { kind: kind_of, agents: 1, slots: 1, state: 0, hidden: 1, actions };
    Decision::new(kind, settings, &shape, actions, &Init::new(&Streams::new(3), &tape()))
}

fn one_state() -> Rows {
    rows(&vec![0; ROWS])
}

impl Trial {
    /// Draws [`ROWS`] times. Running means have moved before, so that they are not 0.
    fn new(name: &str, settings: &AlgorithmSettings, actions: usize) -> Self {
        let device = tape();
        let mut decision = decision(name, settings, actions);
        let (place, few) = (one_state(), rows(&[0, 0]));
        let shape = decision.heads(&site(0, &few, &device));
        let bandit = Bandit::new(actions, shape.action.dims()[1]);
        let last = actions as u32 - 1;
        let before = seen(&[0, last], &[1.5, 0.5], &[1.0, 1.0], &device);
        decision.observe(&site(0, &few, &device), &before);
        let heads = bandit.heads(shape.critic.is_some());
        let streams = Streams::new(17);
        let mode = Mode::Train { exploration: EXPLORATION };
        let noise = Noise::new(&streams, actions as u64);
        let choice = decision.choose(&heads, &site(0, &place, &device), mode, &noise);
        let seen = Self::returned(&bandit, choice);
        Self { decision, bandit, heads, seen }
    }

    fn returned(bandit: &Bandit, choice: Choice) -> Seen {
        let actions = wholes(&choice.action);
        let returns: Vec<f64> = actions.iter().map(|&a| bandit.returns[a as usize]).collect();
        // Off the graph that it was computed on: a graph is differentiated once.
        let probability = vector(&numbers(&choice.probability), &tape());
        let action = whole(&actions, &tape());
        let choice = Choice { action, probability, ..choice };
        Seen { choice, ..seen(&actions, &returns, &[1.0; ROWS], &tape()) }
    }

    /// The algorithm's own loss. \[R\]
    fn loss(&self) -> Tensor<1> {
        self.decision.loss(&self.heads, None, &self.seen).expect("a loss")
    }

    /// The same draws with heads of their own.
    fn anew(&self) -> Self {
        let heads = self.bandit.heads(self.heads.critic.is_some());
        let (decision, seen) = (self.decision.clone(), self.seen.clone());
        Self { decision, bandit: self.bandit.clone(), heads, seen }
    }

    /// The gradient of `loss` by the heads: a row a draw, the critic's last.
    fn gradients(&self, loss: Tensor<1>) -> Vec<Vec<f64>> {
        let gradients = loss.sum().backward();
        let width = self.bandit.columns.len();
        let action = self.heads.action.grad(&gradients);
        let action = action.map_or_else(|| vec![0.0; ROWS * width], |g| numbers(&g));
        let mut rows: Vec<Vec<f64>> = action.chunks(width).map(<[f64]>::to_vec).collect();
        if let Some(critic) = &self.heads.critic {
            let critic = critic.grad(&gradients);
            let critic = critic.map_or_else(|| vec![0.0; ROWS], |g| numbers(&g));
            rows.iter_mut().zip(critic).for_each(|(row, critic)| row.push(critic));
        }
        rows
    }
}

/// Largest |z| of the mean of a row a draw, over the components that `wanted` has.
fn z(rows: &[Vec<f64>], wanted: &[Option<f64>]) -> f64 {
    assert_eq!(rows[0].len(), wanted.len(), "an expectation for each component");
    let n = rows.len() as f64;
    let z = |(at, wanted): (usize, &Option<f64>)| {
        let wanted = (*wanted)?;
        let mean = rows.iter().map(|row| row[at]).sum::<f64>() / n;
        let variance = rows.iter().map(|row| (row[at] - mean).powi(2)).sum::<f64>() / (n - 1.0);
        // Single precision: a component without variance is right to seven digits.
        Some((mean - wanted).abs() / ((variance / n).sqrt() + 1e-6))
    };
    wanted.iter().enumerate().filter_map(z).fold(0.0, f64::max)
}

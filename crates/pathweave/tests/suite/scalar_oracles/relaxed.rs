//! REBAR, RELAX and the Gumbel gate on tensors against the estimators on host numbers, whose
//! derivatives are checked by differences.

use burn::tensor::Tensor;
use pathweave::decision::{
    AlgorithmKind, AlgorithmSettings, Decision, DecisionAlgorithm, RebarSpec, RelaxSpec,
};
use pathweave::estimator::{Draw as Relaxation, Estimator, Problem, Rebar, Relax};
use pathweave::init::Init;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::trajectory::{Choice, Heads, Relaxed, Seen};
use pathweave_data::Streams;
use proptest::prelude::*;

use crate::support::{Draw, assert_close, numbers, seen, tape, tensor};

const TEMPERATURE: f64 = 0.7;
const SCALE: f64 = 0.6;

fn decision(kind: AlgorithmKind, actions: usize) -> Decision {
    let settings = AlgorithmSettings {
        rebar: RebarSpec {
            temperature: TEMPERATURE as f32,
            scale: SCALE as f32,
            entropy_coefficient: 0.0,
            ..RebarSpec::default()
        },
        relax: RelaxSpec {
            temperature: TEMPERATURE as f32,
            entropy_coefficient: 0.0,
            ..RelaxSpec::default()
        },
        ..AlgorithmSettings::default()
    };
    let policy = PolicyKind::Tabular;
    let shape = PolicyShape { kind: policy, agents: 1, slots: 1, state: 0, hidden: 1, actions };
    Decision::new(kind, &settings, &shape, actions, &Init::new(&Streams::new(0), &tape()))
}

/// Rows of logits, action values, returns and uniform numbers, with the relaxations they give.
struct Case {
    actions: usize,
    logits: Vec<Vec<f64>>,
    values: Vec<Vec<f64>>,
    returns: Vec<f64>,
    uniform: [Vec<f64>; 2],
    draws: Vec<Relaxation>,
}

impl Case {
    fn new(rows: usize, actions: usize, seed: u64) -> Self {
        let mut draw = Draw::new(seed);
        let mut matrix = || -> Vec<Vec<f64>> { (0..rows).map(|_| draw.signed(actions)).collect() };
        let (logits, values) = (matrix(), matrix());
        let open = |x: &f64| (0.5 * x + 0.5).clamp(0.01, 0.99);
        let mut uniform = || -> Vec<f64> { matrix().concat().iter().map(open).collect() };
        let uniform = [uniform(), uniform()];
        let returns = draw.signed(rows);
        let relax = |row: usize| {
            let problem = Problem::new(&logits[row], &values[row]);
            let part = row * actions..(row + 1) * actions;
            Relaxation::from_uniform(&problem, &uniform[0][part.clone()], &uniform[1][part])
        };
        let draws = (0..rows).map(relax).collect();
        Self { actions, logits, values, returns, uniform, draws }
    }

    /// The gradient of `kind`'s loss by logits and action values, a row after the other.
    fn gradient(&self, kind: AlgorithmKind) -> Vec<f64> {
        let (rows, device) = (self.returns.len(), tape());
        let both = self.logits.iter().zip(&self.values);
        let columns: Vec<f64> = both.flat_map(|(z, q)| [z.as_slice(), q].concat()).collect();
        let action: Tensor<2> = tensor(&columns, [rows, 2 * self.actions], &device).require_grad();
        let heads = Heads { action, critic: None };
        let actions: Vec<u32> = self.draws.iter().map(|draw| draw.action as u32).collect();
        let plain = seen(&actions, &self.returns, &vec![1.0; rows], &device);
        let [uniform, conditional] =
            self.uniform.each_ref().map(|u| tensor(u, [rows, self.actions], &device));
        let relaxed = Some(Relaxed { uniform, conditional });
        let seen = Seen { choice: Choice { relaxed, ..plain.choice.clone() }, ..plain };
        let loss = decision(kind, self.actions).loss(&heads, None, &seen).expect("a loss");
        assert_eq!(loss.dims(), [rows]);
        let gradients = loss.sum().backward();
        heads.action.grad(&gradients).map_or_else(Vec::new, |gradient| numbers(&gradient))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// By the logits −ĝ; by the values 2 c_v (Q_b − G) at the chosen action.
    #[test]
    fn rebar(rows in 1usize..5, actions in 1usize..5, seed: u64) {
        let case = Case::new(rows, actions, seed);
        let mut wanted = Vec::new();
        for row in 0..rows {
            let (problem, draw) = (Problem::new(&case.logits[row], &case.values[row]), &case.draws[row]);
            let mut estimate = vec![0.0; actions];
            Rebar::new(actions, TEMPERATURE, SCALE).estimate(&problem, draw, &mut estimate);
            // There the return is Q_b: what is missing of G has the score's factor.
            let error = case.returns[row] - case.values[row][draw.action];
            let chosen = |a: usize| f64::from(u8::from(a == draw.action));
            wanted.extend((0..actions).map(|a| -estimate[a] - error * (chosen(a) - problem.policy[a])));
            wanted.extend((0..actions).map(|a| -error * chosen(a)));
        }
        assert_close(&case.gradient(AlgorithmKind::Rebar), &wanted, 1e-4);
    }

    /// By the logits −ĝ; by the values c_v ∂ Σ ĝ² / ∂Q.
    #[test]
    fn relax(rows in 1usize..5, actions in 1usize..5, seed: u64) {
        let case = Case::new(rows, actions, seed);
        let mut wanted = Vec::new();
        for row in 0..rows {
            let problem = Problem::new(&case.logits[row], &vec![case.returns[row]; actions]);
            let mut relax = Relax::new(actions, TEMPERATURE, 1.0);
            relax.values = case.values[row].clone();
            let mut estimate = vec![0.0; actions];
            relax.estimate(&problem, &case.draws[row], &mut estimate);
            wanted.extend(estimate.iter().map(|g| -g));
            let step = |(before, after): (&f64, &f64)| 0.5 * (before - after);
            wanted.extend(case.values[row].iter().zip(&relax.values).map(step));
        }
        assert_close(&case.gradient(AlgorithmKind::Relax), &wanted, 1e-4);
    }
}

#[test]
fn nearly_certain_policies_stay_finite() {
    let mut case = Case::new(3, 4, 1);
    case.logits = vec![vec![60.0, 0.0, -60.0, 0.0]; 3];
    for draw in &mut case.draws {
        draw.action = 0;
    }
    // Uniform numbers at both ends of what a stream gives.
    case.uniform[1] = [0.0, 1.0 - 2f64.powi(-24), 0.5, 0.0].repeat(3);
    for kind in [AlgorithmKind::Rebar, AlgorithmKind::Relax] {
        let gradient = case.gradient(kind);
        assert!(gradient.iter().all(|g| g.is_finite()), "{kind:?}: {gradient:?}");
    }
}

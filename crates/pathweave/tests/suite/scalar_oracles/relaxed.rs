//! REBAR, RELAX and the Gumbel gate on tensors against the estimators on host numbers, whose
//! derivatives are checked by differences.

use burn::tensor::Tensor;
use pathweave::decision::{
    AlgorithmKind, AlgorithmSettings, Decision, DecisionAlgorithm, GumbelSpec, RebarSpec, RelaxSpec,
};
use pathweave::estimator::{Draw as Relaxation, Estimator, Problem, Rebar, Relax};
use pathweave::init::Init;
use pathweave::noise::Noise;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::trajectory::{Choice, Gate, Heads, Mode, Relaxed, Seen};
use pathweave_data::Streams;
use proptest::prelude::*;

use crate::support::{Draw, assert_close, numbers, rows, seen, site, tape, tensor};

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
            learn_temperature: true,
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
        self.gradients(kind).0
    }

    /// That, and the gradient by log τ where τ is learned.
    fn gradients(&self, kind: AlgorithmKind) -> (Vec<f64>, Option<f64>) {
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
        let decision = decision(kind, self.actions);
        let loss = decision.loss(&heads, None, &seen).expect("a loss");
        assert_eq!(loss.dims(), [rows]);
        let gradients = loss.sum().backward();
        let by_heads =
            heads.action.grad(&gradients).map_or_else(Vec::new, |gradient| numbers(&gradient));
        let by_temperature = match &decision {
            Decision::Relax(relax) => relax.log_temperature.val().grad(&gradients),
            _ => None,
        };
        (by_heads, by_temperature.map(|gradient| numbers(&gradient)[0]))
    }

    /// Σ ĝ² of all rows at a temperature.
    fn squares(&self, temperature: f64) -> f64 {
        let square = |row: usize| -> f64 {
            let problem = Problem::new(&self.logits[row], &vec![self.returns[row]; self.actions]);
            let mut relax = Relax::new(self.actions, temperature, 1.0);
            relax.values = self.values[row].clone();
            let mut estimate = vec![0.0; self.actions];
            relax.estimate(&problem, &self.draws[row], &mut estimate);
            estimate.iter().map(|g| g * g).sum()
        };
        (0..self.returns.len()).map(square).sum()
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

    /// A learned temperature goes down c_v Σ ĝ² and nothing else.
    #[test]
    fn relax_learns_its_temperature(rows in 1usize..5, actions in 2usize..5, seed: u64) {
        let case = Case::new(rows, actions, seed);
        let h = 1e-5f64;
        let by_log = (case.squares(TEMPERATURE * h.exp()) - case.squares(TEMPERATURE / h.exp())) / (2.0 * h);
        let found = case.gradients(AlgorithmKind::Relax).1.expect("a learned temperature");
        assert_close(&[found], &[0.5 * by_log], 1e-3);
    }
}

/// The temperature falls to its floor, and the gate has the slopes of the epoch's temperature.
#[test]
fn the_gumbel_temperature_anneals() {
    let spec = GumbelSpec { temperature: 2.0, anneal: 0.5, floor: 0.3, ..GumbelSpec::default() };
    let at = |epoch| f64::from(spec.at(epoch));
    assert_close(&[at(0.0), at(1.0), at(1.5), at(9.0)], &[2.0, 1.0, 0.5f64.sqrt(), 0.3], 1e-6);

    let settings = AlgorithmSettings { gumbel: spec.clone(), ..AlgorithmSettings::default() };
    let device = tape();
    let shape = PolicyShape {
        kind: PolicyKind::Tabular,
        agents: 1,
        slots: 1,
        state: 0,
        hidden: 1,
        actions: 3,
    };
    let (rows, streams) = (rows(&[0]), Streams::new(4));
    let init = Init::new(&streams, &device);
    let mut decision = Decision::new(AlgorithmKind::Gumbel, &settings, &shape, 3, &init);
    let slopes = |decision: &Decision| {
        let action: Tensor<2> = tensor(&[0.3, -0.2, 0.1], [1, 3], &device).require_grad();
        let heads = Heads { action, critic: None };
        let mode = Mode::Train { exploration: 0.0 };
        let choice =
            decision.choose(&heads, &site(0, &rows, &device), mode, &Noise::new(&streams, 0));
        let Some(Gate::Chosen(gate)) = choice.gate else { panic!("a gate of the chosen block") };
        let slope = heads.action.grad(&gate.sum().backward()).expect("a gradient");
        numbers(&slope)
    };
    let first = slopes(&decision);
    decision.at_epoch(1.0);
    let later = slopes(&decision);
    assert!(first != later, "the same slopes at two temperatures: {first:?}");
    decision.at_epoch(0.0);
    assert_eq!(slopes(&decision), first);
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

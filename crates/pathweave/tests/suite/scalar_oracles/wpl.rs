//! Weighted policy learner: T algorithm 5.1, and the rule for batches that `Wpl` documents.

use pathweave::decision::{DecisionAlgorithm, Weighting, Wpl, WplSpec, project};
use pathweave::init::Init;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::trajectory::Site;
use pathweave_data::Streams;
use proptest::prelude::*;

use crate::support::{
    Draw, assert_close, cpu, mask, numbers, rows, seen, tape, tensor, vector, whole,
};

/// Δ scaled by the probability of its action; T line 9 to 12, and the other way round.
pub fn scaled(delta: f64, pi: f64, weighting: Weighting) -> f64 {
    match (weighting, delta < 0.0) {
        (Weighting::Thesis, true) | (Weighting::Original, false) => delta * (1.0 - pi),
        (Weighting::Thesis, false) | (Weighting::Original, true) => delta * pi,
    }
}

/// clip to [0, 1], divide by the sum; returns the sum, which tells how rounding is amplified.
pub fn projected(policy: &mut [f64]) -> f64 {
    policy.iter_mut().for_each(|p| *p = p.clamp(0.0, 1.0));
    let sum: f64 = policy.iter().sum();
    let uniform = 1.0 / policy.len() as f64;
    policy.iter_mut().for_each(|p| *p = if sum > 0.0 { *p / sum } else { uniform });
    sum
}

/// T algorithm 5.1 for one decision.
fn trajectory(pi: &mut [f64], mean: &mut f64, a: usize, g: f64, rate: f64, w: Weighting) -> f64 {
    *mean = (1.0 - rate) * *mean + rate * g;
    pi[a] += rate * scaled(g - *mean, pi[a], w);
    projected(pi)
}

/// The documented rule for n decisions drawn from the same policy.
fn batch(pi: &mut [f64], mean: &mut f64, seen: &[(usize, f64)], rate: f64, w: Weighting) -> f64 {
    let average = seen.iter().map(|(_, g)| g).sum::<f64>() / seen.len() as f64;
    *mean += (1.0 - (1.0 - rate).powi(seen.len() as i32)) * (average - *mean);
    let old = pi.to_vec();
    for &(a, g) in seen {
        pi[a] += rate * scaled(g - *mean, old[a], w);
    }
    projected(pi)
}

fn learner(agents: usize, slots: usize, actions: usize, rate: f32, weighting: Weighting) -> Wpl {
    let kind = PolicyKind::Tabular;
    let shape = PolicyShape { kind, agents, slots, state: 0, hidden: 1, actions };
    Wpl::new(&shape, WplSpec { weighting, rate }, &Init::new(&Streams::new(0), &tape()))
}

/// Starts from a drawn table and compares one update of it with the oracle's.
fn compare(one_each: bool, shape: [usize; 3], rate: f32, weighting: Weighting, seed: u64) {
    let [agents, actions, count] = shape;
    let mut draw = Draw::new(seed);
    let mut wpl = learner(agents, 2, actions, rate, weighting);
    let mut table: Vec<f64> = draw.signed(2 * agents * actions);
    table.chunks_exact_mut(actions).for_each(|row| {
        projected(row);
    });
    let mut means = draw.signed(2 * agents);
    let dims = [2 * agents, actions];
    wpl.probabilities = wpl.probabilities.map(|_| tensor(&table, dims, &tape()));
    wpl.mean_return = wpl.mean_return.map(|_| vector(&means, &tape()));

    let contexts = if one_each { (0..agents as u32).collect() } else { draw.below(agents, count) };
    let actions_taken = draw.below(actions, contexts.len());
    let returns: Vec<f64> = draw.signed(contexts.len()).iter().map(|g| 3.0 * g).collect();
    let alive = if one_each { vec![true; contexts.len()] } else { draw.flags(contexts.len()) };
    let place = rows(&contexts);
    let site = Site { depth: 1, agents: whole(&contexts, &tape()), state: None, rows: &place };
    wpl.observe(&site, &seen(&actions_taken, &returns, &mask(&alive), &tape()));

    let mut least = 1.0f64;
    for agent in 0..agents {
        let decisions: Vec<(usize, f64)> = (0..contexts.len())
            .filter(|&row| contexts[row] as usize == agent && alive[row])
            .map(|row| (actions_taken[row] as usize, returns[row]))
            .collect();
        // The second depth's rows come after all agents of the first.
        let at = agents + agent;
        let (pi, mean) = (&mut table[at * actions..][..actions], &mut means[at]);
        let rate = f64::from(rate);
        least = least.min(match (one_each, decisions.as_slice()) {
            (_, []) => 1.0,
            (true, [(a, g)]) => trajectory(pi, mean, *a, *g, rate, weighting),
            (_, many) => batch(pi, mean, many, rate, weighting),
        });
    }
    assert_close(&numbers(&wpl.mean_return.val()), &means, 1e-5);
    let tolerance = 1e-5 / least.clamp(1e-3, 1.0);
    assert_close(&numbers(&wpl.probabilities.val()), &table, tolerance);
}

const WEIGHTINGS: [Weighting; 2] = [Weighting::Thesis, Weighting::Original];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn one_trajectory_an_agent_is_algorithm_5_1(
        agents in 1usize..4, actions in 1usize..5, rate in 0.01f32..0.95, seed: u64,
    ) {
        for weighting in WEIGHTINGS {
            compare(true, [agents, actions, 0], rate, weighting, seed);
        }
    }

    #[test]
    fn a_batch_adds_its_updates_and_projects_once(
        agents in 1usize..4, actions in 1usize..5, count in 0usize..20, rate in 0.01f32..0.95,
        seed: u64,
    ) {
        for weighting in WEIGHTINGS {
            compare(false, [agents, actions, count], rate, weighting, seed);
        }
    }

    #[test]
    fn projection_clips_and_divides_by_the_sum(
        table in (1usize..5).prop_flat_map(|a| prop::collection::vec(-2.0f32..2.0, a)),
    ) {
        let table: Vec<f64> = table.into_iter().map(f64::from).collect();
        let mut wanted = table.clone();
        let sum = projected(&mut wanted);
        let got = numbers(&project(tensor(&table, [1, table.len()], &cpu())));
        assert_close(&got, &wanted, 1e-6 / sum.clamp(1e-3, 1.0));
        prop_assert!((got.iter().sum::<f64>() - 1.0).abs() < 1e-5);
    }
}

#[test]
fn a_row_clipped_to_nothing_becomes_uniform() {
    let table = tensor(&[-1.0, -0.5, 0.0, 0.0, 3.0, -1.0], [2, 3], &cpu());
    let third = f64::from(1.0f32 / 3.0);
    assert_eq!(numbers(&project(table)), [third, third, third, 0.0, 1.0, 0.0]);
}

#[test]
fn the_two_weightings_differ() {
    let update = |weighting| {
        let mut wpl = learner(1, 1, 3, 0.5, weighting);
        let place = rows(&[0]);
        let site = crate::support::site(0, &place, &tape());
        wpl.observe(&site, &seen(&[1], &[1.0], &[1.0], &tape()));
        numbers(&wpl.probabilities.val())
    };
    assert_ne!(update(Weighting::Thesis), update(Weighting::Original));
}

//! Rows that had ended before a depth (alive = 0) teach nothing.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Gradients, Tensor};
use pathweave::decision::{
    ALGORITHMS, AlgorithmEntry, AlgorithmSettings, Decision, DecisionAlgorithm,
};
use pathweave::init::Init;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::train::arrays;
use pathweave_data::Streams;

use super::trained;
use crate::support::{all_bits, assert_close, numbers, rows, seen, site, tabular, tape, tensor};

const ALIVE: [(u32, u32, f64); 4] = [(0, 1, 0.5), (1, 0, -1.0), (0, 2, 1.0), (1, 1, 0.25)];
const DEAD: [(u32, u32, f64); 3] = [(0, 0, 90.0), (1, 2, -70.0), (2, 1, 55.0)];

/// Rows as (context, action, reward); the first four are alive.
fn learn(decision: &mut Decision, batch: &[(u32, u32, f64)], alive: &[f64]) -> Vec<f64> {
    let device = tape();
    let rows = rows(&batch.iter().map(|row| row.0).collect::<Vec<_>>());
    let actions: Vec<u32> = batch.iter().map(|row| row.1).collect();
    let rewards: Vec<f64> = batch.iter().map(|row| row.2).collect();
    let (mut site, seen) = (site(0, &rows, &device), seen(&actions, &rewards, alive, &device));
    // One-hot of the context; tables do not look.
    let hot =
        |row: &(u32, u32, f64)| [0, 1, 2].map(|context| f64::from(u8::from(context == row.0)));
    let hot: Vec<f64> = batch.iter().flat_map(hot).collect();
    site.state = Some(tensor(&hot, [batch.len(), 3], &device));
    let heads = decision.heads(&site);
    let loss = decision.loss(&heads, None, &seen);
    // No rows may leave no tape.
    let tracked = |loss: &Tensor<1>| loss.is_tracked() || !batch.is_empty();
    let gradients = loss.filter(tracked).map(|loss| {
        assert_eq!(loss.dims(), [batch.len()], "one loss a row");
        gradient(decision, &(loss * seen.alive.clone()).sum().backward())
    });
    decision.observe(&site, &seen);
    gradients.unwrap_or_default()
}

fn gradient(decision: &Decision, gradients: &Gradients) -> Vec<f64> {
    struct Collect<'a>(&'a Gradients, Vec<f64>);
    impl ModuleVisitor for Collect<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = param.val().grad(self.0) {
                self.1.extend(numbers(&gradient));
            }
        }
    }
    let mut collect = Collect(gradients, Vec::new());
    decision.visit(&mut collect);
    collect.1
}

/// A table, and a perceptron where the algorithm has one.
fn both(entry: &AlgorithmEntry) -> Vec<Decision> {
    let mut list = vec![tabular(entry.kind, 3, 3, &tape())];
    if entry.approximated && entry.trained {
        let kind = PolicyKind::Mlp;
        let shape = PolicyShape { kind, agents: 3, slots: 1, state: 3, hidden: 4, actions: 3 };
        let (settings, streams) = (AlgorithmSettings::default(), Streams::new(3));
        let device = tape();
        let init = Init::new(&streams, &device);
        list.push(Decision::new(entry.kind, &settings, &shape, 3, &init));
    }
    list
}

fn pairs<'a>(
    entries: impl IntoIterator<Item = &'a AlgorithmEntry>,
) -> impl Iterator<Item = (&'a AlgorithmEntry, Decision)> {
    entries
        .into_iter()
        .flat_map(|entry| both(entry).into_iter().map(move |decision| (entry, decision)))
}

fn values(decision: &Decision) -> Vec<f64> {
    arrays(decision).iter().flat_map(|array| &array.values).map(|&value| value.into()).collect()
}

#[test]
fn dead_rows_beside_living_ones_change_nothing() {
    for (entry, mut alone) in pairs(ALGORITHMS) {
        let mut beside = alone.clone();
        let expected = learn(&mut alone, &ALIVE, &[1.0; 4]);
        let all: Vec<_> = ALIVE.iter().chain(&DEAD).copied().collect();
        let got = learn(&mut beside, &all, &[1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
        assert_close(&got, &expected, 1e-6);
        assert_close(&values(&beside), &values(&alone), 1e-6);
        assert!(!entry.trained || values(&alone).len() > 3, "{}", entry.name);
    }
}

#[test]
fn a_batch_of_dead_rows_leaves_policies_bit_equal() {
    for (entry, mut decision) in pairs(trained()) {
        for step in 0..40 {
            learn(&mut decision, &ALIVE, &[1.0; 4]);
            let before = all_bits(&arrays(&decision));
            let gradient = learn(&mut decision, &DEAD, &[0.0; 3]);
            assert!(gradient.iter().all(|&g| g == 0.0), "{}", entry.name);
            assert_eq!(all_bits(&arrays(&decision)), before, "{} step {step}", entry.name);
        }
    }
}

#[test]
fn an_empty_batch_leaves_policies_bit_equal() {
    for (entry, mut decision) in pairs(ALGORITHMS) {
        let before = all_bits(&arrays(&decision));
        learn(&mut decision, &[], &[]);
        assert_eq!(all_bits(&arrays(&decision)), before, "{}", entry.name);
    }
}

//! The Gumbel gate is biased: its gradient has the expectation of an integral, not that of J.

use burn::tensor::Tensor;
use pathweave::decision::{AlgorithmSettings, GumbelGate, GumbelSpec};
use pathweave::trajectory::Gate;

use super::{Trial, WRONG, z};
use crate::support::tensor;

fn settings(temperature: f32, gate: GumbelGate) -> AlgorithmSettings {
    let gumbel = GumbelSpec { temperature, gate, ..GumbelSpec::default() };
    AlgorithmSettings { gumbel, ..AlgorithmSettings::default() }
}

/// A module loss that is linear in the gate: −G of the chosen action, or −Σ_a gate_a G_a. \[R\]
fn module_loss(trial: &Trial) -> Tensor<1> {
    match trial.seen.choice.gate.clone().expect("a gate") {
        Gate::Chosen(gate) => -(gate * trial.seen.returns.clone()),
        Gate::All(gate) => {
            let returns = &trial.bandit.returns;
            let returns = tensor(returns, [1, returns.len()], &gate.device());
            -(gate * returns).sum_dim(1).squeeze_dim::<1>(1)
        }
    }
}

/// Expectation for two actions by the midpoint rule: z_0 − z_1 is logit_0 − logit_1 plus a logistic
/// number, y = softmax(z/τ), ∂y_0/∂logit_0 = y_0 y_1 / τ = −∂y_1/∂logit_0.
fn integral(trial: &Trial, temperature: f64, gate: GumbelGate) -> Vec<Option<f64>> {
    let (gap, returns) = (trial.bandit.columns[0] - trial.bandit.columns[1], &trial.bandit.returns);
    let steps = 100_000;
    let at = |step: i32| {
        let u = (f64::from(step) + 0.5) / f64::from(steps);
        let difference = gap + (u / (1.0 - u)).ln();
        let y = 1.0 / (1.0 + (-difference / temperature).exp());
        let slope = y * (1.0 - y) / temperature;
        match gate {
            GumbelGate::All => (returns[0] - returns[1]) * slope,
            GumbelGate::Chosen if difference > 0.0 => returns[0] * slope,
            GumbelGate::Chosen => -returns[1] * slope,
        }
    };
    let first = (0..steps).map(at).sum::<f64>() / f64::from(steps);
    vec![Some(-first), Some(first)]
}

#[test]
fn the_gate_has_the_gradient_of_its_integral() {
    for gate in [GumbelGate::Chosen, GumbelGate::All] {
        for temperature in [0.5, 1.0] {
            let trial = Trial::new("gumbel", &settings(temperature, gate), 2);
            let wanted = integral(&trial, f64::from(temperature), gate);
            let rows = trial.gradients(module_loss(&trial));
            let right = z(&rows, &wanted);
            assert!(right < WRONG, "{gate:?} at {temperature}: z = {right}");
            // Twins: the sign, the temperature, the other gate.
            let other = match gate {
                GumbelGate::Chosen => GumbelGate::All,
                GumbelGate::All => GumbelGate::Chosen,
            };
            let mirrored: Vec<_> = wanted.iter().map(|g| g.map(|g| -g)).collect();
            let wrong_sign = z(&rows, &mirrored);
            let hotter = z(&rows, &integral(&trial, 2.0, gate));
            let swapped = z(&rows, &integral(&trial, f64::from(temperature), other));
            for z in [wrong_sign, hotter, swapped] {
                assert!(
                    z > 2.0 * WRONG,
                    "{gate:?} at {temperature}: {wrong_sign} {hotter} {swapped}"
                );
            }
        }
    }
}

#[test]
fn its_bias_is_seen() {
    for gate in [GumbelGate::Chosen, GumbelGate::All] {
        for actions in [2, 3, 5] {
            let trial = Trial::new("gumbel", &settings(1.0, gate), actions);
            let exact: Vec<_> = trial.bandit.descent().into_iter().map(Some).collect();
            let z = z(&trial.gradients(module_loss(&trial)), &exact);
            assert!(z > 2.0 * WRONG, "{gate:?}, {actions} actions: z = {z}");
        }
    }
}

#[test]
fn the_gate_is_the_hard_choice_in_value() {
    for gate in [GumbelGate::Chosen, GumbelGate::All] {
        let trial = Trial::new("gumbel", &settings(0.3, gate), 3);
        let chosen = match trial.seen.choice.gate.clone().expect("a gate") {
            Gate::Chosen(gate) => gate,
            Gate::All(gate) => {
                let action = trial.seen.choice.action.clone().unsqueeze_dim(1);
                gate.gather(1, action).squeeze_dim(1)
            }
        };
        assert!(crate::support::numbers(&chosen).iter().all(|&gate| gate == 1.0), "{gate:?}");
    }
}

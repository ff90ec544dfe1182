//! Every optimizer against numbers that torch.optim computed (`golden_optimizers.py`).

mod numbers;

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use numbers::{AFTER, GRADIENTS, RATE, START};
use pathweave::spec::{OptimizerKind, TrainSpec};
use pathweave::train::optimizer::{self, OptimizerState, Used};

use crate::support::{assert_close, numbers as host, tape, vector};

#[derive(Module, Debug)]
struct Three {
    weight: Param<Tensor<1>>,
}

#[test]
fn five_steps_are_those_of_torch() {
    let known: Vec<&str> = OptimizerKind::ALL.iter().map(|row| row.1).collect();
    assert_eq!(AFTER.map(|row| row.0).as_slice(), known);
    for ((name, after), &(kind, _, _)) in AFTER.iter().zip(OptimizerKind::ALL) {
        let spec = TrainSpec { optimizer: kind, learning_rate: RATE, ..TrainSpec::default() };
        let mut three = Three { weight: Param::from_tensor(vector(&START, &tape())) };
        let mut state = OptimizerState::default();
        for (step, (gradient, wanted)) in GRADIENTS.iter().zip(after).enumerate() {
            let loss = (three.weight.val() * vector(gradient, &tape())).sum();
            let mut gradients = loss.backward();
            three = optimizer::step(three, &mut gradients, &spec, 1.0, &Used::new(), &mut state);
            assert_close(&host(&three.weight.val()), wanted, 2e-6);
            assert!(step > 0 || host(&three.weight.val()) != START, "{name} moved nothing");
        }
    }
}

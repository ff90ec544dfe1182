//! Adagrad (torch.optim.Adagrad).

use burn::tensor::Tensor;

use super::rule::{Given, Rule, Slots, take};

/// s ← s + g², w ← w − η g / (√s + ε).
pub struct Adagrad;

impl Rule for Adagrad {
    fn fresh(given: &Given) -> Slots {
        vec![given.zeros()]
    }

    fn update(given: Given, slots: Slots) -> (Tensor<2>, Slots) {
        let [s] = take(slots);
        let g = given.gradient;
        let s = s + g.clone().square();
        (given.value - g / (s.clone().sqrt() + 1e-10) * given.rate, vec![s])
    }
}

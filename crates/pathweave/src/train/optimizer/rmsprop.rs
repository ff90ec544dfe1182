//! RMSprop (torch.optim.RMSprop).

use burn::tensor::Tensor;

use super::rule::{Given, Rule, Slots, take};

/// v ← α v + (1 − α) g², w ← w − η g / (√v + ε).
pub struct Rmsprop;

impl Rule for Rmsprop {
    fn fresh(given: &Given) -> Slots {
        vec![given.zeros()]
    }

    fn update(given: Given, slots: Slots) -> (Tensor<2>, Slots) {
        let [v] = take(slots);
        let g = given.gradient;
        let v = v * 0.99 + g.clone().square() * 0.01;
        (given.value - g / (v.clone().sqrt() + 1e-8) * given.rate, vec![v])
    }
}

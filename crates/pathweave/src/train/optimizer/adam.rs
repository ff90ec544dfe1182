//! Adam (torch.optim.Adam).

use burn::tensor::Tensor;

use super::rule::{Given, Rule, Slots, take};

/// m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − η m̂ / (√v̂ + ε), both moments
/// corrected for their start at zero.
pub struct Adam;

impl Rule for Adam {
    fn fresh(given: &Given) -> Slots {
        vec![given.zeros(), given.zeros()]
    }

    fn update(given: Given, slots: Slots) -> (Tensor<2>, Slots) {
        let [m, v] = take(slots);
        let corrected = |beta: f64| given.by_count(|count| 1.0 - beta.powi(count));
        let (first, second) = (corrected(0.9), corrected(0.999));
        let g = given.gradient;
        let m = m * 0.9 + g.clone() * 0.1;
        let v = v * 0.999 + g.square() * 0.001;
        let root = (v.clone() / second).sqrt() + 1e-8;
        (given.value - m.clone() / first / root * given.rate, vec![m, v])
    }
}

//! Adadelta (torch.optim.Adadelta).

use burn::tensor::Tensor;

use super::rule::{Given, Rule, Slots, take};

/// v ← ρ v + (1 − ρ) g², δ = √(d + ε) / √(v + ε) · g, d ← ρ d + (1 − ρ) δ², w ← w − η δ.
pub struct Adadelta;

impl Rule for Adadelta {
    fn fresh(given: &Given) -> Slots {
        vec![given.zeros(), given.zeros()]
    }

    fn update(given: Given, slots: Slots) -> (Tensor<2>, Slots) {
        let [v, d] = take(slots);
        let g = given.gradient;
        let v = v * 0.9 + g.clone().square() * 0.1;
        let delta = (d.clone() + 1e-6).sqrt() / (v.clone() + 1e-6).sqrt() * g;
        let d = d * 0.9 + delta.clone().square() * 0.1;
        (given.value - delta * given.rate, vec![v, d])
    }
}

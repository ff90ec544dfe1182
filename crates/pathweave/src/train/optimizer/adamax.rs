//! Adamax (torch.optim.Adamax).

use burn::tensor::Tensor;

use super::rule::{Given, Rule, Slots, take};

/// m ← β₁ m + (1 − β₁) g, u ← max(β₂ u, |g| + ε), w ← w − η m̂ / u.
pub struct Adamax;

impl Rule for Adamax {
    fn fresh(given: &Given) -> Slots {
        vec![given.zeros(), given.zeros()]
    }

    fn update(given: Given, slots: Slots) -> (Tensor<2>, Slots) {
        let [m, u] = take(slots);
        let corrected = given.by_count(|count| 1.0 - 0.9f64.powi(count));
        let g = given.gradient;
        let m = m * 0.9 + g.clone() * 0.1;
        let u = (u * 0.999).max_pair(g.abs() + 1e-8);
        (given.value - m.clone() / corrected / u.clone() * given.rate, vec![m, u])
    }
}

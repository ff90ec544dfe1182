//! Resilient backpropagation (torch.optim.Rprop).

use burn::tensor::Tensor;

use super::rule::{Given, Rule, Slots, take};

/// s ← clamp(s · (1.2, 0.5 or 1), 1e-6, 50) where the sign of g stayed, turned, or one of them is
/// zero; a gradient whose sign turned counts as 0; w ← w − sign(g) s. Starts with s = η.
///
/// # Deviations
/// - The learning rate is the first step size and nothing else, as in PyTorch: under
///   `train.optimizer = "rprop"` step decay has no effect after a parameter's first update.
pub struct Rprop;

impl Rule for Rprop {
    fn fresh(given: &Given) -> Slots {
        vec![given.zeros(), given.zeros() + given.rate]
    }

    fn update(given: Given, slots: Slots) -> (Tensor<2>, Slots) {
        let [before, size] = take(slots);
        let g = given.gradient;
        let product = g.clone() * before;
        let turned = product.clone().lower_elem(0.0);
        let factor = product.greater_elem(0.0).float() * 0.2 - turned.clone().float() * 0.5 + 1.0;
        let size = (size * factor).clamp(1e-6, 50.0);
        let g = g.mask_fill(turned, 0.0);
        let sign = g.clone().greater_elem(0.0).float() - g.clone().lower_elem(0.0).float();
        (given.value - sign * size.clone(), vec![g, size])
    }
}

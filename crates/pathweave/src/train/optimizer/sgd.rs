//! Stochastic gradient descent with momentum (torch.optim.SGD).

use burn::tensor::Tensor;

use super::rule::{Given, Rule, Slots};

/// b ← μ b + g, w ← w − η b. The first b is g itself.
pub struct Sgd;

impl Rule for Sgd {
    fn fresh(given: &Given) -> Slots {
        match given.momentum {
            0.0 => Vec::new(),
            _ => vec![given.zeros()],
        }
    }

    fn update(given: Given, slots: Slots) -> (Tensor<2>, Slots) {
        let Given { value, gradient: g, rate, momentum, .. } = given;
        match slots.into_iter().next() {
            None => (value - g * rate, Vec::new()),
            Some(buffer) => {
                let buffer = buffer * momentum + g;
                (value - buffer.clone() * rate, vec![buffer])
            }
        }
    }
}

//! Averaged stochastic gradient descent (torch.optim.ASGD).

use burn::tensor::Tensor;

use super::rule::{Given, Rule, Slots, take};

/// λ
const DECAY: f64 = 1e-4;
/// α
const POWER: f64 = 0.75;
/// t₀, update from which on is averaged
const START: f64 = 1e6;

/// w ← (1 − λ η_t) w − η_t g with η_t = η / (1 + λ η (t − 1))^α, and beside it the average
/// ā ← ā + μ_t (w − ā) with μ_t = 1 / max(1, t − t₀).
///
/// # Deviations
/// - The network is evaluated with w, as users of torch.optim.ASGD get it: ā is kept in the
///   optimizer's state (`PATH#0` in a checkpoint) and is w itself until t₀ = 1e6 updates.
/// - Where `train.decay_every` lowers the rate, η_t follows at once; PyTorch's is one update late.
pub struct Asgd;

impl Rule for Asgd {
    fn fresh(given: &Given) -> Slots {
        vec![given.value.clone()]
    }

    fn update(given: Given, slots: Slots) -> (Tensor<2>, Slots) {
        let [average] = take(slots);
        let rate = given.rate;
        let eta =
            given.by_count(|count| rate / (1.0 + DECAY * rate * f64::from(count - 1)).powf(POWER));
        let share = |count: i32| 1.0 / (f64::from(count) - START).max(1.0);
        let plain = given.counts.iter().all(|&count| f64::from(count) <= START + 1.0);
        let mu = given.by_count(share);
        let value = given.value * (-eta.clone() * DECAY + 1.0) - given.gradient * eta;
        let average = match plain {
            true => value.clone(),
            false => average.clone() + (value.clone() - average) * mu,
        };
        (value, vec![average])
    }
}

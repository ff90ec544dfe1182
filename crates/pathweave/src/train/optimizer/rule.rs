//! What an optimizer's update is made of.

use burn::tensor::{Tensor, TensorData};

/// State of a parameter, each [groups, numbers].
pub type Slots = Vec<Tensor<2>>;

/// One parameter at one step.
pub struct Given<'a> {
    /// w. [groups, numbers]
    pub value: Tensor<2>,
    /// g, clipped and with its penalty. [groups, numbers]
    pub gradient: Tensor<2>,
    /// Learning rate of this step
    pub rate: f64,
    /// Momentum of SGD
    pub momentum: f64,
    /// Updates of each group, this one included. \[groups\]
    pub counts: &'a [u32],
}

impl Given<'_> {
    /// Zeros like w.
    pub fn zeros(&self) -> Tensor<2> {
        self.value.zeros_like()
    }

    /// A number that follows from how often a group was updated. [groups, 1]
    pub fn by_count(&self, of: impl Fn(i32) -> f64) -> Tensor<2> {
        let one = |count: &u32| of((*count).max(1) as i32) as f32;
        let values: Vec<f32> = self.counts.iter().map(one).collect();
        let groups = values.len();
        Tensor::from_data(TensorData::new(values, [groups, 1]), &self.value.device())
    }
}

/// One optimizer.
pub trait Rule {
    /// State before the first update.
    fn fresh(given: &Given) -> Slots;

    /// The new value and state.
    fn update(given: Given, slots: Slots) -> (Tensor<2>, Slots);
}

/// The state of a rule that has so many slots.
pub fn take<const N: usize>(slots: Slots) -> [Tensor<2>; N] {
    slots.try_into().expect("a rule finds the state that it left")
}

//! A batch of rule data.

/// Rows drawn for one step. B samples of L tokens are B · L rows; buffers are reused.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleBatch {
    /// B
    pub samples: usize,
    /// L; 1 where samples are no sequences
    pub length: usize,
    /// F, numbers a row, the context not counted
    pub features: usize,
    /// Rules applied to a row, one after the other; 1 unless rules are composed
    pub depth: usize,
    /// Numbers of each row. [B · L, F]
    pub x: Vec<f32>,
    /// Rule of each row, and of each depth. [B · L, depth]
    pub rule: Vec<u32>,
    /// The context that the model is shown, equal to the rule unless it is noisy; R where it is
    /// missing, which a model sees as a one-hot of zeros. [B · L, depth]
    pub context: Vec<u32>,
    /// Regression: the label. Classification: 1 where it is not negative, else 0. [B · L, outputs]
    pub y: Vec<f32>,
}

impl RuleBatch {
    /// B · L
    pub fn rows(&self) -> usize {
        self.samples * self.length
    }
}

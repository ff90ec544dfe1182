//! What tells one task's rules from another's.

use super::settings::{RuleFamily, RulesSpec, STATE};
use crate::streams::Streams;

/// Numbers that the rules compute with. Families leave empty what they do not use.
///
/// # Deviations
/// - M names no distribution for the w of equation 15: it is drawn from N(0, 1)/√32, so that wᵀ s_n
///   is about as large as one number of the state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coefficients {
    /// α of each rule (M equations 6, 11), N(0, 1). \[R\]
    pub alpha: Vec<f32>,
    /// β of each rule, N(0, 1). \[R\]
    pub beta: Vec<f32>,
    /// A of each rule (M equation 14), N(0, 1)/√32: a row vector is multiplied from the left, so
    /// the state's number i meets row i. [R, 32, 32]
    pub a: Vec<f32>,
    /// B of each rule, as A. [R, 32, 32]
    pub b: Vec<f32>,
    /// w (M equation 15), N(0, 1)/√32. \[32\]
    pub w: Vec<f32>,
}

impl Coefficients {
    /// Drawn by the task's seed, which no run's seed touches. The first rules of a task are the
    /// same however many there are.
    pub fn new(spec: &RulesSpec) -> Self {
        let streams = Streams::new(spec.task);
        let draw = |name: &str, count: usize, scale: f32| {
            let mut values = vec![0.0; count];
            streams.stream(name, 0).fill_normal(&mut values);
            values.iter_mut().for_each(|value| *value *= scale);
            values
        };
        let small = 1.0 / (STATE as f32).sqrt();
        match spec.family {
            RuleFamily::Mlp | RuleFamily::Mha => Self {
                alpha: draw("rules/alpha", spec.rules, 1.0),
                beta: draw("rules/beta", spec.rules, 1.0),
                ..Self::default()
            },
            RuleFamily::Rnn => Self {
                a: draw("rules/a", spec.rules * STATE * STATE, small),
                b: draw("rules/b", spec.rules * STATE * STATE, small),
                w: draw("rules/w", STATE, small),
                ..Self::default()
            },
        }
    }

    /// Asserts that each list has the length that the settings ask for.
    pub(super) fn assert_sizes(&self, spec: &RulesSpec) {
        let (scalars, squares, width) = match spec.family {
            RuleFamily::Mlp | RuleFamily::Mha => (spec.rules, 0, 0),
            RuleFamily::Rnn => (0, spec.rules * STATE * STATE, STATE),
        };
        let found = [&self.alpha, &self.beta, &self.a, &self.b, &self.w].map(Vec::len);
        let wanted = [scalars, scalars, squares, squares, width];
        assert_eq!(found, wanted, "lengths of alpha, beta, a, b, w");
    }

    /// Every number, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = f32> {
        [&self.alpha, &self.beta, &self.a, &self.b, &self.w].into_iter().flatten().copied()
    }
}

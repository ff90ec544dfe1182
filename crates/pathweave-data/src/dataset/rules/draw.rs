//! What to draw.

use super::settings::RulesSpec;

/// Which ordered pairs of rules are composed; void where no rules are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pairs {
    /// Every pair
    All,
    /// Those of training
    #[default]
    Seen,
    /// Those that training never shows; a batch without samples where there is none
    HeldOut,
}

/// What a batch is drawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Draw<'a> {
    /// B
    pub samples: usize,
    /// L; 1 is taken for `mlp`, and in the place of 0
    pub length: usize,
    /// Inputs are multiplied by this before they are labelled; M tests out of distribution with 2
    pub scale: f32,
    /// Share of each rule, in the place of the settings'. \[R\]
    pub frequencies: Option<&'a [f64]>,
    /// Pairs of rules where `depth` is 2
    pub pairs: Pairs,
    /// Whether every context is its rule, whatever the settings say of noise
    pub clean: bool,
    /// Whether samples are taken from the limited training set, where the settings limit it; then
    /// only `samples` of the fields above counts
    pub pool: bool,
}

impl Draw<'_> {
    /// A training batch.
    pub fn training(spec: &RulesSpec, samples: usize) -> Self {
        Self { pool: spec.samples > 0, ..Self::evaluation(spec, samples) }
    }

    /// Samples distributed as the training data are, drawn anew. Change fields for other tests.
    pub fn evaluation(spec: &RulesSpec, samples: usize) -> Self {
        Self {
            samples,
            length: spec.tokens(),
            scale: 1.0,
            frequencies: None,
            pairs: Pairs::Seen,
            clean: false,
            pool: false,
        }
    }
}

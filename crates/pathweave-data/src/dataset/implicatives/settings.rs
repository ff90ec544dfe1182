//! Settings of implicatives.

use serde::{Deserialize, Serialize};

use super::plan::Plan;
use crate::dataset::{DatasetInfo, Loader};
use crate::text::WordsSpec;

/// How training, validation and test differ (T 5.3).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Variant {
    /// In their sentences
    #[default]
    Joint,
    /// In their constructions as well: training has none of the others'
    Disjoint,
    /// In their signatures: training and validation have none of the test's
    Mismatch,
    /// In their compositions of two constructions, of which training has none of the others'
    Nested,
}

impl Variant {
    /// Every variant.
    pub const ALL: [Self; 4] = [Self::Joint, Self::Disjoint, Self::Mismatch, Self::Nested];

    /// The name in specs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Joint => "joint",
            Self::Disjoint => "disjoint",
            Self::Mismatch => "mismatch",
            Self::Nested => "nested",
        }
    }
}

/// Settings of `implicatives`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ImplicativesSpec {
    /// How training, validation and test differ
    pub variant: Variant,
    /// The variant whose training pairs are learned before the training proper
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Variant>,
    /// A variant that half of the pairs of every split are of, beside `variant`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub also: Option<Variant>,
    /// Seed of the sentences, and of the compositions that `nested` holds out
    pub seed: u64,
    /// Training pairs; a smaller number gives the first of a larger one's
    pub train: usize,
    /// Validation pairs
    pub validation: usize,
    /// Test pairs
    pub test: usize,
    /// Probability that the complement is the premise and the construction the hypothesis
    pub reverse: f64,
    /// Words and their vectors
    pub words: WordsSpec,
}

impl Default for ImplicativesSpec {
    /// As many training pairs as the thesis says there are (T 5.3: about ten thousand).
    fn default() -> Self {
        Self {
            variant: Variant::default(),
            before: None,
            also: None,
            seed: 0,
            train: 10_000,
            validation: 1000,
            test: 1000,
            reverse: 0.25,
            words: WordsSpec::default(),
        }
    }
}

impl ImplicativesSpec {
    /// What there is to know about the data set.
    pub const INFO: DatasetInfo = DatasetInfo {
        name: "implicatives",
        what: "generated sentence pairs labelled by the signatures of implicative constructions",
        source: "after T 5.3",
        files: &[],
        licence: "generated",
        loader: Loader::Embedded,
    };

    /// Every context that a variant in use has pairs of, each once, in an order that neither sizes
    /// nor seeds change: signatures (`+|-`), then those of nested constructions (`N+|-`).
    pub fn contexts(&self) -> Vec<String> {
        let mut variants: Vec<Variant> =
            self.before.into_iter().chain(self.also).chain([self.variant]).collect();
        variants.sort();
        let mut contexts: Vec<String> = Vec::new();
        for variant in variants {
            for context in Plan::new(variant, self.seed).contexts() {
                if !contexts.contains(&context) {
                    contexts.push(context);
                }
            }
        }
        contexts
    }
}

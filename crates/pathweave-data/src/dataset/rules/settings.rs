//! Settings of rule data.

use serde::{Deserialize, Serialize};

/// Which kind of rule makes the labels, named by the architecture that suits it (M section 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum RuleFamily {
    /// y = α_c x₁ + β_c x₂ (M equations 4–6)
    #[default]
    Mlp,
    /// Search, retrieve, combine, token by token (M equations 7–11)
    Mha,
    /// A switching linear dynamical system (M equations 12–15)
    Rnn,
}

/// What is learned of the label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum RuleTarget {
    /// Its value, by the L1 loss
    #[default]
    Regression,
    /// Whether it is at least 0, by binary cross entropy
    Classification,
}

/// How an MHA rule searches (both are in the authors' code).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Search {
    /// Version 1: scalars q, the nearest other token by |q_i − q_n|
    #[default]
    Scalar,
    /// Version 2: unit vectors q in R², the other token with the largest inner product
    Vector,
}

/// What an RNN rule's regression predicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Regressed {
    /// The state s_n, as the authors' runs do
    #[default]
    State,
    /// wᵀ s_n (M equation 15)
    Projection,
}

/// Settings of `rules`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RulesSpec {
    /// Kind of the rules
    pub family: RuleFamily,
    /// R
    pub rules: usize,
    /// Seeds the rules' coefficients
    pub task: u64,
    /// What is learned of the label
    pub target: RuleTarget,
    /// How `mha` rules search; void for the others
    pub search: Search,
    /// What the regression of `rnn` rules predicts; void for the others
    pub regressed: Regressed,
    /// Tokens in a sequence; void for `mlp`
    pub length: usize,
    /// Share of each rule, normalised; empty for equal shares
    pub frequencies: Vec<f64>,
    /// Where `frequencies` is empty: rule r has a share proportional to (r + 1)^−skew
    pub skew: f64,
    /// Probability that the model is shown a context drawn uniformly in the place of the rule
    pub context_noise: f64,
    /// Probability that the model is shown no context
    pub context_missing: f64,
    /// Training samples there are in all; 0 means fresh ones for every step
    pub samples: usize,
    /// Rules applied one after the other, each to the result of the one before; `mlp` only
    pub depth: usize,
    /// Where `depth` is 2: share of the ordered pairs of rules that training never shows
    pub held_out: f64,
    /// Steps that count as an epoch: the time between evaluations, and the unit of every schedule
    pub steps_per_epoch: u64,
    /// Samples of the validation and of each test set
    pub eval_samples: usize,
    /// Draws of rule frequencies that adaptation is averaged over; 0 leaves it out
    pub adaptation_draws: usize,
    /// Samples drawn for each of them
    pub adaptation_samples: usize,
}

impl Default for RulesSpec {
    /// The document's setting (M sections 3 and 6, and its authors' code).
    fn default() -> Self {
        Self {
            family: RuleFamily::default(),
            rules: 8,
            task: 0,
            target: RuleTarget::default(),
            search: Search::default(),
            regressed: Regressed::default(),
            length: 10,
            frequencies: Vec::new(),
            skew: 0.0,
            context_noise: 0.0,
            context_missing: 0.0,
            samples: 0,
            depth: 1,
            held_out: 0.0,
            steps_per_epoch: 5000,
            eval_samples: 10_000,
            adaptation_draws: 100,
            adaptation_samples: 10_000,
        }
    }
}

/// Width of an RNN rule's inputs and state (M section 3: x_n ∈ R^32).
pub const STATE: usize = 32;

impl RulesSpec {
    /// F, numbers a row without the context.
    pub fn features(&self) -> usize {
        match (self.family, self.search) {
            (RuleFamily::Mlp, _) => 2,
            (RuleFamily::Mha, Search::Scalar) => 4 * self.rules,
            (RuleFamily::Mha, Search::Vector) => 6 * self.rules,
            (RuleFamily::Rnn, _) => STATE,
        }
    }

    /// Numbers in a label.
    pub fn outputs(&self) -> usize {
        match (self.family, self.target, self.regressed) {
            (RuleFamily::Rnn, RuleTarget::Regression, Regressed::State) => STATE,
            _ => 1,
        }
    }

    /// L, the length in training.
    pub fn tokens(&self) -> usize {
        if self.family == RuleFamily::Mlp { 1 } else { self.length }
    }
}

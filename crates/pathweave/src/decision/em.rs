//! Expectation maximisation over compositions (Kirsch et al. 2018; T 2.7, 4.3).

use burn::module::Module;
use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

use super::{DecisionAlgorithm, choose};
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::{Policy, PolicyShape};
use crate::trajectory::{Choice, Heads, Mode, Seen, Site};

/// By what the E-step ranks compositions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EmScore {
    /// The module loss, −log p(y|x, a)
    #[default]
    Loss,
    /// −log p(y|x, a) − log π(a|x), as Kirsch et al. 2018
    Joint,
}

/// Settings of [`Em`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct EmSpec {
    /// S, compositions drawn for each sample
    pub samples: usize,
    /// Whether the composition kept for a sample competes when the sample comes again
    pub remember: bool,
    /// By what compositions are ranked
    pub score: EmScore,
}

impl Default for EmSpec {
    fn default() -> Self {
        Self { samples: 10, remember: true, score: EmScore::default() }
    }
}

/// Imitates the best of several compositions. Which one is best is found by the E-step in
/// [`crate::train::Trainer`]; this is the M-step of the router, and where the E-step draws from.
///
/// # Deviations
/// - The E-step of `em` ranks compositions by the module loss alone, as T 4.3 tells it;
///   `router.em.score = "joint"` adds −log π(a|x), as Kirsch et al. 2018 do.
/// - Kirsch et al. 2018 keep a composition for every sample from the start, drawn uniformly; with
///   `em` a sample has none before its first E-step.
/// - Kirsch et al. 2018 alternate an E-step with several M-steps on its batch; `em` makes one of
///   each a training step.
/// - Where the base has batch norm, E-step and M-step of `em` see the same features: those of one
///   pass with the batch's statistics. Running averages move once a training step.
#[derive(Module, Debug)]
pub struct Em {
    /// Logits
    pub policy: Policy,
    actions: usize,
}

impl Em {
    /// Logits start at zero for tables: a uniform policy.
    pub fn new(shape: &PolicyShape, init: &Init) -> Self {
        Self { policy: Policy::new(shape, shape.actions, init), actions: shape.actions }
    }
}

impl DecisionAlgorithm for Em {
    fn heads(&self, site: &Site) -> Heads {
        self.policy.heads(site, self.actions)
    }

    fn choose(&self, heads: &Heads, site: &Site, mode: Mode, noise: &Noise) -> Choice {
        let logits = heads.action.clone().detach();
        match mode {
            Mode::Train { .. } => choose::sample(logits, &super::stream(site), noise),
            Mode::Greedy => choose::greedy(logits),
        }
    }

    /// −log π(a|s), a being the decision of the composition that was kept. Rewards play no part.
    fn loss(&self, now: &Heads, _next: Option<&Heads>, seen: &Seen) -> Option<Tensor<1>> {
        Some(-super::pick(activation::log_softmax(now.action.clone(), 1), &seen.choice.action))
    }

    fn policy(&self, heads: &Heads) -> Option<Tensor<2>> {
        Some(activation::softmax(heads.action.clone(), 1))
    }
}

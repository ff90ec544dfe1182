//! Spec of the network and its router.

use serde::{Deserialize, Serialize};

use crate::block::BlockKind;
use crate::decision::{
    AdvantageActorCriticSpec, AdvantageLearningSpec, AlgorithmKind, EmSpec, EpsilonReinforceSpec,
    GumbelSpec, PpoSpec, RebarSpec, ReinforceSpec, RelaxSpec, WplSpec,
};
use crate::dispatcher::{DispatchSpec, Dispatcher};
use crate::model::text::TextModelSpec;
use crate::model::{SwitchSpec, TopKSpec};
use crate::policy::PolicyKind;
use crate::rule::RuleKind;
use crate::spec::Place;

/// What stands in the place of the three fully connected layers (T 5.2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ModelKind {
    /// A routed layer
    #[default]
    Routed,
    /// One module a layer, shared by all tasks
    Unrouted,
    /// A last layer for each task, the others shared
    #[serde(rename = "task-specific-1-fc")]
    TaskSpecific1Fc,
    /// All layers for each task
    TaskSpecificAllFc,
    /// All modules, summed with softmax weights
    SoftMixture,
    /// The k best modules for each sample, summed with the gate's weights
    TopK,
    /// The best module for each sample, times the gate's probability
    Switch,
    /// All modules, their inputs linear combinations
    CrossStitch,
    /// Rule data: one network that sees everything (M table 1)
    Monolithic,
    /// Rule data: modules that score themselves
    Modular,
    /// Rule data: modules scored by the context alone
    ModularOp,
    /// Rule data: the module that the rule names
    GtModular,
    /// Rule data: all modules, equally weighted
    Random,
}

impl ModelKind {
    /// Every kind, as specs write it, with a line of explanation.
    pub const ALL: &'static [(ModelKind, &'static str, &'static str)] = &[
        (Self::Routed, "routed", "a router chooses one module a layer for each sample (T 3)"),
        (Self::Unrouted, "unrouted", "the base: one module a layer (T 5.2.2)"),
        (Self::TaskSpecific1Fc, "task-specific-1-fc", "a last layer for each task (T 5.2.3)"),
        (Self::TaskSpecificAllFc, "task-specific-all-fc", "all layers for each task (T 5.2.3)"),
        (Self::SoftMixture, "soft-mixture", "softmax-weighted sum of all modules (T 5.2.3)"),
        (Self::TopK, "top-k", "noisy top-k mixture (T 2.2; Shazeer et al. 2017)"),
        (Self::Switch, "switch", "top-1 mixture, balanced (Fedus et al. 2021)"),
        (Self::CrossStitch, "cross-stitch", "linear combinations between task columns (T 5.2.3)"),
        (Self::Monolithic, "monolithic", "rule data: one network that sees everything (M table 1)"),
        (Self::Modular, "modular", "rule data: modules that score themselves (M table 1)"),
        (Self::ModularOp, "modular-op", "rule data: modules scored by the context (M table 1)"),
        (Self::GtModular, "gt-modular", "rule data: the module that the rule names (M table 1)"),
        (Self::Random, "random", "rule data: all modules, equally weighted (M section 5)"),
    ];

    /// The model of the rule benchmark, where it is one of its own.
    pub fn rule_kind(self) -> Option<RuleKind> {
        Some(match self {
            Self::Monolithic => RuleKind::Monolithic,
            Self::Modular => RuleKind::Modular,
            Self::ModularOp => RuleKind::ModularOp,
            Self::GtModular => RuleKind::GtModular,
            Self::Random => RuleKind::Random,
            _ => return None,
        })
    }
}

/// Sizes of the rule benchmark's models.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RuleModelSpec {
    /// E: width of the encoder; of the tokens where modules are attention
    pub encoder: usize,
    /// D: width of all modules together (MLP), of attention (MHA), of the state (RNN)
    pub width: usize,
    /// Whether a shared decoder makes the answer; else the modules do
    pub decoder: bool,
}

impl Default for RuleModelSpec {
    /// The smallest of the document's five sizes.
    fn default() -> Self {
        Self { encoder: 32, width: 128, decoder: true }
    }
}

/// Whether depths share their modules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Banks {
    /// A bank for each depth
    #[default]
    PerDepth,
    /// The same bank at each depth: recurrent routing
    Shared,
}

/// What the last fully connected layer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Output {
    /// Routed as the layers before it
    #[default]
    Routed,
    /// One linear layer for all; what skip, ⊥ and shared banks need
    Shared,
}

/// The convolutional base.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BaseSpec {
    /// Number of blocks; 0 hands the pixels to the first fully connected layer
    pub blocks: usize,
    /// Filters of each
    pub filters: usize,
}

impl Default for BaseSpec {
    fn default() -> Self {
        Self { blocks: 4, filters: 32 }
    }
}

/// The network (T 5.2.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ModelSpec {
    /// What stands in the place of the fully connected layers
    pub kind: ModelKind,
    /// Convolutional base, shared by all tasks
    pub base: BaseSpec,
    /// Width of each hidden fully connected layer
    pub hidden: Vec<usize>,
    /// Modules a bank; 0 means one for each task, or for each rule
    pub modules: usize,
    /// Kinds of blocks in a bank, repeated in turn
    pub blocks: Vec<BlockKind>,
    /// Whether depths share their bank
    pub banks: Banks,
    /// What the last layer is
    pub output: Output,
    /// Gives the task, one-hot, to the first fully connected layer; to sentences as their first word
    pub task_input: bool,
    /// Weight of a column's own activation when cross-stitches start, in [0, 1]
    pub stitch_own: f32,
    /// Settings of `top-k`
    pub top_k: TopKSpec,
    /// Settings of `switch`
    pub switch: SwitchSpec,
    /// Sizes of the models for rule data
    pub rules: RuleModelSpec,
    /// The encoder of sentence pairs
    pub text: TextModelSpec,
    /// Modules that keep their initial values, as "depth:module"; depth 0 where banks are shared
    pub frozen: Vec<Place>,
}

impl Default for ModelSpec {
    fn default() -> Self {
        Self {
            kind: ModelKind::default(),
            base: BaseSpec::default(),
            hidden: vec![128, 128],
            modules: 0,
            blocks: vec![BlockKind::Linear],
            banks: Banks::default(),
            output: Output::default(),
            task_input: false,
            stitch_own: 0.9,
            top_k: TopKSpec::default(),
            switch: SwitchSpec::default(),
            rules: RuleModelSpec::default(),
            text: TextModelSpec::default(),
            frozen: Vec::new(),
        }
    }
}

/// How many sub-routers there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SubRouters {
    /// One for every depth (T figure 3.4 a)
    Single,
    /// One a depth (T figure 3.4 b)
    #[default]
    PerDepth,
}

/// The entropy bonus: −β·H(π) is added to the loss of every decision (T 7.4.1).
///
/// # Deviations
/// - T 7.4.1 lets the term "anneal out" and names no schedule: β falls on a line, step by step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct EntropySpec {
    /// β at the start; 0 means no bonus. Needs an algorithm that learns a stochastic policy by
    /// gradient
    pub weight: f64,
    /// Epochs over which β falls to 0; 0 keeps it
    pub anneal_epochs: u32,
}

impl EntropySpec {
    /// β after `epoch` epochs.
    pub fn weight_at(&self, epoch: f64) -> f64 {
        match self.anneal_epochs {
            0 => self.weight,
            epochs => self.weight * (1.0 - epoch / f64::from(epochs)).max(0.0),
        }
    }
}

/// The router.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RouterSpec {
    /// How sub-routers decide and learn
    pub algorithm: AlgorithmKind,
    /// Which agent decides for a sample
    pub dispatcher: Dispatcher,
    /// Settings of dispatchers that cluster or learn
    pub dispatch: DispatchSpec,
    /// One sub-router for every depth or one for each
    pub sub_routers: SubRouters,
    /// Table or perceptron
    pub policy: PolicyKind,
    /// Hidden width of the perceptron
    pub hidden: usize,
    /// Whether an approximated policy sees the context
    pub sees_context: bool,
    /// Adds the skip action
    pub skip: bool,
    /// Adds the terminating action ⊥
    pub terminate: bool,
    /// Depth limit T where banks are shared; void otherwise
    pub max_depth: usize,
    /// Lets the router's loss reach the modules before it (T 7.4.5)
    pub gradient_to_modules: bool,
    /// Settings of `advantage_learning`
    pub advantage_learning: AdvantageLearningSpec,
    /// Entropy bonus
    pub entropy: EntropySpec,
    /// Settings of `reinforce`
    pub reinforce: ReinforceSpec,
    /// Settings of `epsilon_reinforce`
    pub epsilon_reinforce: EpsilonReinforceSpec,
    /// Settings of `advantage_actor_critic`
    pub advantage_actor_critic: AdvantageActorCriticSpec,
    /// Settings of `ppo`
    pub ppo: PpoSpec,
    /// Settings of `wpl`
    pub wpl: WplSpec,
    /// Settings of `em`
    pub em: EmSpec,
    /// Settings of `gumbel`
    pub gumbel: GumbelSpec,
    /// Settings of `rebar`
    pub rebar: RebarSpec,
    /// Settings of `relax`
    pub relax: RelaxSpec,
}

impl Default for RouterSpec {
    fn default() -> Self {
        Self {
            algorithm: AlgorithmKind::default(),
            dispatcher: Dispatcher::default(),
            dispatch: DispatchSpec::default(),
            sub_routers: SubRouters::default(),
            policy: PolicyKind::default(),
            hidden: 64,
            sees_context: true,
            skip: false,
            terminate: false,
            max_depth: 3,
            gradient_to_modules: false,
            advantage_learning: AdvantageLearningSpec::default(),
            entropy: EntropySpec::default(),
            reinforce: ReinforceSpec::default(),
            epsilon_reinforce: EpsilonReinforceSpec::default(),
            advantage_actor_critic: AdvantageActorCriticSpec::default(),
            ppo: PpoSpec::default(),
            wpl: WplSpec::default(),
            em: EmSpec::default(),
            gumbel: GumbelSpec::default(),
            rebar: RebarSpec::default(),
            relax: RelaxSpec::default(),
        }
    }
}

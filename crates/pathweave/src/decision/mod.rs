//! Decision algorithms: how a sub-router chooses and how it learns from what followed. One a file,
//! the same sections in the same order; none knows of another.

mod advantage_actor_critic;
mod advantage_learning;
mod assigned;
mod baseline;
pub mod choose;
mod em;
mod epsilon_reinforce;
mod gumbel;
mod hashed;
mod ppo;
mod q_learning;
mod rebar;
mod registry;
mod reinforce;
mod relax;
mod relaxed;
mod sarsa;
mod shared;
mod uniform;
mod wpl;
mod wpl_approximated;

pub use advantage_actor_critic::{AdvantageActorCritic, AdvantageActorCriticSpec};
pub use advantage_learning::{AdvantageLearning, AdvantageLearningSpec};
pub use assigned::Assigned;
pub use baseline::Baseline;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
pub use em::{Em, EmScore, EmSpec};
pub use epsilon_reinforce::{EpsilonReinforce, EpsilonReinforceSpec};
pub use gumbel::{Gumbel, GumbelGate, GumbelSpec};
pub use hashed::Hashed;
pub use ppo::{Ppo, PpoSpec};
pub use q_learning::QLearning;
pub use rebar::{Rebar, RebarSpec};
pub use registry::{ALGORITHMS, AlgorithmEntry};
pub use reinforce::{Reinforce, ReinforceSpec};
pub use relax::{Relax, RelaxSpec};
pub use sarsa::Sarsa;
use serde::{Deserialize, Serialize};
pub(crate) use shared::hashed_modules;
pub use shared::{bootstrapped, pick, stream};
use shared::{given, hashes, no_heads};
pub use uniform::Uniform;
pub use wpl::{Weighting, Wpl, WplSpec, project};
pub use wpl_approximated::WplApproximated;

use crate::init::Init;
use crate::noise::Noise;
use crate::policy::{PolicyKind, PolicyShape};
use crate::trajectory::{Choice, Heads, Mode, Seen, Site};

/// One way to decide.
///
/// Implement it for a module of your own to route by it: [`crate::routed_layer::RoutedLayer`] takes
/// any. `examples/own_decision.rs` shows one from end to end. A [`crate::policy::Policy`] among your
/// fields keeps the parameters of agents that decided nothing as they are; parameters outside of
/// policies move with every batch that gives them a gradient.
pub trait DecisionAlgorithm: Module + ModuleDisplay {
    /// What the sub-router computes at a site: action head [R, A], critic \[R\] if it has one.
    fn heads(&self, site: &Site) -> Heads;

    /// Chooses an action a row. Carries no gradient, but for the gate.
    fn choose(&self, heads: &Heads, site: &Site, mode: Mode, noise: &Noise) -> Choice;

    /// Loss of each row's decision at one depth, not reduced and not masked \[R\]; `None` where the
    /// algorithm is not trained by gradient. `next` are the heads at the following depth, if any.
    fn loss(&self, now: &Heads, next: Option<&Heads>, seen: &Seen) -> Option<Tensor<1>>;

    /// Updates that are not gradient steps: tables, running means. Called once a depth and step.
    fn observe(&mut self, _site: &Site, _seen: &Seen) {}

    /// How often the router learns from the decisions of one batch; a loss of more than one epoch
    /// is [`DecisionAlgorithm::again`] from the second on.
    fn epochs(&self) -> u32 {
        1
    }

    /// Loss of a later epoch \[R\]: `now` are the heads as they would be computed today, `then`
    /// those that the decision was made with.
    fn again(&self, _now: &Heads, _then: &Heads, _seen: &Seen) -> Option<Tensor<1>> {
        None
    }

    /// Moves schedules of the algorithm's own to this epoch. Called before each step, with fractions
    /// of an epoch.
    fn at_epoch(&mut self, _epoch: f64) {}

    /// π(·|s), with gradient, where the algorithm learns a stochastic policy. [R, A]
    fn policy(&self, _heads: &Heads) -> Option<Tensor<2>> {
        None
    }
}

/// Names of the algorithms, as specs write them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlgorithmKind {
    /// [`QLearning`]
    QLearning,
    /// [`Sarsa`]
    Sarsa,
    /// [`AdvantageLearning`]
    AdvantageLearning,
    /// [`Reinforce`]
    Reinforce,
    /// [`EpsilonReinforce`]
    EpsilonReinforce,
    /// [`AdvantageActorCritic`]
    AdvantageActorCritic,
    /// [`Ppo`]
    Ppo,
    /// [`Wpl`], [`WplApproximated`]
    #[default]
    Wpl,
    /// [`Em`]
    Em,
    /// [`Gumbel`]
    Gumbel,
    /// [`Rebar`]
    Rebar,
    /// [`Relax`]
    Relax,
    /// [`Assigned`]
    Assigned,
    /// [`Uniform`]
    Uniform,
    /// [`Hashed`]
    Hashed,
}

/// A sub-router's algorithm, of any kind.
#[derive(Module, Debug)]
pub enum Decision {
    /// Q-learning
    QLearning(QLearning),
    /// SARSA
    Sarsa(Sarsa),
    /// Advantage learning
    AdvantageLearning(AdvantageLearning),
    /// REINFORCE
    Reinforce(Reinforce),
    /// REINFORCE on ε-greedy samples
    EpsilonReinforce(EpsilonReinforce),
    /// Advantage actor-critic
    AdvantageActorCritic(AdvantageActorCritic),
    /// Proximal policy optimization
    Ppo(Ppo),
    /// Weighted policy learner, tabular
    Wpl(Wpl),
    /// Weighted policy learner, approximated
    WplApproximated(WplApproximated),
    /// Expectation maximisation
    Em(Em),
    /// Straight-through Gumbel-softmax
    Gumbel(Gumbel),
    /// REBAR
    Rebar(Rebar),
    /// RELAX
    Relax(Relax),
    /// By context
    Assigned(Assigned),
    /// At random
    Uniform(Uniform),
    /// By hash
    Hashed(Hashed),
}

/// Settings of the algorithms that have some.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlgorithmSettings {
    /// Of advantage learning
    pub advantage_learning: AdvantageLearningSpec,
    /// Of REINFORCE
    pub reinforce: ReinforceSpec,
    /// Of ε-greedy REINFORCE
    pub epsilon_reinforce: EpsilonReinforceSpec,
    /// Of advantage actor-critic
    pub advantage_actor_critic: AdvantageActorCriticSpec,
    /// Of PPO
    pub ppo: PpoSpec,
    /// Of WPL
    pub wpl: WplSpec,
    /// Of the Gumbel-softmax
    pub gumbel: GumbelSpec,
    /// Of REBAR
    pub rebar: RebarSpec,
    /// Of RELAX
    pub relax: RelaxSpec,
}

macro_rules! each {
    ($decision:expr, $algorithm:ident => $call:expr) => {
        match $decision {
            Decision::QLearning($algorithm) => $call,
            Decision::Sarsa($algorithm) => $call,
            Decision::AdvantageLearning($algorithm) => $call,
            Decision::Reinforce($algorithm) => $call,
            Decision::EpsilonReinforce($algorithm) => $call,
            Decision::AdvantageActorCritic($algorithm) => $call,
            Decision::Ppo($algorithm) => $call,
            Decision::Wpl($algorithm) => $call,
            Decision::WplApproximated($algorithm) => $call,
            Decision::Em($algorithm) => $call,
            Decision::Gumbel($algorithm) => $call,
            Decision::Rebar($algorithm) => $call,
            Decision::Relax($algorithm) => $call,
            Decision::Assigned($algorithm) => $call,
            Decision::Uniform($algorithm) => $call,
            Decision::Hashed($algorithm) => $call,
        }
    };
}

impl Decision {
    /// An algorithm for a sub-router of this shape; `modules` ≤ actions are the first actions.
    pub fn new(
        kind: AlgorithmKind,
        settings: &AlgorithmSettings,
        shape: &PolicyShape,
        modules: usize,
        init: &Init,
    ) -> Self {
        let actions = shape.actions;
        match kind {
            AlgorithmKind::QLearning => Self::QLearning(QLearning::new(shape, init)),
            AlgorithmKind::Sarsa => Self::Sarsa(Sarsa::new(shape, init)),
            AlgorithmKind::AdvantageLearning => {
                let spec = settings.advantage_learning.clone();
                Self::AdvantageLearning(AdvantageLearning::new(shape, spec, init))
            }
            AlgorithmKind::Reinforce => {
                Self::Reinforce(Reinforce::new(shape, settings.reinforce.clone(), init))
            }
            AlgorithmKind::EpsilonReinforce => {
                let spec = settings.epsilon_reinforce.clone();
                Self::EpsilonReinforce(EpsilonReinforce::new(shape, spec, init))
            }
            AlgorithmKind::AdvantageActorCritic => {
                let spec = settings.advantage_actor_critic.clone();
                Self::AdvantageActorCritic(AdvantageActorCritic::new(shape, spec, init))
            }
            AlgorithmKind::Ppo => Self::Ppo(Ppo::new(shape, settings.ppo.clone(), init)),
            AlgorithmKind::Wpl if shape.kind == PolicyKind::Mlp => {
                Self::WplApproximated(WplApproximated::new(shape, settings.wpl.clone(), init))
            }
            AlgorithmKind::Wpl => Self::Wpl(Wpl::new(shape, settings.wpl.clone(), init)),
            AlgorithmKind::Em => Self::Em(Em::new(shape, init)),
            AlgorithmKind::Gumbel => {
                Self::Gumbel(Gumbel::new(shape, settings.gumbel.clone(), init))
            }
            AlgorithmKind::Rebar => Self::Rebar(Rebar::new(shape, settings.rebar.clone(), init)),
            AlgorithmKind::Relax => Self::Relax(Relax::new(shape, settings.relax.clone(), init)),
            AlgorithmKind::Assigned => Self::Assigned(Assigned::new(modules, actions)),
            AlgorithmKind::Uniform => Self::Uniform(Uniform::new(modules, actions)),
            AlgorithmKind::Hashed => Self::Hashed(Hashed::new(modules, actions)),
        }
    }
}

impl DecisionAlgorithm for Decision {
    fn heads(&self, site: &Site) -> Heads {
        each!(self, algorithm => algorithm.heads(site))
    }

    fn choose(&self, heads: &Heads, site: &Site, mode: Mode, noise: &Noise) -> Choice {
        each!(self, algorithm => algorithm.choose(heads, site, mode, noise))
    }

    fn loss(&self, now: &Heads, next: Option<&Heads>, seen: &Seen) -> Option<Tensor<1>> {
        each!(self, algorithm => algorithm.loss(now, next, seen))
    }

    fn observe(&mut self, site: &Site, seen: &Seen) {
        each!(self, algorithm => algorithm.observe(site, seen));
    }

    fn epochs(&self) -> u32 {
        each!(self, algorithm => algorithm.epochs())
    }

    fn again(&self, now: &Heads, then: &Heads, seen: &Seen) -> Option<Tensor<1>> {
        each!(self, algorithm => algorithm.again(now, then, seen))
    }

    fn at_epoch(&mut self, epoch: f64) {
        each!(self, algorithm => algorithm.at_epoch(epoch));
    }

    fn policy(&self, heads: &Heads) -> Option<Tensor<2>> {
        each!(self, algorithm => algorithm.policy(heads))
    }
}

/// Entropy of each row's policy, H(π) = −Σ_a π(a) ln π(a) (T 7.4.1). [R, A] → \[R\]
pub fn entropy(policy: Tensor<2>) -> Tensor<1> {
    // The limit of π ln π at 0 is 0; its derivative there is cut off with the logarithm.
    let logarithm = policy.clone().clamp_min(f32::MIN_POSITIVE).log();
    -(policy * logarithm).sum_dim(1).squeeze_dim::<1>(1)
}

//! What the figures of T 7 on language inference have in common: implicatives, the network,
//! algorithms and dispatchers.

use pathweave::model::text::RoutedPart;
use pathweave::spec::{ModelKind, OptimizerKind, RunSpec};

use super::language::{self, Corpus};
use crate::experiment::ablation::{self, Part, Variant};
use crate::experiment::scale::Scale;

/// Rate of tables of values, unless an algorithm names its own.
const TABLE_RATE: f64 = 0.01;

/// That of advantages, which are smaller than values.
pub const ADVANTAGES: &str = "train.router_learning_rate=0.001";

/// That of tables of logits, which have a longer way to go.
const POLICY_TABLE: &str = "train.router_learning_rate=0.1";

/// That of routers with perceptrons: the rate of the modules.
pub const PERCEPTRON: &str = "train.router_learning_rate=0.001";

/// Notes on the setting.
pub const SETTING: &str = "\
The network is that of T 5.3.2 with routed words, \"clearly the strongest routed architecture\" \
(T 6.3.1), on joint implicatives: b = 15 modules, d = 3 decisions at most with ⊥; one decision \
holds for all words of a pair. The figures of chapter 7 name no seeds, batch, epochs or learning \
rates for language inference. Networks and routers are trained by Adam, networks at 0.001. Tables \
of values learn at 0.01, of advantages at 0.001, of logits at 0.1, WPL's policy by steps of 0.03, \
a sub-router that is a perceptron at 0.001 as the network. Rates of tables were compared by one run \
each on the validation split, at small scale with 20 epochs. Q-learning: 0.001 (90.8 %), 0.01 \
(91.0 %) and 0.1 (74.8 %); advantage learning: 81.2, 80.0 and 54.4 %; AAC: 49.6, 52.6 and 79.2 %; \
REINFORCE: 47.6, 54.6 and 77.8 %; RELAX: 48.0, 52.0 and 79.0 %; Gumbel: 49.6, 54.0 and 65.6 %; WPL \
with steps of 0.01, 0.03 and 0.1: 80.2, 95.2 and 82.8 %. Dispatchers and the tables behind them have \
one optimizer and one rate, 0.01 for every algorithm. A dispatcher distributes pairs among 20 agents, \
the most of T table 6.1; its own algorithm is not named: Q-learning, since REINFORCE soon sent all \
pairs to one agent (dispatch entropy at most 0.15 nats, where runs with Q-learning, not all of the same \
settings, had 1.3 to 2.7).";

/// The router that is part of no comparison: a table for each signature and depth.
pub const Q_LEARNING: Variant =
    Variant { label: "QLearning", set: &["router.algorithm=q_learning"] };
/// T 7.1.2 has no baseline.
pub const REINFORCE: Variant = Variant {
    label: "REINFORCE",
    set: &["router.algorithm=reinforce", "router.reinforce.baseline=none", POLICY_TABLE],
};
/// Weighted policy learner.
pub const WPL: Variant =
    Variant { label: "WPL", set: &["router.algorithm=wpl", "router.wpl.rate=0.03"] };
/// Monte Carlo, as T 7.1.2 says.
pub const ADVANTAGE: Variant =
    Variant { label: "AdvantageL", set: &["router.algorithm=advantage_learning", ADVANTAGES] };
/// Advantage actor-critic.
pub const AAC: Variant =
    Variant { label: "AAC", set: &["router.algorithm=advantage_actor_critic", POLICY_TABLE] };
/// Temperature 1.
pub const GUMBEL: Variant =
    Variant { label: "Gumbel", set: &["router.algorithm=gumbel", POLICY_TABLE] };
/// Temperature 0.5, value coefficient 0.5, entropy coefficient 0.01.
pub const RELAX: Variant =
    Variant { label: "RELAX", set: &["router.algorithm=relax", POLICY_TABLE] };

/// The algorithms of T 7.1.2.
pub const LEARNERS: &[Variant] = &[AAC, ADVANTAGE, GUMBEL, Q_LEARNING, REINFORCE, RELAX, WPL];
/// Those that learn values.
pub const VALUE_BASED: &[Variant] = &[ADVANTAGE, Q_LEARNING];
/// Those that learn policies, WPL left out as T 7.1.4 does.
pub const POLICY_BASED: &[Variant] = &[AAC, GUMBEL, REINFORCE, RELAX];

/// A dispatcher that names a tabular agent by how it compresses the premise.
pub const DISPATCHED: &str = "router.dispatcher=autoencoder";
/// Its own algorithm: by REINFORCE it soon sends all pairs to one agent.
pub const DISPATCHER: &str = "router.dispatch.algorithm=q_learning";
/// The rate of dispatchers and the tables behind them.
pub const DISPATCHED_RATE: &str = "train.router_learning_rate=0.01";
/// T table 6.1: at most 20 agents.
pub const AGENTS: &str = "router.dispatch.agents=20";
/// It reads a weighted sum of word vectors.
pub const ATTENTION: &str = "router.dispatch.encoding=attention";
/// It reads how often each word occurs.
pub const ONE_HOT: &str = "router.dispatch.encoding=one-hot";
/// It reads word after word.
pub const SEQUENCE: &str = "router.dispatch.encoding=sequence";

/// What all runs of a figure share.
pub fn base(scale: Scale) -> RunSpec {
    let mut base = language::base(scale, Corpus::Implicatives);
    base.model.kind = ModelKind::Routed;
    base.model.text.routed = RoutedPart::Words;
    base.train.router_optimizer = OptimizerKind::Adam;
    base.train.router_learning_rate = TABLE_RATE;
    base
}

/// Every run of a figure.
pub fn sweep(scale: Scale, parts: &[Part]) -> Vec<RunSpec> {
    ablation::sweep(&base(scale), language::size(scale).seeds, parts)
}

//! Twins of the soft models whose modules are chosen by a router: any decision algorithm takes the
//! place of the score.

mod decide;
mod learn;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use decide::{Deciding, RuleSight};
use pathweave_data::Streams;
use pathweave_data::dataset::rules::{RuleBatch, RuleFamily};

use super::engine::{Engine, EngineState, Prediction, Update};
use super::network::{Answer, Inputs, RuleNetwork};
use super::shape::RuleShape;
use super::store;
use crate::decision::{Decision, DecisionAlgorithm};
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::PolicyShape;
use crate::reward::Rewards;
use crate::spec::CheckedSpec;
use crate::train::optimizer::OptimizerState;
use crate::train::{NamedArray, RestoreError, parameters};
use crate::trajectory::{Mode, Rows, Trajectory};

/// Modules and who chooses among them.
#[derive(Module, Debug)]
pub(super) struct Routed {
    network: RuleNetwork,
    router: Decision,
}

/// A hard-routed model of the benchmark: each row takes one module, which a decision algorithm
/// chooses and rewards teach. Only the chosen module's function is computed, but for the attention
/// of all heads, which is one product.
///
/// # Deviations
/// - M has soft scores only. Hard twins of its models have the modules of `GtModular` and a router
///   of T: one sub-router, which serves every token and, where rules are composed, both depths.
/// - Every decision of a hard twin on rule data is a routing problem of its own: one decision, then
///   the final reward of its row. What an RNN's decision does to later tokens is not credited to
///   it; of two composed rules' decisions both get the reward of their row.
/// - Meta-information of a hard twin is the context that the model is shown; a missing context is
///   one more agent of the dispatcher `meta`, and zeros in the state of an approximated policy.
/// - An approximated policy of a hard twin sees what the modules see of the row, the encoded context
///   included, also where `router.sees_context` is off; an RNN's sees the token, not the state.
/// - A row of rule data is numbered by a hash of its numbers, which `hashed` and
///   `train.module_split = "by-sample"` go by.
pub struct RoutedEngine {
    shape: RuleShape,
    spec: CheckedSpec,
    routed: Routed,
    sight: RuleSight,
    optimizer: OptimizerState,
    rewards: Rewards,
    streams: Streams,
    updates: u64,
    device: Device,
}

impl RoutedEngine {
    /// A fresh model, its initial values drawn from `train.seed`. `shape` is that of `GtModular`;
    /// `device` without autodiff.
    pub fn new(shape: &RuleShape, spec: &CheckedSpec, device: &Device) -> Self {
        let device = device.clone().autodiff();
        let streams = Streams::new(spec.train.seed);
        let (r, sight) = (&spec.router, RuleSight::new(spec, shape));
        let encoding = match shape.family {
            RuleFamily::Mlp => 3 * shape.encoder,
            RuleFamily::Mha | RuleFamily::Rnn => shape.encoder,
        };
        let policy = PolicyShape {
            kind: r.policy,
            agents: r.dispatcher.agents(shape.rules + 1, 0),
            slots: 1,
            state: sight.width(encoding),
            hidden: r.hidden,
            actions: shape.modules,
        };
        let init = Init::new(&streams, &device).at("router");
        let router = Decision::new(r.algorithm, &r.settings(), &policy, shape.modules, &init);
        let network = RuleNetwork::new(shape, &streams, &device);
        Self {
            shape: shape.clone(),
            spec: spec.clone(),
            routed: Routed { network, router },
            sight,
            optimizer: OptimizerState::default(),
            rewards: Rewards::new(spec.reward.clone()),
            streams,
            updates: 0,
            device,
        }
    }

    fn forward(
        &self,
        routed: &Routed,
        batch: &RuleBatch,
        device: &Device,
        mode: Mode,
    ) -> (Answer, Rows, Trajectory) {
        let noise = Noise::new(&self.streams, self.updates);
        let decider = (&routed.router, &self.sight);
        let mut guide = Deciding::new(decider, batch, self.shape.family, (mode, noise));
        let inputs = Inputs::new(batch, self.shape.rules, device);
        let answer = routed.network.forward(&inputs, Some(&mut guide));
        let (rows, trajectory) = guide.finish();
        (answer, rows, trajectory)
    }
}

impl Engine for RoutedEngine {
    fn shape(&self) -> &RuleShape {
        &self.shape
    }

    fn parameters(&self) -> u64 {
        parameters(&self.routed)
    }

    fn step(&mut self, batch: &RuleBatch, update: &Update) -> f64 {
        if batch.rows() == 0 {
            return f64::NAN;
        }
        self.routed.router.at_epoch(update.epoch);
        let exploration = self.spec.exploration.rate(update.epoch);
        let mode = Mode::Train { exploration };
        let (answer, rows, trajectory) = self.forward(&self.routed, batch, &self.device, mode);
        self.learn(batch, &answer.output, (rows, trajectory), update)
    }

    fn predict(&mut self, batch: &RuleBatch, into: &mut Prediction) {
        if batch.rows() == 0 {
            *into = Prediction::default();
            return;
        }
        let (routed, device) = (self.routed.valid(), self.device.clone().inner());
        let (answer, ..) = self.forward(&routed, batch, &device, Mode::Greedy);
        store::answer(answer, into);
    }

    fn state(&self) -> EngineState {
        let mut state = store::state(&self.shape, &self.routed, &self.optimizer, self.updates);
        for (agent, actions) in self.rewards.windows.recent() {
            state.moments.push(NamedArray {
                name: format!("{WINDOW}{agent}"),
                shape: vec![actions.len()],
                values: actions.into_iter().map(|action| action as f32).collect(),
            });
        }
        state
    }

    fn restore(&mut self, state: &EngineState) -> Result<(), RestoreError> {
        let (routed, optimizer) =
            store::restore(&self.shape, self.routed.clone(), state, &self.device)?;
        (self.routed, self.optimizer, self.updates) = (routed, optimizer, state.updates);
        self.rewards = Rewards::new(self.spec.reward.clone());
        for moment in &state.moments {
            let agent = moment.name.strip_prefix(WINDOW).and_then(|agent| agent.parse().ok());
            for &action in agent.iter().flat_map(|_| &moment.values) {
                self.rewards.windows.push(0, agent.unwrap_or(0), action as usize);
            }
        }
        Ok(())
    }
}

/// Begins the names of arrays with the decisions that a collaboration reward remembers.
const WINDOW: &str = "reward.window#";

/// Each row's number as often as it decided. \[R\] → \[R · sites\]
fn repeated(losses: Tensor<1>, sites: usize) -> Tensor<1> {
    let [rows] = losses.dims();
    losses.unsqueeze_dim::<2>(1).expand([rows, sites]).reshape([rows * sites])
}

//! Routed regression of one dimension: modules are lines, the router gives each point a line, or
//! several in a row (T 4.3, figure 4.3; T 4.4, figure 4.4).
//!
//! # Deviations
//! - Figures 4.3 and 4.4 are drawings: the thesis names neither a decision algorithm nor a router,
//!   a loss or any number for them, other than three modules, a depth of one (4.3) and of at most
//!   three (4.4). Here the loss is the squared error, the final reward its negative, a step sees
//!   every point, and the rest are settings.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use pathweave_data::Streams;
use pathweave_data::dataset::lines::{Line, LinePoints};

use super::ToyError;
use crate::bank::{Bank, LinearBank};
use crate::block::Activation;
use crate::decision::{AlgorithmKind, AlgorithmSettings, Decision};
use crate::dispatcher::Dispatcher;
use crate::explore::Exploration;
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::{PolicyKind, PolicyShape};
use crate::reward::{FinalReward, RewardSpec, Rewards};
use crate::routed_layer::{ExtraActions, RoutedLayer};
use crate::router::{Router, Sight, StateShape};
use crate::spec::{OptimizerKind, TrainSpec};
use crate::train::optimizer::{self, OptimizerState};
use crate::trajectory::{Mode, Rows, Seen};

/// Settings of a routed regression.
#[derive(Clone, Debug, PartialEq)]
pub struct LinesToySpec {
    /// Lines that the modules start on, one a module
    pub start: Vec<Line>,
    /// Uniform noise on both numbers of those lines, ± this much
    pub jitter: f32,
    /// Whether modules are y = a·x + b; else they are y = a·x, and b stays 0
    pub intercepts: bool,
    /// T, modules in a row at most
    pub depths: usize,
    /// Whether ⊥ is an action, so that rows may take fewer
    pub terminate: bool,
    /// How the router decides
    pub algorithm: AlgorithmKind,
    /// Settings of the algorithms
    pub settings: AlgorithmSettings,
    /// `meta`: one agent a line that points belong to, which is told to the router
    pub dispatcher: Dispatcher,
    /// `mlp` sees h, which is x at first, and the depth; `tabular` sees neither x nor h
    pub policy: PolicyKind,
    /// Hidden width of `mlp`
    pub hidden: usize,
    /// ε over steps: a step is an epoch
    pub exploration: Exploration,
    /// Rewards; the final one is the negative loss
    pub reward: RewardSpec,
    /// Seed, optimizers and their rates; the rest means nothing here
    pub train: TrainSpec,
    /// Steps on all points
    pub steps: u64,
}

impl Default for LinesToySpec {
    /// Figure 4.3: three modules of a slope and an intercept, one of them for each point.
    fn default() -> Self {
        Self {
            start: vec![Line { slope: 0.0, intercept: 0.0 }; 3],
            jitter: 0.5,
            intercepts: true,
            depths: 1,
            terminate: false,
            algorithm: AlgorithmKind::QLearning,
            settings: AlgorithmSettings::default(),
            dispatcher: Dispatcher::Single,
            policy: PolicyKind::Mlp,
            hidden: 32,
            exploration: Exploration::Linear { start: 0.05, end: 0.0, epochs: 150 },
            reward: RewardSpec { last: FinalReward::NegativeLoss, ..RewardSpec::default() },
            train: TrainSpec {
                learning_rate: 0.2,
                router_optimizer: OptimizerKind::Adam,
                router_learning_rate: 0.01,
                ..TrainSpec::default()
            },
            steps: 1500,
        }
    }
}

impl LinesToySpec {
    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut faults = self.exploration.faults();
        faults.extend(self.reward.faults());
        if self.start.is_empty() {
            faults.push(("start", "none".into(), "a line for each of at least one module"));
        }
        if self.depths == 0 {
            faults.push(("depths", "0".into(), "a whole number of at least 1"));
        }
        if self.hidden == 0 {
            faults.push(("hidden", "0".into(), "a whole number of at least 1"));
        }
        if self.reward.last == FinalReward::Correct {
            faults.push(("final", "correct".into(), "negative-loss: no regression is right"));
        }
        if self.policy == PolicyKind::Mlp && !self.algorithm.entry().approximated {
            faults.push(("policy", "mlp".into(), "tabular for this algorithm"));
        }
        if self.dispatcher.is_offline() || self.dispatcher.is_online() {
            faults.push(("dispatcher", self.dispatcher.name().into(), "single or meta"));
        }
        faults
    }
}

/// What the network does with points, without exploration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinesOutcome {
    /// Heights that it gives. \[B\]
    pub y: Vec<f32>,
    /// Modules that each point took, in order. \[B\]
    pub paths: Vec<Vec<u32>>,
    /// Mean squared error
    pub error: f64,
}

/// A routed regression in training.
#[derive(Clone, Debug)]
pub struct LinesToy {
    /// The network: [R, 1] → [R, 1]
    pub layer: RoutedLayer,
    /// Steps made so far
    pub step: u64,
    spec: LinesToySpec,
    rewards: Rewards,
    optimizer: OptimizerState,
    streams: Streams,
    device: Device,
}

impl LinesToy {
    /// A fresh network for points of `contexts` lines; `device` without autodiff.
    ///
    /// # Errors
    /// All faults of the settings.
    pub fn new(spec: LinesToySpec, contexts: usize, device: &Device) -> Result<Self, ToyError> {
        ToyError::check(spec.faults())?;
        let streams = Streams::new(spec.train.seed);
        let device = device.clone().autodiff();
        let init = Init::new(&streams, &device);
        let bank = Bank::Linear(bank(&spec, &streams, &init));
        let extra = ExtraActions { skip: false, terminate: spec.terminate };
        let modules = bank.modules();
        let state = (spec.policy == PolicyKind::Mlp).then_some(StateShape {
            activation: 1,
            contexts: 0,
            depths: spec.depths,
        });
        let shape = PolicyShape {
            kind: spec.policy,
            agents: spec.dispatcher.agents(contexts, 0),
            slots: spec.depths,
            state: state.as_ref().map_or(0, StateShape::width),
            hidden: spec.hidden,
            actions: modules + extra.count(),
        };
        let init = init.at("router");
        let decision = Decision::new(spec.algorithm, &spec.settings, &shape, modules, &init);
        let sight = Sight { dispatcher: spec.dispatcher, state, gradient_to_modules: false };
        let layer =
            RoutedLayer::new(Router::new(vec![decision], sight), vec![bank], spec.depths, extra);
        let (rewards, optimizer) = (Rewards::new(spec.reward.clone()), OptimizerState::default());
        Ok(Self { layer, step: 0, spec, rewards, optimizer, streams, device })
    }

    /// One step on all points; the mean squared error before it. Without points nothing happens.
    ///
    /// # Errors
    /// [`ToyError::Diverged`]
    pub fn step(&mut self, points: &LinePoints) -> Result<f32, ToyError> {
        if points.is_empty() {
            return Ok(0.0);
        }
        let rows = rows(points);
        let noise = Noise::new(&self.streams, self.step);
        let mode = Mode::Train { exploration: self.spec.exploration.rate(self.step as f64) };
        let (y, trajectory) =
            self.layer.forward(column(&points.x, &self.device), &rows, mode, &noise);
        let losses = (y - column(&points.y, &self.device)).square().squeeze_dim::<1>(1);
        let host: Vec<f32> = losses.to_data().iter::<f32>().collect();
        let error = host.iter().sum::<f32>() / host.len() as f32;
        ToyError::finite(self.step, "module", error)?;

        let router = &self.layer.router;
        let wrong = vec![false; host.len()];
        let (epoch, place) = (self.step as f64, |depth| router.index(depth));
        let returns = self.rewards.score(epoch, &trajectory, place, (&host, &wrong));
        let seen = Seen::of(&trajectory, &returns, self.rewards.discount());
        let mut total = losses.mean();
        if let Some(router_losses) = self.layer.router_loss(&trajectory, &seen) {
            let loss = router_losses.mean();
            ToyError::finite(self.step, "router", loss.clone().into_scalar::<f32>())?;
            total = total + loss;
        }
        let mut gradients = total.backward();
        let used = self.layer.used(&trajectory);
        let (train, state) = (&self.spec.train, &mut self.optimizer);
        self.layer = optimizer::step(self.layer.clone(), &mut gradients, train, 1.0, &used, state);
        let router = &self.layer.router;
        self.rewards.remember(&trajectory, |depth| router.index(depth));
        self.layer.observe(&trajectory, &rows, &seen);
        self.step += 1;
        Ok(error)
    }

    /// All steps of the settings.
    ///
    /// # Errors
    /// [`ToyError::Diverged`]
    pub fn train(&mut self, points: &LinePoints) -> Result<(), ToyError> {
        while self.step < self.spec.steps {
            self.step(points)?;
            if points.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// The greedy paths of points and what they give.
    pub fn outcome(&self, points: &LinePoints) -> LinesOutcome {
        if points.is_empty() {
            return LinesOutcome::default();
        }
        let layer = self.layer.valid();
        let noise = Noise::new(&self.streams, self.step);
        let x = column(&points.x, &self.device.clone().inner());
        let (y, trajectory) = layer.forward(x, &rows(points), Mode::Greedy, &noise);
        let y: Vec<f32> = y.to_data().iter::<f32>().collect();
        let mut paths = vec![Vec::new(); points.len()];
        let modules = layer.bank(0).modules() as u32;
        for step in &trajectory.steps {
            let alive = step.actions.iter().zip(&step.alive).enumerate();
            for (row, (&action, _)) in alive.filter(|(_, (_, alive))| **alive) {
                if action < modules {
                    paths[row].push(action);
                }
            }
        }
        let squares = y.iter().zip(&points.y).map(|(y, want)| f64::from(y - want).powi(2));
        let error = squares.sum::<f64>() / points.len() as f64;
        LinesOutcome { y, paths, error }
    }

    /// The line of each module as it is now. \[M\]
    pub fn lines(&self) -> Vec<Line> {
        let Bank::Linear(bank) = self.layer.bank(0) else { return Vec::new() };
        let slopes = bank.weight.val().to_data();
        let intercepts = bank.bias.val().to_data();
        let pairs = slopes.iter::<f32>().zip(intercepts.iter::<f32>());
        pairs.map(|(slope, intercept)| Line { slope, intercept }).collect()
    }
}

/// M modules of one number in, one out, on the lines that they start from.
fn bank(spec: &LinesToySpec, streams: &Streams, init: &Init) -> LinearBank {
    let modules = spec.start.len();
    let mut noise = vec![0.0f32; 2 * modules];
    streams.stream("lines/start", 0).fill_uniform(&mut noise);
    let jitter = |index: usize| spec.jitter * (2.0 * noise[index] - 1.0);
    let lines = || spec.start.iter().enumerate();
    let slopes: Vec<f32> = lines().map(|(module, line)| line.slope + jitter(2 * module)).collect();
    let weight = Tensor::from_data(TensorData::new(slopes, [modules, 1, 1]), init.device());
    let bias = if spec.intercepts {
        let intercepts: Vec<f32> =
            lines().map(|(module, line)| line.intercept + jitter(2 * module + 1)).collect();
        let bias = Tensor::from_data(TensorData::new(intercepts, [modules, 1]), init.device());
        Param::from_tensor(bias)
    } else {
        init.state([modules, 1], 0.0)
    };
    LinearBank { weight: Param::from_tensor(weight), bias, activation: Activation::Identity }
}

fn rows(points: &LinePoints) -> Rows {
    Rows { contexts: points.line.clone(), samples: (0..points.len() as u64).collect() }
}

/// Host numbers as a column. [B, 1]
fn column(values: &[f32], device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len(), 1]), device)
}

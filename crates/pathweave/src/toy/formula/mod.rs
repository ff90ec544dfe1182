//! Formulas learned by reducing them, window by window, and by a recurrent network for comparison
//! (T 2.7, Chang et al. 2019).
//!
//! # Deviations
//! - Chang et al. train with PPO. The algorithm is a setting here.
//! - The final reward is ±1 by the answer, and every step has a small cost.

mod recurrent;
mod routed;
mod spec;
mod tokens;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use pathweave_data::Streams;
use pathweave_data::dataset::formula::Formula;
pub use recurrent::RecurrentFormula;
pub use routed::{FormulaRouter, Pass, RoutedFormula, View};
pub use spec::{FormulaToySpec, Learner, Order};
pub use tokens::{Reduction, Tokens};

use super::ToyError;
use crate::decision::DecisionAlgorithm;
use crate::init::Init;
use crate::noise::Noise;
use crate::reward::Rewards;
use crate::train::optimizer::{self, OptimizerState, Used};
use crate::trajectory::{Mode, Seen, Trajectory, upload};

/// Least probability in the loss: a wrong token that is certain costs −log of it, not infinity.
const LEAST: f32 = 1e-6;
/// Formulas of a pass without gradient.
const BATCH: usize = 500;

/// A learner of either kind.
#[derive(Module, Debug)]
pub enum FormulaNetwork {
    /// Routed
    Routed(RoutedFormula),
    /// Recurrent
    Recurrent(RecurrentFormula),
}

/// What a learner answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// Digits. \[B\]
    pub digits: Vec<u8>,
    /// The decisions of each formula, in order: (operator's number, module), none for ⊥. \[B\]
    pub paths: Vec<Vec<Option<(usize, u32)>>>,
    /// Share of right answers; NaN without formulas
    pub accuracy: f64,
}

/// A learner in training.
#[derive(Clone, Debug)]
pub struct FormulaToy {
    /// The network
    pub network: FormulaNetwork,
    /// Steps made so far
    pub step: u64,
    spec: FormulaToySpec,
    rewards: Rewards,
    optimizer: OptimizerState,
    streams: Streams,
    device: Device,
}

impl FormulaToy {
    /// A fresh network; `device` without autodiff.
    ///
    /// # Errors
    /// All faults of the settings.
    pub fn new(spec: FormulaToySpec, device: &Device) -> Result<Self, ToyError> {
        ToyError::check(spec.faults())?;
        let streams = Streams::new(spec.train.seed);
        let device = device.clone().autodiff();
        let init = Init::new(&streams, &device);
        let network = match spec.learner {
            Learner::Routed => FormulaNetwork::Routed(RoutedFormula::new(&spec, &init)),
            Learner::Recurrent => FormulaNetwork::Recurrent(RecurrentFormula::new(&spec, &init)),
        };
        let (rewards, optimizer) = (Rewards::new(spec.reward.clone()), OptimizerState::default());
        Ok(Self { network, step: 0, spec, rewards, optimizer, streams, device })
    }

    /// Whether all steps of the settings were made.
    pub fn finished(&self) -> bool {
        self.step >= self.spec.steps
    }

    /// One step on fresh formulas; the mean loss before it.
    ///
    /// # Errors
    /// [`ToyError::Diverged`]
    pub fn step(&mut self) -> Result<f32, ToyError> {
        let data = &self.spec.data;
        let lengths = self.spec.order.lengths(self.step, self.spec.steps, data.longest);
        let formulas = data.training(self.step, &lengths, self.spec.train.batch);
        let loss = match self.network.clone() {
            FormulaNetwork::Routed(network) => self.routed_step(network, &formulas)?,
            FormulaNetwork::Recurrent(network) => {
                let digits = network.forward(&formulas, &self.device);
                let losses = losses(&digits, &formulas);
                let loss = self.finite("module", losses.clone().mean())?;
                self.network =
                    FormulaNetwork::Recurrent(self.update(network, losses.mean(), &Used::new()));
                loss
            }
        };
        self.step += 1;
        Ok(loss)
    }

    /// Forward, rewards, one backward pass, then the router's further epochs, if it has some.
    fn routed_step(
        &mut self,
        mut network: RoutedFormula,
        formulas: &[Formula],
    ) -> Result<f32, ToyError> {
        let noise = Noise::new(&self.streams, self.step);
        let mode = Mode::Train { exploration: 0.0 };
        let pass = network.forward(formulas, mode, &noise, &self.device);
        let losses = losses(&pass.digits, formulas);
        let host: Vec<f32> = losses.to_data().iter::<f32>().collect();
        let answers = answers(&pass.digits).into_iter().zip(formulas);
        let right: Vec<bool> = answers.map(|(answer, formula)| answer == formula.value).collect();
        let loss = self.finite("module", losses.clone().mean())?;

        let returns = self.rewards.score(0.0, &pass.trajectory, |_| 0, (&host, &right));
        let seen = Seen::of(&pass.trajectory, &returns, self.rewards.discount());
        let mut total = losses.mean();
        if let Some(losses) = network.router_loss(&pass.trajectory, &seen) {
            self.finite("router", losses.clone().mean())?;
            total = total + losses.mean();
        }
        let used = network.used(&pass.trajectory);
        network = self.update(network, total, &used);
        for _ in 1..network.router.decision.epochs() {
            let Some(losses) = network.router_loss_again(&pass, &seen) else { break };
            self.finite("router", losses.clone().mean())?;
            network = self.update(network, losses.mean(), &Used::new());
        }
        self.rewards.remember(&pass.trajectory, |_| 0);
        network.observe(&pass.trajectory, &seen);
        self.network = FormulaNetwork::Routed(network);
        Ok(loss)
    }

    fn update<M: Module>(&mut self, network: M, loss: Tensor<1>, used: &Used) -> M {
        let (train, state) = (&self.spec.train, &mut self.optimizer);
        optimizer::step(network, &mut loss.backward(), train, 1.0, used, state)
    }

    fn finite(&self, which: &'static str, loss: Tensor<1>) -> Result<f32, ToyError> {
        ToyError::finite(self.step, which, loss.into_scalar::<f32>())
    }

    /// What the learner answers, without exploration.
    pub fn answer(&self, formulas: &[Formula]) -> Answers {
        let device = self.device.clone().inner();
        let noise = Noise::new(&self.streams, self.step);
        let network = self.network.valid();
        let mut all = Answers::default();
        for formulas in formulas.chunks(BATCH) {
            let (digits, trajectory) = match &network {
                FormulaNetwork::Routed(network) => {
                    let pass = network.forward(formulas, Mode::Greedy, &noise, &device);
                    (pass.digits, pass.trajectory)
                }
                FormulaNetwork::Recurrent(network) => {
                    (network.forward(formulas, &device), Trajectory::default())
                }
            };
            all.digits.extend(answers(&digits));
            all.paths.extend(paths(&trajectory, formulas.len(), self.spec.modules));
        }
        let right = all.digits.iter().zip(formulas).filter(|(a, f)| **a == f.value).count();
        all.accuracy = right as f64 / formulas.len() as f64;
        all
    }
}

/// −log of the right digit's probability. \[R\]
fn losses(digits: &Tensor<2>, formulas: &[Formula]) -> Tensor<1> {
    let values: Vec<u32> = formulas.iter().map(|formula| u32::from(formula.value)).collect();
    let right = digits.clone().gather(1, upload(&values, &digits.device()).unsqueeze_dim(1));
    -right.squeeze_dim::<1>(1).clamp_min(LEAST).log()
}

fn answers(digits: &Tensor<2>) -> Vec<u8> {
    digits.clone().argmax(1).to_data().iter::<i64>().map(|digit| digit as u8).collect()
}

fn paths(trajectory: &Trajectory, rows: usize, modules: usize) -> Vec<Vec<Option<(usize, u32)>>> {
    let mut paths = vec![Vec::new(); rows];
    for step in &trajectory.steps {
        let end = step.heads.action.dims()[1] - 1;
        for (row, &action) in step.actions.iter().enumerate().filter(|(row, _)| step.alive[*row]) {
            let action = action as usize;
            let decision = (action != end).then_some((action / modules, (action % modules) as u32));
            paths[row].push(decision);
        }
    }
    paths
}

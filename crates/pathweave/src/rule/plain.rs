//! Training of the benchmark's models in ordinary tensor operations, on any device, by any
//! optimizer.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use pathweave_data::Streams;
use pathweave_data::dataset::rules::RuleBatch;

use super::engine::{Engine, EngineState, Prediction, Update};
use super::layout::Layout;
use super::network::{Inputs, RuleNetwork, losses};
use super::shape::RuleShape;
use super::store;
use crate::spec::TrainSpec;
use crate::train::optimizer::{self, OptimizerState, Used};
use crate::train::{NamedArray, RestoreError};

/// A soft model of the benchmark and its optimizer.
#[derive(Debug)]
pub struct PlainEngine {
    shape: RuleShape,
    network: RuleNetwork,
    optimizer: OptimizerState,
    train: TrainSpec,
    updates: u64,
    device: Device,
}

impl PlainEngine {
    /// A fresh model, its initial values drawn from `train.seed`. `device` without autodiff.
    pub fn new(shape: &RuleShape, train: &TrainSpec, device: &Device) -> Self {
        let device = device.clone().autodiff();
        Self {
            network: RuleNetwork::new(shape, &Streams::new(train.seed), &device),
            shape: shape.clone(),
            optimizer: OptimizerState::default(),
            train: train.clone(),
            updates: 0,
            device,
        }
    }
}

impl PlainEngine {
    /// The mean loss of a batch and its gradient, before any clipping; nothing moves.
    pub fn gradient(&self, batch: &RuleBatch) -> (f64, Vec<NamedArray>) {
        let loss = self.loss(batch);
        let gradients = loss.backward();
        let arrays = store::gradients(&self.shape, &self.network, &gradients);
        (loss.into_scalar::<f64>(), arrays)
    }

    fn loss(&self, batch: &RuleBatch) -> Tensor<1> {
        let inputs = Inputs::new(batch, self.shape.rules, &self.device);
        let answer = self.network.forward(&inputs, None);
        losses(&self.shape, &answer.output, batch).mean()
    }
}

impl Engine for PlainEngine {
    fn shape(&self) -> &RuleShape {
        &self.shape
    }

    fn parameters(&self) -> u64 {
        Layout::new(&self.shape).len() as u64
    }

    fn step(&mut self, batch: &RuleBatch, update: &Update) -> f64 {
        if batch.rows() == 0 {
            return f64::NAN;
        }
        let loss = self.loss(batch);
        let value = loss.clone().into_scalar::<f64>();
        if !value.is_finite() {
            return value;
        }
        let mut gradients = loss.backward();
        if !store::finite(&self.network, &gradients) {
            return f64::NAN;
        }
        self.train.learning_rate = update.rate;
        self.train.clip_norm = update.clip_norm;
        let (network, used) = (self.network.clone(), Used::new());
        let state = &mut self.optimizer;
        self.network = optimizer::step(network, &mut gradients, &self.train, 1.0, &used, state);
        self.updates += 1;
        value
    }

    fn predict(&mut self, batch: &RuleBatch, into: &mut Prediction) {
        if batch.rows() == 0 {
            *into = Prediction::default();
            return;
        }
        let inputs = Inputs::new(batch, self.shape.rules, &self.device.clone().inner());
        store::answer(self.network.valid().forward(&inputs, None), into);
    }

    fn state(&self) -> EngineState {
        store::state(&self.shape, &self.network, &self.optimizer, self.updates)
    }

    fn restore(&mut self, state: &EngineState) -> Result<(), RestoreError> {
        let (network, optimizer) =
            store::restore(&self.shape, self.network.clone(), state, &self.device)?;
        (self.network, self.optimizer, self.updates) = (network, optimizer, state.updates);
        Ok(())
    }
}

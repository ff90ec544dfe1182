//! Spec of the optimisation.

use serde::{Deserialize, Serialize};

/// Optimizers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerKind {
    /// Stochastic gradient descent, with momentum where asked
    #[default]
    Sgd,
    /// Adam, epsilon 1e-8 (as PyTorch's default; Burn's is 1e-5)
    Adam,
    /// RMSprop, α 0.99, epsilon 1e-8
    Rmsprop,
}

impl OptimizerKind {
    /// Every optimizer with a line of explanation.
    pub const ALL: &'static [(OptimizerKind, &'static str, &'static str)] = &[
        (Self::Sgd, "sgd", "stochastic gradient descent, momentum optional"),
        (Self::Adam, "adam", "Adam, betas 0.9 and 0.999, epsilon 1e-8"),
        (Self::Rmsprop, "rmsprop", "RMSprop, alpha 0.99, epsilon 1e-8"),
    ];
}

/// Optimisation of modules and router (T 5.2.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainSpec {
    /// Seeds initial parameters, sample order and every choice
    pub seed: u64,
    /// Passes over the training samples
    pub epochs: u32,
    /// Samples a step
    pub batch: usize,
    /// Optimizer of everything but the router
    pub optimizer: OptimizerKind,
    /// Its learning rate
    pub learning_rate: f64,
    /// Optimizer of the router
    pub router_optimizer: OptimizerKind,
    /// Its learning rate; 0 means that of the modules
    pub router_learning_rate: f64,
    /// Momentum of SGD, in [0, 1)
    pub momentum: f64,
    /// L2 penalty on module weights
    pub weight_decay: f64,
    /// Epochs between step decays of both rates; 0 means never
    pub decay_every: u32,
    /// Factor of a step decay
    pub decay_factor: f64,
    /// Bound on the global norm of module gradients, and of router gradients; 0 means none
    pub clip_norm: f64,
    /// Epochs between evaluations; the last epoch is always evaluated
    pub evaluate_every: u32,
    /// Writes every decision of training, and of the evaluations in it
    pub record_routing: bool,
    /// Run, or file, whose recorded decisions are taken in place of the router's; empty for none
    pub replay: String,
    /// SHA-256 of that file in hexadecimal, filled in by the program: the file's content, not its
    /// place, is part of what the run is
    pub replay_sha256: String,
}

impl Default for TrainSpec {
    /// SGD at 0.01, divided by 10 every 20 epochs (T 5.2.3).
    ///
    /// # Deviations
    /// T names no batch size and no number of epochs for its image experiments: 100 and 50.
    fn default() -> Self {
        Self {
            seed: 0,
            epochs: 50,
            batch: 100,
            optimizer: OptimizerKind::Sgd,
            learning_rate: 0.01,
            router_optimizer: OptimizerKind::Sgd,
            router_learning_rate: 0.0,
            momentum: 0.0,
            weight_decay: 0.0,
            decay_every: 20,
            decay_factor: 0.1,
            clip_norm: 0.0,
            evaluate_every: 1,
            record_routing: false,
            replay: String::new(),
            replay_sha256: String::new(),
        }
    }
}

impl TrainSpec {
    /// Factor on both learning rates in an epoch, counted from 0.
    pub fn decay(&self, epoch: u64) -> f64 {
        match self.decay_every {
            0 => 1.0,
            every => self.decay_factor.powi((epoch / u64::from(every)) as i32),
        }
    }

    /// The router's rate before decay.
    pub fn router_rate(&self) -> f64 {
        if self.router_learning_rate > 0.0 { self.router_learning_rate } else { self.learning_rate }
    }
}

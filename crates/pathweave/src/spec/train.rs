//! Spec of the optimisation.

use serde::{Deserialize, Serialize};

use crate::train::{Curriculum, ModuleSplit};

/// Optimizers: those of T figure 7.12, with PyTorch's formulas and defaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerKind {
    /// Stochastic gradient descent, with momentum where asked
    #[default]
    Sgd,
    /// Averaged SGD
    Asgd,
    /// Adadelta; its learning rate is a factor, PyTorch's default is 1
    Adadelta,
    /// Adagrad
    Adagrad,
    /// Adam, epsilon 1e-8 (as PyTorch's default; Burn's is 1e-5)
    Adam,
    /// Adam with the infinity norm
    Adamax,
    /// RMSprop, α 0.99, epsilon 1e-8
    Rmsprop,
    /// Resilient backpropagation: signs only, the learning rate is the first step size
    Rprop,
}

impl OptimizerKind {
    /// Every optimizer with a line of explanation.
    pub const ALL: &'static [(OptimizerKind, &'static str, &'static str)] = &[
        (Self::Sgd, "sgd", "stochastic gradient descent, momentum optional"),
        (Self::Asgd, "asgd", "averaged SGD, lambda 1e-4, alpha 0.75, averages from step 1e6 on"),
        (Self::Adadelta, "adadelta", "Adadelta, rho 0.9, epsilon 1e-6; the rate is a factor"),
        (Self::Adagrad, "adagrad", "Adagrad, epsilon 1e-10"),
        (Self::Adam, "adam", "Adam, betas 0.9 and 0.999, epsilon 1e-8"),
        (Self::Adamax, "adamax", "Adamax, betas 0.9 and 0.999, epsilon 1e-8"),
        (Self::Rmsprop, "rmsprop", "RMSprop, alpha 0.99, epsilon 1e-8"),
        (Self::Rprop, "rprop", "Rprop, factors 0.5 and 1.2; the rate is the first step size"),
    ];
}

/// Optimisation of modules and router (T 5.2.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// Rule data: epochs without a better validation loss after which a run ends; 0 means that none
    /// ends early
    pub patience: u32,
    /// Writes every decision of training, and of the evaluations in it
    pub record_routing: bool,
    /// Sentence pairs: a curve of the test accuracy of each group, such as those of one construction
    /// (T 5.3.2.3)
    pub record_groups: bool,
    /// Run, or file, whose recorded decisions are taken in place of the router's; empty for none
    pub replay: String,
    /// SHA-256 of that file in hexadecimal, filled in by the program: the file's content, not its
    /// place, is part of what the run is
    pub replay_sha256: String,
    /// κ: a row's module loss is multiplied with (1 − exploratory decisions / decisions)^κ; 0 means
    /// that exploratory decisions count as others (T eq. 7.4)
    pub squash: f64,
    /// Share of the samples that train the modules, the others train the router; 1 means that all
    /// train both (T 7.4.3). Void where nothing is routed
    pub module_share: f32,
    /// When a sample is told which of the two it trains
    pub module_split: ModuleSplit,
    /// Epochs at the start in which the router is not updated (T 4.2)
    pub freeze_router_epochs: u32,
    /// Epochs at the start in which everything but the router is not updated (T 4.2)
    pub freeze_modules_epochs: u32,
    /// Epochs at the start that show the samples of `data.before` (T 5.3.3: from joint to nested);
    /// part of `epochs`
    pub before_epochs: u32,
    /// Which tasks are shown in the first epochs (T 4.2, 7.1.3)
    pub curriculum: Curriculum,
    /// How many epochs those are; void without a curriculum
    pub curriculum_epochs: u32,
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
            patience: 0,
            record_routing: false,
            record_groups: false,
            replay: String::new(),
            replay_sha256: String::new(),
            squash: 0.0,
            module_share: 1.0,
            module_split: ModuleSplit::default(),
            freeze_router_epochs: 0,
            freeze_modules_epochs: 0,
            before_epochs: 0,
            curriculum: Curriculum::default(),
            curriculum_epochs: 10,
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

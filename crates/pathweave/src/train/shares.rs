//! Which rows of a step train the modules, which the router, and how strongly (T 7.4.2, 7.4.3).

use burn::tensor::{Tensor, TensorData};
use pathweave_data::Streams;
use serde::{Deserialize, Serialize};

use super::optimizer::Owner;
use crate::spec::{CheckedSpec, ModelKind};
use crate::trajectory::{Rows, Seen, Trajectory};

/// When a sample is told whether it trains modules or router.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ModuleSplit {
    /// Anew at each step: every sample trains both in the long run
    #[default]
    EachStep,
    /// Once for the whole run, by its number: two parts that never mix
    BySample,
}

/// What each row of a step trains. Without switches every row trains both with weight 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shares {
    /// Factor of each row's module loss; 0 where it trains the router only. \[R\]
    modules: Option<Vec<f32>>,
    /// Rows that the mean module loss is taken over
    module_rows: usize,
    /// Whether a row trains the router. \[R\]
    router: Option<Vec<bool>>,
}

impl Shares {
    /// Of a step's decisions.
    ///
    /// # Deviations
    /// - Eq. 7.4 calls α_exp a "factor to the learning rate" of a trajectory. A batch has one
    ///   learning rate for all its trajectories, so α_exp multiplies each row's module loss: for
    ///   plain SGD the same thing.
    /// - T 7.4.3 splits "the training data into a part for training the transformations, and a part
    ///   to train the router"; figure 7.11 calls it "stochastic" and gives no scheme. Both readings
    ///   exist: `train.module_split = "each-step"` (default, the figure's title) draws for each row
    ///   of each step, `"by-sample"` divides the samples once (the text's words). With
    ///   `train.module_share = 1` all samples train both, as the figure's "full data".
    /// - Under a split, modules learn the mean over the rows that train them, and the router over
    ///   its own, as if the parts were batches of their own. A part without rows leaves its owner as
    ///   it is. Running averages of the batch norm take all rows.
    /// - A decision that is trained by the module loss through a gate learns from the rows that
    ///   train the modules.
    pub(crate) fn of(
        spec: &CheckedSpec,
        trajectory: &Trajectory,
        rows: &Rows,
        (streams, step): (&Streams, u64),
    ) -> Self {
        let train = &spec.train;
        let split = train.module_share < 1.0 && spec.model.kind == ModelKind::Routed;
        let mut shares = Self { module_rows: rows.len(), ..Self::default() };
        if train.squash > 0.0 {
            shares.modules = Some(squash(trajectory, train.squash));
        }
        if split {
            let draws = draws(train.module_split, rows, streams, step);
            let trains: Vec<bool> = draws.iter().map(|&draw| draw < train.module_share).collect();
            let weights = shares.modules.get_or_insert_with(|| vec![1.0; trains.len()]);
            for (weight, &trains) in weights.iter_mut().zip(&trains) {
                *weight *= f32::from(trains);
            }
            shares.module_rows = trains.iter().filter(|trains| **trains).count();
            shares.router = Some(trains.iter().map(|trains| !trains).collect());
        }
        shares
    }

    /// Whether a row trains the modules.
    pub(crate) fn trains_modules(&self, row: usize) -> bool {
        self.modules.as_ref().is_none_or(|weights| weights[row] > 0.0)
    }

    /// Whether a row trains the router.
    pub(crate) fn trains_router(&self, row: usize) -> bool {
        self.router.as_ref().is_none_or(|trains| trains[row])
    }

    fn anyone_trains_modules(&self) -> bool {
        self.modules.as_ref().is_none_or(|weights| weights.iter().any(|&weight| weight > 0.0))
    }

    fn anyone_trains_router(&self) -> bool {
        self.router.as_ref().is_none_or(|trains| trains.contains(&true))
    }

    /// Whose parameters a step in this epoch leaves alone: warm-ups (T 4.2), and who got no row to
    /// learn from.
    pub(crate) fn frozen(&self, spec: &CheckedSpec, epoch: f64) -> Vec<Owner> {
        let train = &spec.train;
        let warming = |epochs: u32| epoch < f64::from(epochs);
        let reached = self.anyone_trains_modules() || spec.router.gradient_to_modules;
        let mut frozen = Vec::new();
        if warming(train.freeze_modules_epochs) || !reached {
            frozen.push(Owner::Modules);
        }
        if warming(train.freeze_router_epochs) || !self.anyone_trains_router() {
            frozen.push(Owner::Router);
        }
        frozen
    }

    /// Takes the rows that do not train the router out of what its algorithms learn from.
    pub(crate) fn mask(&self, seen: &mut [Seen]) {
        for seen in seen {
            seen.alive = self.router_rows(seen.alive.clone());
        }
    }

    /// Mean over the rows that train the modules, each with its factor. \[R\] → \[1\]
    pub(crate) fn module_loss(&self, losses: Tensor<1>) -> Tensor<1> {
        match &self.modules {
            None => losses.mean(),
            Some(weights) => {
                let count = self.module_rows.max(1) as f32;
                let weights = weights.iter().map(|weight| weight / count).collect();
                let weights = upload(weights, &losses);
                (losses * weights).sum()
            }
        }
    }

    /// The losses of the rows that train the router, 0 for the others. \[R\]
    pub(crate) fn router_rows(&self, losses: Tensor<1>) -> Tensor<1> {
        match &self.router {
            None => losses,
            Some(trains) => {
                let flags = trains.iter().map(|&trains| f32::from(trains)).collect();
                let flags = upload(flags, &losses);
                losses * flags
            }
        }
    }

    /// Mean over the rows that train the router; the losses of others are 0. \[R\] → \[1\]
    pub(crate) fn router_loss(&self, losses: Tensor<1>) -> Tensor<1> {
        match &self.router {
            None => losses.mean(),
            Some(trains) => {
                let count = trains.iter().filter(|trains| **trains).count();
                losses.sum() / count.max(1) as f64
            }
        }
    }
}

/// α_exp = (1 − exploratory decisions / decisions)^κ of each row (T eq. 7.4). \[R\]
fn squash(trajectory: &Trajectory, kappa: f64) -> Vec<f32> {
    let mut exploratory = vec![0u32; trajectory.agents.len()];
    for step in &trajectory.steps {
        let flags = step.choice.exploratory.to_data();
        for (row, flag) in flags.iter::<bool>().enumerate() {
            exploratory[row] += u32::from(flag && step.alive[row]);
        }
    }
    let factor = |(explored, length): (u32, u32)| {
        let greedy = 1.0 - f64::from(explored) / f64::from(length.max(1));
        greedy.powf(kappa) as f32
    };
    exploratory.into_iter().zip(trajectory.lengths()).map(factor).collect()
}

/// A number in [0, 1) for each row. \[R\]
fn draws(split: ModuleSplit, rows: &Rows, streams: &Streams, step: u64) -> Vec<f32> {
    match split {
        ModuleSplit::EachStep => {
            let mut draws = vec![0.0; rows.len()];
            streams.stream("train/split", step).fill_uniform(&mut draws);
            draws
        }
        ModuleSplit::BySample => {
            let draw = |&sample: &u64| streams.stream("train/split-by-sample", sample).uniform();
            rows.samples.iter().map(draw).collect()
        }
    }
}

fn upload(values: Vec<f32>, like: &Tensor<1>) -> Tensor<1> {
    let rows = values.len();
    Tensor::from_data(TensorData::new(values, [rows]), &like.device())
}

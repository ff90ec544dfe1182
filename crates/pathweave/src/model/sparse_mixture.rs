//! Sparse mixture: a gate picks a few modules for each row, only they run, and their outputs are
//! summed with the gate's weights (T 2.2; Shazeer et al. 2017; Fedus et al. 2021).

use burn::module::{Module, Param};
use burn::tensor::{IndexingUpdateOp, Int, Tensor};

use super::switch::{Statistics, SwitchSpec, mean_of_rows};
use super::top_k::TopKSpec;
use crate::bank::Bank;
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::Policy;
use crate::router::Sight;
use crate::train::optimizer::Used;
use crate::trajectory::{Rows, Site, upload};

/// How a gate's numbers become a few weights.
#[derive(Clone, Debug, PartialEq)]
pub enum Gating {
    /// The k best after noise, softmax among them
    TopK(TopKSpec),
    /// The best, with its probability
    Switch(SwitchSpec),
}

impl Gating {
    /// Numbers a gate computes for M modules.
    pub fn columns(&self, modules: usize) -> usize {
        match self {
            Self::TopK(spec) => spec.columns(modules),
            Self::Switch(_) => modules,
        }
    }
}

/// What a gate made of a batch at one depth; K modules a row.
pub(super) struct Gated {
    /// [R, K]
    pub chosen: Tensor<2, Int>,
    /// What the modules' outputs are multiplied with. [R, K]
    pub weights: Tensor<2>,
    /// Balancing loss of the batch, in training. \[1\]
    pub auxiliary: Option<Tensor<1>>,
}

/// What a sparse mixture made of a batch.
#[derive(Clone, Debug)]
pub struct SparseOutput {
    /// [R, out]
    pub h: Tensor<2>,
    /// Weights a depth, zero for modules that did not run; one for the module that a switch chose.
    /// Without gradient. [R, M]
    pub weights: Vec<Tensor<2>>,
    /// Sum over depths of the balancing losses, in training, where there are some. \[1\]
    pub auxiliary: Option<Tensor<1>>,
}

/// The sparse twin of [`super::SoftMixture`].
///
/// # Deviations
/// - The gate of a sparse mixture sees what a sub-router would see: the activation without
///   gradient, unless `router.gradient_to_modules` is set. The gates of Shazeer et al. 2017 and
///   Fedus et al. 2021 pass their gradient on to the layers before.
#[derive(Module, Debug)]
pub struct SparseMixture {
    /// One a depth. Named so that the router's optimizer owns it.
    pub gates: Vec<Policy>,
    /// One a depth
    pub banks: Vec<Bank>,
    /// Running mean of each module's share of rows, one a depth, where a switch's loss needs them.
    /// \[M\]
    pub shares: Vec<Param<Tensor<1>>>,
    #[module(skip)]
    sight: Sight,
    #[module(skip)]
    gating: Gating,
}

impl SparseMixture {
    /// `sight` shows the gates what it would show sub-routers; a gate computes
    /// [`Gating::columns`] numbers.
    pub fn new(
        gates: Vec<Policy>,
        banks: Vec<Bank>,
        sight: Sight,
        gating: Gating,
        init: &Init,
    ) -> Self {
        assert_eq!(gates.len(), banks.len(), "a gate for each bank");
        let share = |bank: &Bank| init.state([bank.modules()], 1.0 / bank.modules() as f32);
        let shares = match &gating {
            Gating::Switch(spec) if spec.statistics == Statistics::Global => {
                banks.iter().map(share).collect()
            }
            _ => Vec::new(),
        };
        Self { gates, banks, shares, sight, gating }
    }

    /// y = Σ_{m chosen} w_m f_m(h) at each depth; modules that were not chosen do not run.
    /// [R, in] → [R, out]. Noise, jitter and balancing losses are there where `training`.
    pub fn forward(
        &self,
        mut h: Tensor<2>,
        rows: &Rows,
        training: bool,
        noise: &Noise,
    ) -> SparseOutput {
        let agents = self.sight.dispatcher.assign(rows).expect("mixtures go by given labels");
        if rows.is_empty() {
            return self.of_no_rows(h);
        }
        let agents = upload(&agents, &h.device());
        let (mut weights, mut auxiliary) = (Vec::with_capacity(self.banks.len()), None);
        for (depth, bank) in self.banks.iter().enumerate() {
            let site = self.sight.site(depth, agents.clone(), rows, &h);
            let gated = self.gate(depth, site, training, noise);
            weights.push(self.logged(&gated, bank.modules()));
            h = combine(bank, h, &gated.chosen, gated.weights);
            auxiliary = match (auxiliary, gated.auxiliary) {
                (Some(sum), Some(loss)) => Some(sum + loss),
                (sum, loss) => sum.or(loss),
            };
        }
        SparseOutput { h, weights, auxiliary }
    }

    /// Nothing to choose and nothing to balance. [0, in] → [0, out]
    fn of_no_rows(&self, h: Tensor<2>) -> SparseOutput {
        let (device, none) = (h.device(), upload(&[], &h.device()));
        let weights = self.banks.iter().map(|bank| Tensor::zeros([0, bank.modules()], &device));
        let weights = weights.collect();
        let h = self.banks.iter().fold(h, |h, bank| bank.apply(h, &none));
        SparseOutput { h, weights, auxiliary: None }
    }

    fn gate(&self, depth: usize, mut site: Site, training: bool, noise: &Noise) -> Gated {
        let modules = self.banks[depth].modules();
        match &self.gating {
            Gating::TopK(spec) => {
                let name = format!("gate/{depth}/noise");
                let train = training.then_some((noise, name.as_str()));
                spec.gate(self.gates[depth].forward(&site), modules, train)
            }
            Gating::Switch(spec) => {
                if training && spec.jitter > 0.0 {
                    let name = format!("gate/{depth}/jitter");
                    site.state = site.state.map(|state| {
                        let [rows, width] = state.dims();
                        let uniform = noise.uniform(&name, rows, width, &state.device());
                        state * ((uniform * 2.0 - 1.0) * spec.jitter + 1.0)
                    });
                }
                let shares = self.shares.get(depth).map(|shares| shares.val().detach());
                spec.gate(self.gates[depth].forward(&site), shares, training)
            }
        }
    }

    /// What a routing log is told. [R, M]
    fn logged(&self, gated: &Gated, modules: usize) -> Tensor<2> {
        let Gated { chosen, weights, .. } = gated;
        match &self.gating {
            Gating::Switch(_) => one_hot(chosen, modules),
            Gating::TopK(_) => {
                let none = Tensor::zeros([weights.dims()[0], modules], &weights.device());
                none.scatter(1, chosen.clone(), weights.clone().detach(), IndexingUpdateOp::Add)
            }
        }
    }

    /// Moves the running shares towards those of a step; `weights` are the step's
    /// [`SparseOutput::weights`].
    pub fn observe(&mut self, weights: &[Tensor<2>]) {
        let Gating::Switch(spec) = &self.gating else { return };
        for (shares, weights) in self.shares.iter_mut().zip(weights) {
            if weights.dims()[0] > 0 {
                let f = mean_of_rows(weights.clone().detach());
                *shares = shares.clone().map(|before| spec.moved(before.detach(), f));
            }
        }
    }

    /// Which modules ran, for [`crate::train::optimizer::step`].
    pub fn used(&self, weights: &[Tensor<2>]) -> Used {
        let mut used = Used::new();
        for (bank, weights) in self.banks.iter().zip(weights) {
            let most = weights.clone().sum_dim(0).to_data();
            let chosen: Vec<bool> = most.iter::<f32>().map(|most| most > 0.0).collect();
            bank.mark(&chosen, &mut used);
        }
        used
    }

    /// The same mixture with fewer depths.
    pub(crate) fn first(&self, depths: usize) -> Self {
        let (gates, banks) = (self.gates[..depths].to_vec(), self.banks[..depths].to_vec());
        let shares = self.shares.iter().take(depths).cloned().collect();
        Self { gates, banks, shares, ..self.clone() }
    }
}

/// Σ_k w_k f_{c_k}(h): the pairs of row and chosen module are the rows of one grouped product.
/// [R, in], [R, K], [R, K] → [R, out]
fn combine(bank: &Bank, h: Tensor<2>, chosen: &Tensor<2, Int>, weights: Tensor<2>) -> Tensor<2> {
    let ([rows, slots], width) = (chosen.dims(), h.dims()[1]);
    let pairs = match slots {
        1 => h,
        _ => h.unsqueeze_dim::<3>(1).expand([rows, slots, width]).reshape([rows * slots, width]),
    };
    let y = bank.apply(pairs, &chosen.clone().reshape([rows * slots]));
    let output = y.dims()[1];
    let y = y.reshape([rows, slots, output]) * weights.unsqueeze_dim::<3>(2);
    y.sum_dim(1).squeeze_dim::<2>(1)
}

/// Columns of the `count` largest numbers of each row, in falling order, ties to the first.
/// [R, M] → [R, count]
pub(super) fn best(mut values: Tensor<2>, count: usize) -> Tensor<2, Int> {
    let columns = Tensor::<1, Int>::arange(0..values.dims()[1] as i64, &values.device());
    let columns = columns.unsqueeze::<2>();
    let mut picked = Vec::with_capacity(count);
    for _ in 0..count {
        let at = values.clone().argmax(1);
        values = values.mask_fill(columns.clone().equal(at.clone()), f32::NEG_INFINITY);
        picked.push(at);
    }
    Tensor::cat(picked, 1)
}

/// 1 where a module is chosen. [R, 1] → [R, M]
pub(super) fn one_hot(chosen: &Tensor<2, Int>, modules: usize) -> Tensor<2> {
    let columns = Tensor::<1, Int>::arange(0..modules as i64, &chosen.device());
    columns.unsqueeze::<2>().equal(chosen.clone()).float()
}

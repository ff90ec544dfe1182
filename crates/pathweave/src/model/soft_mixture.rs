//! Soft mixture: every module runs, their outputs are summed with softmax weights (T 2.2, 5.2.3).

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use crate::bank::Bank;
use crate::policy::{self, Policy};
use crate::router::Sight;
use crate::train::optimizer::Used;
use crate::trajectory::{Rows, upload};

/// The soft twin of a routed layer: same banks, a gate where the router was.
#[derive(Module, Debug)]
pub struct SoftMixture {
    /// One a depth. Named so that the router's optimizer owns it.
    pub gates: Vec<Policy>,
    /// One a depth
    pub banks: Vec<Bank>,
    #[module(skip)]
    sight: Sight,
}

impl SoftMixture {
    /// `sight` shows the gates what it would show sub-routers; its dispatcher goes by given labels.
    pub fn new(gates: Vec<Policy>, banks: Vec<Bank>, sight: Sight) -> Self {
        assert_eq!(gates.len(), banks.len(), "a gate for each bank");
        Self { gates, banks, sight }
    }

    /// y = Σ_m softmax(g)_m f_m(h) at each depth. [R, in] → ([R, out], weights [R, M] a depth)
    pub fn forward(&self, mut h: Tensor<2>, rows: &Rows) -> (Tensor<2>, Vec<Tensor<2>>) {
        let agents = self.sight.dispatcher.assign(rows).expect("mixtures go by given labels");
        let agents = upload(&agents, &h.device());
        let mut weights = Vec::with_capacity(self.banks.len());
        for (depth, (gate, bank)) in self.gates.iter().zip(&self.banks).enumerate() {
            let site = self.sight.site(depth, agents.clone(), rows, &h);
            let weight = activation::softmax(gate.forward(&site), 1);
            // [M, R, out] weighted by [M, R, 1]
            let all = bank.apply_all(h);
            h = (all * weight.clone().transpose().unsqueeze_dim::<3>(2))
                .sum_dim(0)
                .squeeze_dim::<2>(0);
            weights.push(weight.detach());
        }
        (h, weights)
    }

    /// Which agents' gates saw a row, for [`crate::train::optimizer::step`].
    pub fn used(&self, rows: &Rows) -> Used {
        let mut used = Used::new();
        let agents = self.sight.dispatcher.assign(rows).expect("mixtures go by given labels");
        for gate in &self.gates {
            policy::mark(gate, (0, 1), &agents, &mut used);
        }
        used
    }

    /// The same mixture without its last layers.
    pub(crate) fn first(&self, depths: usize) -> Self {
        let (gates, banks) = (self.gates[..depths].to_vec(), self.banks[..depths].to_vec());
        Self { gates, banks, sight: self.sight }
    }
}

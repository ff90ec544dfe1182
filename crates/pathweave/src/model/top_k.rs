//! Noisy top-k gating with its two balancing losses (Shazeer et al. 2017, section 2.1, section 4,
//! appendix A).

use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

use super::sparse_mixture::{Gated, best};
use crate::noise::Noise;

/// Added to the spread of the noise, so that the load's quotient stays finite.
const LEAST_SPREAD: f64 = 1e-2;
/// Added to the squared mean under the variance, so that an empty batch has no variation.
const LEAST_MEAN: f64 = 1e-10;

/// Settings of noisy top-k gating.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TopKSpec {
    /// k, modules that run for a row; all of a bank that has fewer
    pub k: usize,
    /// Adds learned noise to the gate in training (eq. 4)
    pub noise: bool,
    /// Weight of the importance loss (eq. 7); 0 leaves it out
    pub importance: f32,
    /// Weight of the load loss (eq. 11), which needs the noise; 0 leaves it out
    pub load: f32,
}

impl Default for TopKSpec {
    /// Weights 0.1, as in the authors' language models.
    fn default() -> Self {
        Self { k: 2, noise: true, importance: 0.1, load: 0.1 }
    }
}

impl TopKSpec {
    /// Numbers a gate computes for M modules: clean scores, then those of the noise's spread.
    pub fn columns(&self, modules: usize) -> usize {
        if self.noise { 2 * modules } else { modules }
    }

    /// What is wrong with these settings: key below `model.top_k`, value, allowed.
    pub(crate) fn faults(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut faults = Vec::new();
        let natural = |value: f32| value >= 0.0 && value.is_finite();
        if self.k == 0 {
            faults.push(("k", "0".into(), "a whole number of at least 1"));
        }
        if !natural(self.importance) {
            faults.push(("importance", self.importance.to_string(), "a number of at least 0"));
        }
        if !natural(self.load) {
            faults.push(("load", self.load.to_string(), "a number of at least 0"));
        } else if self.load > 0.0 && !self.noise {
            let allowed = "0 unless model.top_k.noise = true: without noise the load has no \
                           gradient";
            faults.push(("load", self.load.to_string(), allowed));
        }
        faults
    }

    /// G(x) = softmax(keep-top-k(H(x), k)), H(x) = x·W_g + normal · (softplus(x·W_noise) + 0.01)
    /// (eqs. 3 to 5). `columns` [R, M], or [R, 2M] with noise → weights of k modules.
    ///
    /// Noise and losses are there in training only, which `train` brings with the name of the
    /// site's random streams.
    ///
    /// # Deviations
    /// - The gate is the policy that a sub-router would have, a table or a perceptron, whose second
    ///   half of outputs is the noise's spread; Shazeer et al. take two linear maps that start at
    ///   zero.
    /// - 0.01 is added to the softplus of the noise's spread (eq. 4 has no such term), as in the
    ///   authors' published code: the quotient of eq. 9 stays finite.
    /// - A bank with fewer than k modules runs all of them; the load loss is then left out, since
    ///   every module has every row.
    pub(super) fn gate(
        &self,
        columns: Tensor<2>,
        modules: usize,
        train: Option<(&Noise, &str)>,
    ) -> Gated {
        let k = self.k.min(modules);
        let clean = columns.clone().narrow(1, 0, modules);
        let Some((noise, site)) = train else {
            let chosen = best(clean.clone().detach(), k);
            let weights = activation::softmax(clean.gather(1, chosen.clone()), 1);
            return Gated { chosen, weights, auxiliary: None };
        };
        let spread = self
            .noise
            .then(|| activation::softplus(columns.narrow(1, modules, modules), 1.0) + LEAST_SPREAD);
        let scores = match &spread {
            Some(spread) => {
                let rows = clean.dims()[0];
                let normal = noise.normal(site, rows, modules, &clean.device());
                clean.clone() + normal * spread.clone()
            }
            None => clean.clone(),
        };
        let order = best(scores.clone().detach(), (k + 1).min(modules));
        let chosen = order.clone().narrow(1, 0, k);
        let weights = activation::softmax(scores.clone().gather(1, chosen.clone()), 1);

        let mut auxiliary: Option<Tensor<1>> = None;
        let mut add = |loss: Tensor<1>| {
            auxiliary = Some(match auxiliary.take() {
                Some(sum) => sum + loss,
                None => loss,
            });
        };
        if self.importance > 0.0 {
            let gates = clean.zeros_like().scatter(
                1,
                chosen.clone(),
                weights.clone(),
                burn::tensor::IndexingUpdateOp::Add,
            );
            add(variation(gates) * self.importance);
        }
        if let (Some(spread), true) = (spread, self.load > 0.0 && k < modules) {
            let kept = scores.clone().gather(1, order.clone().narrow(1, k - 1, 1));
            let next = scores.clone().gather(1, order.narrow(1, k, 1));
            add(variation(staying(clean, scores, kept, next, spread)) * self.load);
        }
        Gated { chosen, weights, auxiliary }
    }
}

/// P(x, i): the probability that module i is among the k best when its own noise is drawn anew
/// (eqs. 8, 9): Φ((clean − kth_excluding(scores, k, i)) / spread). Without itself, the k-th best is
/// the next one for a module that is kept, and the last one kept for the others.
/// [R, M] thrice, last kept and first left out [R, 1] → [R, M]
fn staying(
    clean: Tensor<2>,
    scores: Tensor<2>,
    kept: Tensor<2>,
    next: Tensor<2>,
    spread: Tensor<2>,
) -> Tensor<2> {
    let shape = clean.dims();
    let inside = scores.detach().greater_equal(kept.clone().detach().expand(shape));
    let threshold = kept.expand(shape).mask_where(inside, next.expand(shape));
    ((clean - threshold) / spread * std::f64::consts::FRAC_1_SQRT_2).erf() * 0.5 + 0.5
}

/// CV², the squared coefficient of variation of the columns' sums (eqs. 6, 7, 10, 11): variance
/// over squared mean. [R, M] → \[1\]
fn variation(shares: Tensor<2>) -> Tensor<1> {
    let modules = shares.dims()[1];
    let sums = shares.sum_dim(0).reshape([modules]);
    let mean = sums.clone().mean();
    let variance = (sums - mean.clone()).square().mean();
    variance / (mean.square() + LEAST_MEAN)
}

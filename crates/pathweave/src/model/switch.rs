//! Switch gating: one module a row, times its probability, and the loss that balances the modules
//! (Fedus et al. 2021, section 2).

use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

use super::sparse_mixture::{Gated, best, one_hot};

/// Over what the modules' shares of rows are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Statistics {
    /// The batch of the step (Fedus et al. 2021, eq. 5)
    #[default]
    Batch,
    /// All steps, as a running mean (after Qiu et al. 2025)
    Global,
}

/// Settings of switch gating.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SwitchSpec {
    /// α, weight of the balancing loss; 0 leaves it out
    pub balance: f32,
    /// Over what shares are counted
    pub statistics: Statistics,
    /// Part of a step's shares in the running mean of `statistics = "global"`, in (0, 1]
    pub rate: f32,
    /// ε: in training the gate's input is multiplied by uniform numbers in 1 ± ε; 0 leaves it out
    pub jitter: f32,
}

impl Default for SwitchSpec {
    /// α = 0.01, as Fedus et al.; no jitter.
    fn default() -> Self {
        Self { balance: 0.01, statistics: Statistics::default(), rate: 0.1, jitter: 0.0 }
    }
}

impl SwitchSpec {
    /// What is wrong with these settings: key below `model.switch`, value, allowed.
    pub(crate) fn faults(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut faults = Vec::new();
        if !(self.balance >= 0.0 && self.balance.is_finite()) {
            faults.push(("balance", self.balance.to_string(), "a number of at least 0"));
        }
        if !(self.rate > 0.0 && self.rate <= 1.0) {
            faults.push(("rate", self.rate.to_string(), "a number above 0, at most 1"));
        }
        if !(0.0..1.0).contains(&self.jitter) {
            faults.push(("jitter", self.jitter.to_string(), "a number from 0 to below 1"));
        }
        faults
    }

    /// The module of largest p = softmax(logits), its output times p (eqs. 1, 2), and in training
    /// α · M · Σ_i f_i P_i (eqs. 4 to 6): f the shares of rows, P the mean probabilities, which
    /// alone carry gradient. `logits` [R, M]; `shares` \[M\] is the running mean of f before this
    /// step where that is what counts.
    ///
    /// # Deviations
    /// - There is no expert capacity: every row is computed by the module it chose and none is
    ///   dropped (Fedus et al. 2021, section 2.1, drop rows beyond a fixed number a module, which
    ///   their hardware needs).
    /// - `statistics = "global"`: Qiu et al. 2025 count f over all parts of one global batch; here
    ///   it is a running mean over steps that starts balanced, at 1/M.
    /// - The jitter multiplies all that the gate sees, one-hots included.
    pub(super) fn gate(
        &self,
        logits: Tensor<2>,
        shares: Option<Tensor<1>>,
        training: bool,
    ) -> Gated {
        let modules = logits.dims()[1];
        let p = activation::softmax(logits, 1);
        let chosen = best(p.clone().detach(), 1);
        let weights = p.clone().gather(1, chosen.clone());
        let auxiliary = (training && self.balance > 0.0).then(|| {
            let f = mean_of_rows(one_hot(&chosen, modules));
            let f = match shares {
                Some(before) => self.moved(before, f),
                None => f,
            };
            let mean_p = mean_of_rows(p);
            (f * mean_p).sum() * (f64::from(self.balance) * modules as f64)
        });
        Gated { chosen, weights, auxiliary }
    }

    /// The running mean of shares after a step with the shares f. \[M\]
    pub(super) fn moved(&self, before: Tensor<1>, f: Tensor<1>) -> Tensor<1> {
        before * (1.0 - self.rate) + f * self.rate
    }
}

/// [R, M] → \[M\]; zeros without rows.
pub(super) fn mean_of_rows(values: Tensor<2>) -> Tensor<1> {
    let [rows, columns] = values.dims();
    values.sum_dim(0).reshape([columns]) / rows.max(1) as f64
}

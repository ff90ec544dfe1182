//! What policy gradients subtract from the return, shared by the variants of REINFORCE
//! (T 3.1.3.2, last paragraph).

use burn::module::Param;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::trajectory::{Heads, Seen};

/// What is subtracted from the return.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// Nothing
    None,
    /// Running mean of returns: b ← (1 − α) b + α G (T figure 3.2)
    #[default]
    RunningMean,
    /// A state value V(s) learned beside the policy
    Value,
}

impl Baseline {
    /// Columns that the policy needs beside the logits.
    pub(super) fn columns(self) -> usize {
        usize::from(self == Self::Value)
    }

    /// G − b, constant \[R\], and (V − G)² \[R\] where b = V is learned.
    pub(super) fn advantage(
        self,
        now: &Heads,
        seen: &Seen,
        mean_return: &Param<Tensor<1>>,
    ) -> (Tensor<1>, Option<Tensor<1>>) {
        let returns = seen.returns.clone();
        match (self, &now.critic) {
            (Self::Value, Some(v)) => {
                let loss = (v.clone() - returns.clone()).square();
                (returns - v.clone().detach(), Some(loss))
            }
            (Self::RunningMean, _) => (returns - mean_return.val().detach(), None),
            _ => (returns, None),
        }
    }

    /// The running mean one step of α nearer to the batch's mean return; other baselines have none.
    pub(super) fn moved(self, mean: Param<Tensor<1>>, alpha: f32, seen: &Seen) -> Param<Tensor<1>> {
        if self != Self::RunningMean {
            return mean;
        }
        let count = seen.alive.clone().sum();
        // Without a living row the mean stays: 0/1 is added with weight 0.
        let weight = count.clone().clamp(0.0, 1.0) * alpha;
        let batch = (seen.returns.clone() * seen.alive.clone()).sum() / count.clamp_min(1.0);
        mean.map(|old| {
            let kept = (-weight.clone() + 1.0) * old;
            kept + weight * batch
        })
    }
}

/// `loss` + c · `value_loss`, where there is one. \[R\]
pub(super) fn with_value(loss: Tensor<1>, value_loss: Option<Tensor<1>>, c: f32) -> Tensor<1> {
    match value_loss {
        Some(value_loss) => loss + value_loss * c,
        None => loss,
    }
}
